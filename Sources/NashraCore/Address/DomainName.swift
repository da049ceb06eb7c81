// SPDX-License-Identifier: Apache-2.0
//
// Domain names: to A-labels for the wire and for grouping, to U-labels for people.
// Pure; libidn2 does the work for names that are not ASCII.
// Rules: RFC 1035 section 2.3.4, RFC 5891, UTS 46 (non-transitional).
import CIDN2

/// The two forms of a domain name.
public enum DomainName {
    /// Turns a domain into A-labels in lower case.
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
        guard !bytes.isEmpty else { throw AddressFault(.emptyDomain, at: offset) }
        let ascii: String
        if bytes.allSatisfy({ $0 < 0x80 }) {
            ascii = String(decoding: bytes, as: UTF8.self).lowercased()
        } else {
            ascii = try convert(String(decoding: bytes, as: UTF8.self), offset: offset)
        }
        try check(Array(ascii.utf8), offset: offset)
        return ascii
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
        var output: UnsafeMutablePointer<CChar>?
        let flags = Int32(IDN2_NONTRANSITIONAL.rawValue) | Int32(IDN2_NFC_INPUT.rawValue)
        let result = idn2_to_ascii_8z(text, &output, flags)
        guard result == IDN2_OK.rawValue, let output else {
            throw AddressFault(.badDomain(String(cString: idn2_strerror(result))), at: offset)
        }
        defer { idn2_free(output) }
        return String(cString: output)
    }

    private static func check(_ domain: [UInt8], offset: Int) throws(AddressFault) {
        guard domain.count <= 253 else { throw AddressFault(.domainTooLong, at: offset + 253) }
        var position = offset
        let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.count) else {
                throw AddressFault(.badDomain("a label must have 1 to 63 characters"), at: position)
            }
            guard label.allSatisfy(isLetterDigitHyphen), label.first != hyphen, label.last != hyphen else {
                throw AddressFault(
                    .badDomain("a label holds letters, digits and inner hyphens only"),
                    at: position
                )
            }
            position += label.count + 1
        }
        guard labels.count > 1 else { throw AddressFault(.oneLabelDomain, at: offset) }
        if let last = labels.last, last.allSatisfy({ (0x30...0x39).contains($0) }) {
            throw AddressFault(.badDomain("the last label is a number"), at: offset)
        }
    }

    private static let hyphen = UInt8(ascii: "-")

    private static func isLetterDigitHyphen(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x61...0x7A, hyphen: true
        default: false
        }
    }
}
