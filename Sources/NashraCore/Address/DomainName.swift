// SPDX-License-Identifier: Apache-2.0
//
// Domain names: to A-labels for the wire and for grouping, to U-labels for people.
// Pure; libidn2 does the work for names that are not ASCII, and for those that claim to be A-labels.
// Rules: RFC 1035 section 2.3.4, RFC 5890 to 5893, UTS 46 (non-transitional).
import CIDN2

/// The two forms of a domain name.
public enum DomainName {
    /// Turns a domain into A-labels in lower case.
    ///
    /// Full-width letters and ideographic full stops are mapped as UTS 46 says; what IDNA 2008 does not allow, emoji and
    /// tatweel for instance, is refused, and so is an `xn--` label that no name stands for.
    ///
    /// - Parameters:
    ///   - bytes: The domain, valid UTF-8, without a trailing dot.
    ///   - offset: Where `bytes` stands in the address, for the fault.
    /// - Returns: ASCII, at most 253 bytes, at least two labels of 1...63 letters, digits and hyphens.
    /// - Throws: ``AddressFault``.
    public static func aLabels(
        _ bytes: some Collection<UInt8>,
        offset: Int = 0
    ) throws(AddressFault) -> String {
        let whole = Array(bytes)
        let isLower = whole.allSatisfy { !(0x41...0x5A).contains($0) }
        return try aLabels(
            whole[...],
            isLowerASCII: isLower && whole.allSatisfy { $0 < 0x80 },
            offset: offset
        )
    }

    /// The same for a slice; `isLowerASCII` says that no byte needs another form.
    static func aLabels(
        _ bytes: ArraySlice<UInt8>,
        isLowerASCII: Bool,
        offset: Int
    ) throws(AddressFault) -> String {
        guard !bytes.isEmpty else { throw AddressFault(.emptyDomain, at: offset) }
        if isLowerASCII {
            let hasALabel = try check(bytes, offset: offset)
            let text = String(decoding: bytes, as: UTF8.self)
            return hasALabel ? try convert(text, offset: offset) : text
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let isASCII = bytes.allSatisfy { $0 < 0x80 }
        let ascii = isASCII ? text.lowercased() : try convert(text, offset: offset)
        let hasALabel = try check(Array(ascii.utf8)[...], offset: offset)
        return isASCII && hasALabel ? try convert(ascii, offset: offset) : ascii
    }

    /// The form to show people: U-labels where there are any, else `domain` as it is.
    public static func uLabels(_ domain: String) -> String {
        guard domain.contains("xn--") else { return domain }
        var output: UnsafeMutablePointer<CChar>?
        guard idn2_to_unicode_8z8z(domain, &output, 0) == IDN2_OK.rawValue, let output else { return domain }
        defer { idn2_free(output) }
        return String(cString: output)
    }

    private static func convert(_ text: String, offset: Int) throws(AddressFault) -> String {
        // C would end at a NUL, and so would the check.
        guard !text.utf8.contains(0) else { throw AddressFault(.controlOrSpace, at: offset) }
        var output: UnsafeMutablePointer<CChar>?
        // Not IDN2_USE_STD3_ASCII_RULES: libidn2 2.3.3 then drops what is forbidden instead of refusing it. What is
        // left of it in the A-labels, ``check(_:offset:)`` refuses.
        let flags = Int32(IDN2_NONTRANSITIONAL.rawValue) | Int32(IDN2_NFC_INPUT.rawValue)
        let result = idn2_to_ascii_8z(text, &output, flags)
        guard result == IDN2_OK.rawValue, let output else {
            throw AddressFault(.badDomain(reason(result)), at: offset)
        }
        defer { idn2_free(output) }
        return String(cString: output)
    }

    /// libidn2's verdict in words for people.
    private static func reason(_ code: Int32) -> String {
        switch code {
        case IDN2_DISALLOWED.rawValue: "it holds a character that IDNA 2008 does not allow"
        case IDN2_BIDI.rawValue: "a label mixes writing directions (RFC 5893)"
        case IDN2_CONTEXTJ.rawValue, IDN2_CONTEXTJ_NO_RULE.rawValue:
            "it holds an invisible joiner where none may stand"
        case IDN2_LEADING_COMBINING.rawValue: "a label begins with a mark that belongs to a letter before it"
        case IDN2_UNASSIGNED.rawValue: "it holds a character that Unicode does not know"
        case IDN2_HYPHEN_STARTEND.rawValue: "a label begins or ends with a hyphen"
        case IDN2_2HYPHEN.rawValue: "a label has hyphens in its third and fourth place"
        case IDN2_PUNYCODE_BAD_INPUT.rawValue, IDN2_PUNYCODE_OVERFLOW.rawValue,
            IDN2_INVALID_ALABEL.rawValue, IDN2_ALABEL_ROUNDTRIP_FAILED.rawValue,
            IDN2_INVALID_NONTRANSITIONAL.rawValue:
            "a label that begins with xn-- stands for no name"
        case IDN2_TOO_BIG_LABEL.rawValue, IDN2_PUNYCODE_BIG_OUTPUT.rawValue:
            "a label is longer than 63 bytes on the wire"
        case IDN2_TOO_BIG_DOMAIN.rawValue: "it is longer than 253 bytes on the wire"
        default: String(cString: idn2_strerror(code))
        }
    }

    /// Checks A-labels in lower case; returns whether one begins with `xn--`.
    private static func check(_ domain: ArraySlice<UInt8>, offset: Int) throws(AddressFault) -> Bool {
        guard domain.count <= 253 else { throw AddressFault(.domainTooLong, at: offset + 253) }
        var labelStart = domain.startIndex
        var labels = 0
        var isNumber = true
        var hasALabel = false
        for index in domain.startIndex...domain.endIndex {
            let byte = index < domain.endIndex ? domain[index] : dot
            guard byte == dot else {
                guard isLetterDigitHyphen(byte) else {
                    throw AddressFault(
                        .badDomain("a label holds letters, digits and inner hyphens only"),
                        at: offset + index - domain.startIndex
                    )
                }
                continue
            }
            let label = domain[labelStart..<index]
            try checkLength(label, at: offset + labelStart - domain.startIndex)
            isNumber = label.allSatisfy { (0x30...0x39).contains($0) }
            hasALabel = hasALabel || isALabel(label)
            labels += 1
            labelStart = index + 1
        }
        guard labels > 1 else { throw AddressFault(.oneLabelDomain, at: offset) }
        if isNumber { throw AddressFault(.badDomain("the last label is a number"), at: offset) }
        return hasALabel
    }

    private static func checkLength(_ label: ArraySlice<UInt8>, at offset: Int) throws(AddressFault) {
        guard (1...63).contains(label.count) else {
            let words = label.isEmpty ? "a dot is first, last or doubled" : "a label is longer than 63 bytes"
            throw AddressFault(.badDomain(words), at: offset)
        }
        guard label.first != hyphen, label.last != hyphen else {
            throw AddressFault(.badDomain("a label begins or ends with a hyphen"), at: offset)
        }
    }

    private static func isALabel(_ label: ArraySlice<UInt8>) -> Bool {
        label.count >= 4 && label.starts(with: [0x78, 0x6E, hyphen, hyphen])
    }

    private static let hyphen = UInt8(ascii: "-")
    private static let dot = UInt8(ascii: ".")

    private static func isLetterDigitHyphen(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7A, hyphen: true
        default: false
        }
    }
}
