// SPDX-License-Identifier: Apache-2.0
//
// The commands of LMTP, one function each, and what they take.
// Pure. Rules: RFC 2033 section 4; RFC 5321 section 4.1; RFC 1870, 6152 and 6531 for the parameters of MAIL.

extension LMTPDialogue {
    /// Carries out one command line, without its end.
    mutating func obey(_ line: ArraySlice<UInt8>) {
        let verb = line.prefix { $0 != 0x20 }
        let rest = line[verb.endIndex...].drop { $0 == 0x20 }
        switch String(decoding: verb, as: UTF8.self).uppercased() {
        case "LHLO": greet(rest)
        case "MAIL": beginTransaction(rest)
        case "RCPT": addRecipient(rest)
        case "DATA": beginMessage(rest)
        case "RSET": reset()
        case "NOOP": say("250 2.0.0 Fine")
        case "VRFY": say("252 2.1.5 Send it and see")
        case "QUIT": end("221 2.0.0 Goodbye")
        case "HELO", "EHLO": complain("500 5.5.1 This is LMTP: say LHLO")
        case "EXPN", "HELP", "TURN", "ETRN", "BDAT", "AUTH", "STARTTLS": complain("502 5.5.1 Not offered")
        default: complain("500 5.5.2 Unknown command")
        }
    }

    private mutating func greet(_ name: ArraySlice<UInt8>) {
        guard !name.isEmpty else { return complain("501 5.5.4 Say who you are: LHLO name") }
        transaction = nil
        isGreeted = true
        let offers = [
            "PIPELINING", "ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8", "SIZE \(limits.message)",
        ]
        say("250-\(host)")
        for offer in offers.dropLast() { say("250-\(offer)") }
        if let last = offers.last { say("250 \(last)") }
    }

    private mutating func reset() {
        transaction = nil
        say("250 2.0.0 Forgotten")
    }

    private mutating func beginTransaction(_ rest: ArraySlice<UInt8>) {
        guard isGreeted else { return complain("503 5.5.1 Say LHLO first") }
        guard transaction == nil else { return complain("503 5.5.1 There is a sender already") }
        guard let (path, parameters) = LMTPPath.read(rest, after: "FROM:") else {
            return complain("501 5.5.4 Say MAIL FROM:<address>")
        }
        var isInternational = false
        for parameter in parameters {
            let (key, value) = LMTPPath.split(parameter)
            switch (key, value) {
            case ("BODY", "7BIT"), ("BODY", "8BITMIME"): break
            case ("SMTPUTF8", nil): isInternational = true
            case ("SIZE", let text?):
                guard let size = LMTPPath.number(text) else { return complain("501 5.5.4 SIZE is no number") }
                guard size <= limits.message else {
                    return say("552 5.3.4 The message is larger than \(limits.message) bytes")
                }
            default: return complain("555 5.5.4 Unknown parameter")
            }
        }
        guard LMTPPath.isFit(path, isInternational: isInternational) else {
            return complain("553 5.1.7 Not an address")
        }
        transaction = Transaction(isInternational: isInternational)
        say("250 2.1.0 Sender noted")
    }

    private mutating func addRecipient(_ rest: ArraySlice<UInt8>) {
        guard let transaction else { return complain("503 5.5.1 Say MAIL first") }
        guard let (path, parameters) = LMTPPath.read(rest, after: "TO:") else {
            return complain("501 5.5.4 Say RCPT TO:<address>")
        }
        guard parameters.isEmpty else { return complain("555 5.5.4 Unknown parameter") }
        guard !path.isEmpty, LMTPPath.isFit(path, isInternational: transaction.isInternational) else {
            return complain("553 5.1.3 Not an address")
        }
        guard transaction.recipients.count < limits.recipients else {
            return say("452 4.5.3 Too many recipients; send the message again for the rest")
        }
        self.transaction?.recipients.append(String(decoding: path, as: UTF8.self))
        say("250 2.1.5 Recipient noted")
    }

    private mutating func beginMessage(_ rest: ArraySlice<UInt8>) {
        guard rest.isEmpty else { return complain("501 5.5.4 DATA takes nothing") }
        guard transaction?.recipients.isEmpty == false else {
            return complain("503 5.5.1 There is no recipient")
        }
        beginData()
    }
}

/// The arguments of MAIL and RCPT.
enum LMTPPath {
    /// The longest address; RFC 5321 section 4.5.3.1 says 256 and servers send more.
    static let longest = 1024

    /// Cuts `FROM:<path> parameter parameter`.
    ///
    /// - Returns: What stands between the angle brackets and what follows, or `nil` when that is not the form. A space
    ///   before the bracket is borne; a bracket in quotes belongs to the address.
    static func read(
        _ rest: ArraySlice<UInt8>,
        after keyword: String
    ) -> (path: ArraySlice<UInt8>, parameters: [ArraySlice<UInt8>])? {
        let head = String(decoding: rest.prefix(keyword.utf8.count), as: UTF8.self)
        guard head.uppercased() == keyword else { return nil }
        let text = rest.dropFirst(keyword.utf8.count).drop { $0 == 0x20 }
        guard text.first == UInt8(ascii: "<"), let end = closingBracket(text) else { return nil }
        let path = text[(text.startIndex + 1)..<end]
        let tail = text[(end + 1)...]
        guard tail.isEmpty || tail.first == 0x20 else { return nil }
        return (path, tail.split(separator: 0x20))
    }

    private static func closingBracket(_ text: ArraySlice<UInt8>) -> Int? {
        var isQuoted = false
        var isEscaped = false
        for index in text.indices.dropFirst() {
            let byte = text[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted, byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if !isQuoted, byte == UInt8(ascii: ">") {
                return index
            }
        }
        return nil
    }

    /// Whether a path holds nothing that may not stand in an address.
    ///
    /// It is for whoever reads the spool to say whether it is one of ours; a sender's may be empty.
    static func isFit(_ path: ArraySlice<UInt8>, isInternational: Bool) -> Bool {
        guard path.count <= longest, path.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return false }
        guard path.contains(where: { $0 >= 0x80 }) else { return true }
        return isInternational && String(validating: path, as: UTF8.self) != nil
    }

    /// `KEY=value` as its key in capitals and its value, or `nil` where there is none.
    static func split(_ parameter: ArraySlice<UInt8>) -> (key: String, value: String?) {
        let key = parameter.prefix { $0 != UInt8(ascii: "=") }
        let name = String(decoding: key, as: UTF8.self).uppercased()
        guard key.count < parameter.count else { return (name, nil) }
        return (name, String(decoding: parameter[(key.endIndex + 1)...], as: UTF8.self).uppercased())
    }

    /// A decimal number of at most 20 digits (RFC 1870); what is beyond Int counts as its largest.
    static func number(_ text: String) -> Int? {
        guard (1...20).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text) ?? .max
    }
}
