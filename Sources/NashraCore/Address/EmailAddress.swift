// SPDX-License-Identifier: Apache-2.0
//
// One e-mail address: what was given, what goes on the wire, and the key that says two are the same.
// Pure. Works on bytes only, because in Swift CR LF is one Character and a quote with a combining mark is no quote.
// Rules: RFC 5321 section 4.1.2, RFC 5322 section 3.4.1, RFC 6531 section 3.3, RFC 6532; docs/addresses.md.

/// An address that has been checked byte by byte and may go on the wire.
///
/// Only the dot-atom form is accepted; a quoted local part (`"a b"@example.org`) is legal in RFC 5321 and
/// refused here, because it is the way in for most command injections and nobody's real address.
public struct EmailAddress: Hashable, Sendable, CustomStringConvertible {
    /// The address as it was given, without surrounding white space.
    public let text: String

    /// The domain as A-labels in lower case, the form for the wire and for grouping (RFC 5890).
    public let domain: String

    /// What makes two addresses the same person: local part in NFC with its case folded, `@`, domain as A-labels.
    ///
    /// Wider than RFC 5321, which lets servers tell `A@` from `a@`: when in doubt, one mail and not two. The folding is
    /// Unicode's full one, so that `STRASSE`, `strasse` and `straße` are one person.
    public let key: String

    /// Whether the server must offer SMTPUTF8, because the local part is not ASCII (RFC 6531).
    public let needsSMTPUTF8: Bool

    /// Where the `@` stands in `text`, in bytes.
    private let at: Int

    /// What stands before the `@`, as given.
    public var localPart: String { String(decoding: text.utf8.prefix(at), as: UTF8.self) }

    /// The address for `RCPT TO`: local part as given, domain as A-labels.
    public var wire: String { "\(localPart)@\(domain)" }

    /// What it is, for people.
    public var description: String { text }

    /// Checks `bytes` as an address.
    ///
    /// - Parameter bytes: Any bytes; spaces and tabs at either end are dropped. At most 254 bytes remain, as given and
    ///   on the wire (RFC 5321, section 4.5.3.1.3), 64 of them before the `@`.
    /// - Returns: The address.
    /// - Throws: ``AddressFault``, with the reason and the offset of the first wrong byte.
    public static func parse(_ bytes: some Collection<UInt8>) throws(AddressFault) -> EmailAddress {
        try parse(Array(bytes)[...])
    }

    /// Checks `text` as an address; see ``parse(_:)-(Collection<UInt8>)``.
    public static func parse(_ text: String) throws(AddressFault) -> EmailAddress {
        try parse(Array(text.utf8)[...])
    }

    private init(text: String, at: Int, domain: String, key: String, needsSMTPUTF8: Bool) {
        self.text = text
        self.at = at
        self.domain = domain
        self.key = key
        self.needsSMTPUTF8 = needsSMTPUTF8
    }

    // MARK: Checks

    /// What one look at the bytes tells.
    private struct Survey {
        var at: Int?
        var hasCapital = false
        var isASCII = true
    }

    /// Checks a slice as an address, such as a field of a table; see ``parse(_:)-(Collection<UInt8>)``.
    public static func parse(_ bytes: ArraySlice<UInt8>) throws(AddressFault) -> EmailAddress {
        var nothing = DomainMemory(limit: 0)
        return try parse(bytes, remembering: &nothing)
    }

    /// Checks one of many slices as an address; see ``parse(_:)-(Collection<UInt8>)``.
    ///
    /// - Parameters:
    ///   - bytes: Any bytes.
    ///   - domains: The domains that were met before; the result is the same without.
    /// - Returns: The address.
    /// - Throws: ``AddressFault``, with the reason and the offset of the first wrong byte.
    public static func parse(
        _ bytes: ArraySlice<UInt8>,
        remembering domains: inout DomainMemory
    ) throws(AddressFault) -> EmailAddress {
        var whole = bytes
        while let last = whole.last, isBlank(last) { whole.removeLast() }
        while let first = whole.first, isBlank(first) { whole.removeFirst() }
        guard !whole.isEmpty else { throw AddressFault(.empty, at: 0) }
        guard whole.count <= 254 else { throw AddressFault(.tooLong, at: 254) }
        if whole.first == UInt8(ascii: "\"") { throw AddressFault(.quotedLocalPart, at: 0) }
        let survey = try survey(whole)
        guard let at = survey.at else { throw AddressFault(.noAt, at: whole.count) }
        if !survey.isASCII { try checkScalars(whole, at: at) }
        let text = String(decoding: whole, as: UTF8.self)
        let offset = at - whole.startIndex
        try checkLocalPart(whole[..<at])
        let isPlain = survey.isASCII && !survey.hasCapital
        let domainBytes = whole[(at + 1)...]
        if domainBytes.first == UInt8(ascii: "[") { throw AddressFault(.domainLiteral, at: offset + 1) }
        let domain = try domains.aLabels(domainBytes, isLowerASCII: isPlain, offset: offset + 1)
        guard offset + 1 + domain.utf8.count <= 254 else { throw AddressFault(.tooLong, at: 254) }
        let isLocalASCII = survey.isASCII || whole[..<at].allSatisfy { $0 < 0x80 }
        let key: String
        // An A-label can have a shorter form than it was given in, so the domain is compared too.
        if isPlain, domain.utf8.elementsEqual(domainBytes) {
            key = text
        } else {
            let local = String(decoding: whole[..<at], as: UTF8.self)
            let isPlain = isLocalASCII || CaseFolding.isPlain(whole[..<at])
            key = "\(isPlain ? local.lowercased() : CaseFolding.fold(local))@\(domain)"
        }
        return EmailAddress(text: text, at: offset, domain: domain, key: key, needsSMTPUTF8: !isLocalASCII)
    }

