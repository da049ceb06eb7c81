// SPDX-License-Identifier: Apache-2.0
//
// Cuts a server's bytes into replies and makes each fit to be kept and shown.
// Pure. Trusts nothing: lines and their number are bounded, controls and broken UTF-8 are replaced.
// Rules: RFC 5321 sections 4.2 and 4.5.3.1.5; RFC 2034.
import NashraCore

/// What is wrong with a server's bytes: they are no reply, and nothing after them can be trusted.
enum ReplyFault: Error, Hashable, Sendable, CaseIterable {
    /// A line does not begin with three digits from 200 to 599 and a space, a hyphen or its end.
    case malformed
    /// A line is longer than ``ReplyReader/longestLine``.
    case lineTooLong
    /// A reply has more lines than ``ReplyReader/mostLines``.
    case tooManyLines
}

/// Reads replies out of a stream that arrives in pieces of any size.
struct ReplyReader: Sendable {
    /// The longest line, its end included; RFC 5321 asks for 512 and servers send more.
    static let longestLine = 2048
    /// The most lines in one reply.
    static let mostLines = 100
    /// The most bytes of text that are kept of one reply.
    static let longestText = 1024

    /// A complete reply that still lies in the reader; good until the next `append`.
    struct Raw: Sendable {
        /// 200...599; the code of the last line, which is the one that counts.
        var code: Int
        fileprivate var range: Range<Int>
    }

    private var bytes: [UInt8] = []
    private var replyStart = 0
    private var lineStart = 0
    private var scanned = 0
    private var lines = 0

    /// Whether every byte so far belonged to a reply that was taken.
    var isEmpty: Bool { replyStart == bytes.count }

    /// Adds what arrived.
    mutating func append(_ new: some Collection<UInt8>) {
        if replyStart > 0, replyStart == bytes.count { forget() }
        bytes.append(contentsOf: new)
    }

    /// Drops everything.
    mutating func forget() {
        bytes.removeAll(keepingCapacity: true)
        (replyStart, lineStart, scanned, lines) = (0, 0, 0, 0)
    }

    /// Takes the next complete reply, or `nil` when more bytes are needed.
    mutating func next() throws(ReplyFault) -> Raw? {
        while let end = endOfLine() {
            var stop = end
            if stop > lineStart, bytes[stop - 1] == 0x0D { stop -= 1 }
            guard end - lineStart < Self.longestLine else { throw .lineTooLong }
            guard let code = Self.code(bytes[lineStart..<stop]) else { throw .malformed }
            lines += 1
            guard lines <= Self.mostLines else { throw .tooManyLines }
            let goesOn = stop - lineStart > 3 && bytes[lineStart + 3] == UInt8(ascii: "-")
            lineStart = end + 1
            guard !goesOn else { continue }
            let raw = Raw(code: code, range: replyStart..<lineStart)
            (replyStart, lines) = (lineStart, 0)
            return raw
        }
        guard bytes.count - lineStart < Self.longestLine else { throw .lineTooLong }
        return nil
    }

    /// The offset of the next LF, not looking twice at any byte.
    private mutating func endOfLine() -> Int? {
        while scanned < bytes.count {
            scanned += 1
            if bytes[scanned - 1] == 0x0A { return scanned - 1 }
        }
        return nil
    }

    private static func code(_ line: ArraySlice<UInt8>) -> Int? {
        guard line.count >= 3 else { return nil }
        var code = 0
        for byte in line.prefix(3) {
            guard (0x30...0x39).contains(byte) else { return nil }
            code = code * 10 + Int(byte - 0x30)
        }
        guard (200...599).contains(code) else { return nil }
        if line.count > 3 {
            let separator = line[line.startIndex + 3]
            guard separator == 0x20 || separator == UInt8(ascii: "-") else { return nil }
        }
        return code
    }
}

extension ReplyReader {
    /// The texts of a reply's lines, what follows `NNN` and its separator, as received.
    func texts(_ raw: Raw) -> [ArraySlice<UInt8>] {
        bytes[raw.range].split(separator: 0x0A, omittingEmptySubsequences: true).map { line in
            (line.last == 0x0D ? line.dropLast() : line).dropFirst(4)
        }
    }

    /// The reply as a value to keep: lines joined, status code taken out, text made safe.
    func reply(_ raw: Raw) -> SMTPReply {
        var status: EnhancedStatusCode?
        var text: [UInt8] = []
        for (index, line) in texts(raw).enumerated() {
            var rest = line
            if let found = EnhancedStatusCode.parse(prefixOf: line),
                Int(found.code.category) == raw.code / 100
            {
                if index == 0 { status = found.code }
                if found.code == status { rest = line.dropFirst(found.length + 1) }
            }
            if !text.isEmpty, !rest.isEmpty { text.append(0x20) }
            text.append(contentsOf: rest)
            if text.count > Self.longestText { break }
        }
        return SMTPReply(code: raw.code, status: status, text: Self.safe(text))
    }

    /// `text` as a string of at most 1,024 bytes: broken UTF-8 becomes U+FFFD, controls and bidi controls a
    /// space.
    static func safe(_ text: [UInt8]) -> String {
        if text.count <= longestText, text.allSatisfy({ (0x20...0x7E).contains($0) }) {
            return String(decoding: text, as: UTF8.self)
        }
        var result = ""
        var length = 0
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            let kept = isUnsafe(scalar) ? " " : scalar
            length += UTF8.width(kept)
            guard length <= longestText else { break }
            result.unicodeScalars.append(kept)
        }
        return result
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
