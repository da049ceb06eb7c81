// SPDX-License-Identifier: Apache-2.0
//
// Finds what looks like our own envelope senders, probe senders and Message-IDs in any bytes.
// Pure, one pass, nothing is proof: the keyring decides. The forms are NashraKeys.Keyring's.

/// Looks for tokens of ours.
enum TokenScanner {
    /// What kind of name a token stands in.
    enum Form { case envelope, messageID }

    /// How many characters follow a token's prefix.
    static let length = 29

    /// Finds the tokens in `bytes`, in order, at most 64.
    ///
    /// Letters of either case count. Inside a token and its domain, soft line breaks of quoted-printable are passed over,
    /// and folds and quote marks at line starts too: a report may have been wrapped by several machines.
    ///
    /// - Parameters:
    ///   - bytes: Any bytes.
    ///   - found: Gets the form and the name: `b+…@domain`, `p+…@domain`, `<m1…@domain>`, the token in small letters; without
    ///   `@domain` where none follows.
    static func scan(_ bytes: ArraySlice<UInt8>, _ found: (Form, String) -> Void) {
        let span = bytes.span
        var count = 0
        var index = 1
        while index < span.count, count < 64 {
            let byte = span[index]
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "1"), let name = name(in: span, at: index) {
                found(byte == UInt8(ascii: "+") ? .envelope : .messageID, name)
                count += 1
            }
            index += 1
        }
    }

    /// Whether an address or a Message-ID begins as one of ours: a prefix and 29 characters, or an unsubscribe token.
    static func isOurs(_ name: String) -> Bool {
        let bytes = Array(name.utf8.prefix(320))
        var isOurs = false
        scan(bytes[...]) { _, _ in isOurs = true }
        return isOurs || ByteSearch.contains("v1.u.", in: bytes[...])
    }

    /// The name whose prefix ends at `index`, or `nil`.
    private static func name(in span: Span<UInt8>, at index: Int) -> String? {
        let letter = span[index - 1].asciiLowercased
        let isMessageID = span[index] == UInt8(ascii: "1")
        guard
            isMessageID
                ? letter == UInt8(ascii: "m") : (letter == UInt8(ascii: "b") || letter == UInt8(ascii: "p"))
        else { return nil }
        if index >= 2, span[index - 2].isASCIIDigit || span[index - 2].isASCIILetter { return nil }
        var name: [UInt8] = isMessageID ? [UInt8(ascii: "<"), letter] : [letter]
        name.append(span[index])
        var position = index + 1
        for _ in 0..<length {
            guard let byte = WrappedReader.next(in: span, &position, where: isTokenByte) else { return nil }
            name.append(byte.asciiLowercased)
        }
        if WrappedReader.next(in: span, &position, where: isAlphanumeric) != nil { return nil }
        if WrappedReader.next(in: span, &position, where: isAt) != nil {
            name.append(UInt8(ascii: "@"))
            while name.count < 300, let byte = WrappedReader.next(in: span, &position, where: isDomainByte) {
                name.append(byte)
            }
        }
        if isMessageID { name.append(UInt8(ascii: ">")) }
        return String(decoding: name, as: UTF8.self)
    }

    private static func isAt(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "@") }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { byte.isASCIIDigit || byte.isASCIILetter }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || (0x32...0x37).contains(byte)
    }

    private static func isDomainByte(_ byte: UInt8) -> Bool {
        byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
    }
}

/// Reads bytes one by one and passes over the places where a line was wrapped.
private enum WrappedReader {
    /// The byte at `position` or behind the wrap there, when it is wanted; nothing is passed over when it is not.
    static func next(in span: Span<UInt8>, _ position: inout Int, where isWanted: (UInt8) -> Bool) -> UInt8? {
        let start = afterWrap(span, position)
        guard start < span.count, isWanted(span[start]) else { return nil }
        position = start + 1
        return span[start]
    }

    /// Where the text goes on when a line was wrapped at `start`: behind `=` and a line end, or behind a line end and at
    /// most eight blanks and quote marks.
    private static func afterWrap(_ span: Span<UInt8>, _ start: Int) -> Int {
        guard start < span.count else { return start }
        var index = start
        let isSoft = span[index] == UInt8(ascii: "=")
        if isSoft { index += 1 }
        if index < span.count, span[index] == 0x0D { index += 1 }
        guard index < span.count, span[index] == 0x0A else { return start }
        index += 1
        var marks = 0
        while !isSoft, marks < 8, index < span.count, isMargin(span[index]) {
            index += 1
            marks += 1
        }
        return isSoft || marks > 0 ? index : start
    }

    private static func isMargin(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "|")
    }
}