    /// Finds the `@`, and refuses what may stand nowhere.
    private static func survey(_ whole: ArraySlice<UInt8>) throws(AddressFault) -> Survey {
        var survey = Survey()
        var first: Int?
        for index in whole.indices {
            let byte = whole[index]
            if byte < 0x21 || byte == 0x7F {
                throw AddressFault(.controlOrSpace, at: index - whole.startIndex)
            }
            if byte >= 0x80 { survey.isASCII = false }
            if (0x41...0x5A).contains(byte) { survey.hasCapital = true }
            if byte == UInt8(ascii: "@") {
                if first == nil { first = index }
                survey.at = index
            }
        }
        if let first, let last = survey.at, first != last {
            throw AddressFault(.severalAts, at: last - whole.startIndex)
        }
        return survey
    }

    /// Refuses what is not UTF-8, and what nobody could see.
    private static func checkScalars(_ whole: ArraySlice<UInt8>, at: Int) throws(AddressFault) {
        guard let local = String(validating: whole[..<at], as: UTF8.self),
            let domain = String(validating: whole[at...], as: UTF8.self)
        else { throw AddressFault(.notUTF8, at: 0) }
        if !CaseFolding.isPlain(whole[..<at]), let bad = local.unicodeScalars.first(where: isForbidden) {
            throw AddressFault(.forbiddenCharacter(bad.value), at: 0)
        }
        // Within a domain the joiners have their places; libidn2 knows which (RFC 5892, appendix A).
        let joiners: ClosedRange<UInt32> = 0x200C...0x200D
        if !CaseFolding.isPlain(whole[at...]),
            let bad = domain.unicodeScalars.first(where: { isForbidden($0) && !joiners.contains($0.value) })
        {
            throw AddressFault(.forbiddenCharacter(bad.value), at: at - whole.startIndex + 1)
        }
        if let first = local.unicodeScalars.first, isMark(first) {
            throw AddressFault(.leadingMark(first.value), at: 0)
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// RFC 5322 `dot-atom`, widened by RFC 6531 to all that is not ASCII.
    private static func checkLocalPart(_ local: ArraySlice<UInt8>) throws(AddressFault) {
        guard !local.isEmpty else { throw AddressFault(.emptyLocalPart, at: 0) }
        guard local.count <= 64 else { throw AddressFault(.localPartTooLong, at: 64) }
        var previousWasDot = true
        for index in local.indices {
            let byte = local[index]
            if byte == UInt8(ascii: ".") {
                if previousWasDot { throw AddressFault(.misplacedDot, at: index - local.startIndex) }
                previousWasDot = true
                continue
            }
            previousWasDot = false
            guard byte >= 0x80 || atext[Int(byte)] else {
                throw AddressFault(.forbiddenCharacter(UInt32(byte)), at: index - local.startIndex)
            }
        }
        if previousWasDot { throw AddressFault(.misplacedDot, at: local.count - 1) }
    }

    /// Controls, format characters (bidi marks among them), separators and the unassigned; none belongs in an address.
    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate,
            .privateUse, .unassigned:
            true
        // Fillers and selectors of variants: as invisible as a format character.
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    /// `atext` of RFC 5322, section 3.2.3, by byte.
    private static let atext: [Bool] = {
        var table = [Bool](repeating: false, count: 128)
        for byte in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~".utf8 {
            table[Int(byte)] = true
        }
        return table
    }()
}
