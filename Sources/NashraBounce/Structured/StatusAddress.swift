// SPDX-License-Identifier: Apache-2.0
//
// Addresses in the fields of a delivery status notification, and which of them names the recipient.
// Pure. Rules: RFC 3464 section 2.3.1 and 2.3.2, RFC 6533 section 3 (utf-8 addresses with \x{…}); docs/bounce-rules.md,
// "Who the recipient is".
import NashraCore
import NashraMIME

/// Reads `rfc822; user@example.org` and what is sent instead.
enum StatusAddress {
    /// The address without type, brackets and comments, at most 320 bytes; `nil` when there is none.
    static func read(_ value: [UInt8]) -> String? {
        var rest = ByteSearch.trimmed(value[...])
        var isUTF8 = false
        if let end = rest.prefix(24).firstIndex(of: UInt8(ascii: ";")), isType(rest[..<end]) {
            isUTF8 = ByteSearch.equals("utf-8", ByteSearch.trimmed(rest[..<end]))
            rest = ByteSearch.trimmed(rest[(end + 1)...])
        }
        if let open = rest.firstIndex(of: UInt8(ascii: "<")),
            let close = rest[open...].firstIndex(of: UInt8(ascii: ">"))
        {
            rest = rest[(open + 1)..<close]
        }
        let word = token(rest)
        guard !word.isEmpty else { return nil }
        let bytes = isUTF8 || ByteSearch.contains("\\x{", in: word) ? unescaped(word) : Array(word)
        let text = CleanText.withoutControls(String(decoding: bytes, as: UTF8.self))
        return text.isEmpty ? nil : HeaderFacts.bounded(text, 320)
    }

    private static func isType(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") || $0 == 0x20 }
    }

    /// The word with the `@`, or the whole when no word has one: local names and paths stay as they are.
    private static func token(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard bytes.first != UInt8(ascii: "\"") else { return ByteSearch.trimmed(bytes) }
        for word in bytes.split(whereSeparator: { $0 <= 0x20 || $0 == UInt8(ascii: ",") })
        where word.contains(UInt8(ascii: "@")) {
            var word = word
            while let first = word.first, [0x28, 0x3C, 0x27, 0x22].contains(first) { word = word.dropFirst() }
            while let last = word.last, [0x29, 0x3E, 0x27, 0x22, 0x3B, 0x2E, 0x3A].contains(last) {
                word = word.dropLast()
            }
            return word
        }
        return ByteSearch.trimmed(bytes)
    }

    /// `\x{20AC}` turned into its character; what is not one stays.
    private static func unescaped(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var plain: [UInt8] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == UInt8(ascii: "\\"), ByteSearch.hasPrefix("\\x{", in: bytes[index...]),
                let end = bytes[index...].prefix(11).firstIndex(of: UInt8(ascii: "}")),
                let code = UInt32(String(decoding: bytes[(index + 3)..<end], as: UTF8.self), radix: 16),
                let scalar = Unicode.Scalar(code)
            {
                plain.append(contentsOf: String(Character(scalar)).utf8)
                index = end + 1
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return plain
    }

    /// Whether a text can be a mail address: an `@` inside, no blanks, and not the wrapping of another system's address.
    static func isUsable(_ address: String?) -> Bool {
        guard let address else { return false }
        let bytes = Array(address.utf8)
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")), at > 0, at + 1 < bytes.count else {
            return false
        }
        if bytes[0] != UInt8(ascii: "\""), bytes.contains(where: { $0 <= 0x20 || $0 == UInt8(ascii: ";") }) {
            return false
        }
        return !ByteSearch.hasPrefix("imceaex-", in: bytes[...]) && !ByteSearch.hasPrefix("/", in: bytes[...])
    }
}

/// Names recipients: what the report was asked about, when it says so; else what it delivered to.
struct RecipientNames {
    private let failed: [String]
    private let examination: Examination
    private let count: Int

    /// Looks at the rest of the report.
    init(_ examination: Examination, count: Int) {
        self.count = count
        failed = examination.header.failedRecipients
        self.examination = examination
    }

    /// The recipient's address: Original-Recipient (it is what we mailed), Final-Recipient, then what else names it.
    func address(of record: StatusRecord, at index: Int) -> String {
        if let original = record.original, StatusAddress.isUsable(original) { return original }
        if let final = record.final, StatusAddress.isUsable(final) { return final }
        if failed.count == count, failed.indices.contains(index) { return failed[index] }
        if let actual = record.actual, StatusAddress.isUsable(actual) { return actual }
        if count == 1, failed.count == 1 { return failed[0] }
        if count == 1, examination.originalRecipients.count == 1 { return examination.originalRecipients[0] }
        return record.final ?? record.original ?? record.actual ?? ""
    }
}
