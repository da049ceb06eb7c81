// SPDX-License-Identifier: Apache-2.0
//
// What the sink answers to each command.
// Pure but for the script's counts.
// Rules: RFC 5321 section 4.3.2 (which reply when), RFC 2034 and 3463 (codes), RFC 1870, 6531, 3461, 4954.
import Foundation
import NashraCore

extension SinkSession {
    /// Obeys one line, without its line end.
    mutating func obey(_ line: [UInt8]) {
        switch place {
        case .authPlain, .authUser, .authPassword: return obeyAuthentication(line)
        case .command, .data, .ended: break
        }
        let (verb, argument) = SinkVerb.parse(line)
        tally.count(verb)
        switch verb {
        case .helo, .ehlo: greet(argument, extended: verb == .ehlo)
        case .starttls: startTLS(argument)
        case .auth: authenticate(argument)
        case .mail: mail(argument)
        case .rcpt: recipient(argument)
        case .data: startData(argument)
        case .rset: reset(argument)
        case .noop: say("250 2.0.0 Ok")
        case .vrfy: say("252 2.1.5 Send some mail and see")
        case .expn: complain("502 5.5.1 Not here")
        case .help: say("214 2.0.0 This server keeps test mail and delivers nothing")
        case .quit: if passes(.quit) { quit() }
        case .other: complain("500 5.5.2 Command not recognised")
        }
    }

    private mutating func quit() {
        say("221 2.0.0 Bye")
        end(.close)
    }

    private mutating func reset(_ argument: ArraySlice<UInt8>) {
        guard argument.isEmpty else { return complain("501 5.5.4 RSET takes nothing") }
        transaction = nil
        say("250 2.0.0 Ok")
    }

    // MARK: EHLO and TLS

    private mutating func greet(_ argument: ArraySlice<UInt8>, extended: Bool) {
        guard !argument.isEmpty else { return complain("501 5.5.4 Say who you are") }
        guard passes(.ehlo) else { return }
        isGreeted = true
        transaction = nil
        guard extended else { return say("250 localhost") }
        var lines = [
            "localhost", "PIPELINING", "8BITMIME", "SIZE \(settings.options.sizeLimit)", "SMTPUTF8", "DSN",
        ]
        if settings.options.tls == .startTLS, !isSecure { lines.append("STARTTLS") }
        if offersAuthentication {
            lines.append("AUTH " + settings.options.mechanisms.map(\.rawValue).joined(separator: " "))
        }
        say(lines.map { "250-\($0)\r\n" }.joined() + "250 ENHANCEDSTATUSCODES")
    }

    private mutating func startTLS(_ argument: ArraySlice<UInt8>) {
        guard settings.options.tls == .startTLS, !isSecure else { return complain("502 5.5.1 Not now") }
        guard argument.isEmpty else { return complain("501 5.5.4 STARTTLS takes nothing") }
        guard isGreeted else { return complain("503 5.5.1 Say EHLO first") }
        guard passes(.startTLS) else { return }
        say("220 2.0.0 Go on")
        // What was pipelined behind STARTTLS is never read: `ended` until TLS is up (RFC 3207, section 6).
        place = .ended
        steps.append(.startTLS)
    }

    // MARK: The transaction

    private mutating func mail(_ argument: ArraySlice<UInt8>) {
        guard isGreeted else { return complain("503 5.5.1 Say EHLO first") }
        if settings.options.requiresTLS, !isSecure { return complain("530 5.7.0 STARTTLS first") }
        if settings.options.requiresAuth, !isAuthenticated { return complain("530 5.7.0 AUTH first") }
        guard transaction == nil else { return complain("503 5.5.1 One MAIL at a time") }
        guard let path = path(argument, keyword: "FROM:") else { return }
        var isInternational = false
        for (name, value) in path.parameters {
            switch (name, value.uppercased()) {
            case ("SIZE", let text):
                guard let size = Int(text), size >= 0 else { return complain("501 5.5.4 SIZE is a number") }
                guard size <= settings.options.sizeLimit else { return say("552 5.3.4 Too large a message") }
            case ("SMTPUTF8", ""): isInternational = true
            case ("BODY", "7BIT"), ("BODY", "8BITMIME"), ("RET", "FULL"), ("RET", "HDRS"): break
            case ("ENVID", _), ("AUTH", _): break
            default: return complain("555 5.5.4 Parameter not recognised")
            }
        }
        guard isInternational || !path.isInternational else {
            return say("553 5.6.7 This address needs SMTPUTF8")
        }
        guard passes(.mail, for: path.address) else { return }
        transaction = Transaction(sender: path.address, isInternational: isInternational)
        say("250 2.1.0 Ok")
    }

    private mutating func recipient(_ argument: ArraySlice<UInt8>) {
        guard let transaction else { return complain("503 5.5.1 MAIL first") }
        guard let path = path(argument, keyword: "TO:") else { return }
        guard !path.address.isEmpty else { return complain("501 5.1.3 A recipient has an address") }
        for (name, value) in path.parameters {
            guard ["NOTIFY", "ORCPT"].contains(name), !value.isEmpty else {
                return complain("555 5.5.4 Parameter not recognised")
            }
        }
        guard transaction.isInternational || !path.isInternational else {
            return say("553 5.6.7 This address needs SMTPUTF8")
        }
        guard transaction.recipients.count < Self.mostRecipients else {
            return say("452 4.5.3 Too many recipients")
        }
        guard passes(.rcpt, for: path.address) else { return }
        self.transaction?.recipients.append(path.address)
        say("250 2.1.5 Ok")
    }

    private mutating func path(_ argument: ArraySlice<UInt8>, keyword: StaticString) -> PathArgument? {
        do throws(PathArgument.Fault) {
            return try PathArgument.parse(argument, keyword: keyword)
        } catch {
            switch error {
            case .syntax: complain("501 5.1.3 The address is not well formed")
            case .parameterSyntax: complain("501 5.5.4 A parameter is not well formed")
            }
            return nil
        }
    }

    private mutating func startData(_ argument: ArraySlice<UInt8>) {
        guard let transaction else { return complain("503 5.5.1 MAIL first") }
        guard argument.isEmpty else { return complain("501 5.5.4 DATA takes nothing") }
        guard !transaction.recipients.isEmpty else { return say("554 5.5.1 No valid recipients") }
        for recipient in transaction.recipients {
            guard passes(.data, for: recipient) else { return }
        }
        data = DataReader(limit: settings.options.sizeLimit, budget: settings.budget)
        place = .data
        say("354 End with a dot on a line of its own")
    }

    // MARK: AUTH

    private var offersAuthentication: Bool {
        let options = settings.options
        guard !options.users.isEmpty, !options.mechanisms.isEmpty else { return false }
        return isSecure || options.allowsPlainTextAuth
    }

    private mutating func authenticate(_ argument: ArraySlice<UInt8>) {
        guard isGreeted else { return complain("503 5.5.1 Say EHLO first") }
        guard offersAuthentication else { return complain("502 5.5.1 AUTH is not offered here") }
        guard !isAuthenticated, transaction == nil else { return complain("503 5.5.1 Not now") }
        let words = argument.split(separator: Byte.space, maxSplits: 1)
        let name = String(decoding: (words.first ?? []).map(PathArgument.upper), as: UTF8.self)
        guard let mechanism = SinkOptions.Mechanism(rawValue: name),
            settings.options.mechanisms.contains(mechanism)
        else { return complain("504 5.5.4 Mechanism not recognised") }
        place = mechanism == .plain ? .authPlain : .authUser
        if words.count > 1 {
            obeyAuthentication(Array(words[1]))
        } else {
            say(mechanism == .plain ? "334 " : "334 VXNlcm5hbWU6")
        }
    }

    private mutating func obeyAuthentication(_ line: [UInt8]) {
        let asked = place
        place = .command
        guard line != [UInt8(ascii: "*")] else { return say("501 5.7.0 Cancelled") }
        // RFC 4954 writes an empty initial response as a single equals sign.
        let text = line == [UInt8(ascii: "=")] ? [] : line
        guard let decoded = Data(base64Encoded: Data(text)) else {
            return complain("501 5.5.2 This is not base64")
        }
        let answer = [UInt8](decoded)
        switch asked {
        case .authUser:
            place = .authPassword(answer)
            say("334 UGFzc3dvcmQ6")
        case .authPassword(let user): verify(user: user, password: answer)
        default:
            let parts = answer.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return complain("501 5.5.2 PLAIN wants three parts") }
            verify(user: Array(parts[1]), password: Array(parts[2]))
        }
    }

    private mutating func verify(user: [UInt8], password: [UInt8]) {
        guard passes(.auth) else { return }
        let expected = settings.options.users[String(decoding: user, as: UTF8.self)]
        guard let expected, Array(expected.exposed.utf8) == password else {
            return complain("535 5.7.8 Wrong user or password")
        }
        isAuthenticated = true
        say("235 2.7.0 Welcome")
    }
}
