// SPDX-License-Identifier: Apache-2.0
//
// The lines that separate the parts of a multipart.
// Pure. A line is one only when nothing but blanks follows the boundary, so that a boundary may begin like
// another.
// Rules: RFC 2046 section 5.1.1.

/// A part whose end has not been found.
struct OpenPart {
    /// Its place among the parts.
    let part: Int
    /// Its boundary; empty when it is no multipart, or its end has been seen.
    var boundary: [UInt8]
    /// Whether its parts are messages unless they say otherwise.
    var isDigest = false
    /// Whether it is a message under a transfer encoding, to be opened when its end is known.
    var isEncodedMessage = false
}

/// A line that separates.
struct Delimiter {
    /// Where the line begins.
    let start: Int
    /// Where the next line begins.
    let next: Int
    /// Whose boundary it is: a place in the open parts.
    let owner: Int
    /// Whether it ends the multipart.
    let isLast: Bool

    private static let dash = UInt8(ascii: "-")

    /// The first delimiter at or after `position`, which is the start of a line.
    ///
    /// One of two neighbouring bytes is a dash if both are, so every second byte is enough to look at.
    static func find(_ bytes: Span<UInt8>, from position: Int, to limit: Int, open: [OpenPart]) -> Delimiter?
    {
        guard open.contains(where: { !$0.boundary.isEmpty }) else { return nil }
        if let found = match(bytes, at: position, to: limit, open: open) { return found }
        var index = position + 2
        while index < limit {
            if bytes[index] == dash {
                if index - 1 > position, isLineStart(bytes, index - 1),
                    let found = match(bytes, at: index - 1, to: limit, open: open)
                {
                    return found
                }
                if isLineStart(bytes, index), let found = match(bytes, at: index, to: limit, open: open) {
                    return found
                }
            }
            index += 2
        }
        return nil
    }

    /// The delimiter that the line at `position` is, the innermost multipart's first; `nil` when it is none.
    static func match(_ bytes: Span<UInt8>, at position: Int, to limit: Int, open: [OpenPart]) -> Delimiter? {
        guard limit - position > 2, bytes[position] == dash, bytes[position + 1] == dash else { return nil }
        var owner = open.count
        while owner > 0 {
            owner -= 1
            let length = open[owner].boundary.count
            guard length > 0, limit - position - 2 >= length,
                isEqual(bytes, position + 2, open[owner].boundary)
            else { continue }
            var index = position + 2 + length
            let isLast = limit - index >= 2 && bytes[index] == dash && bytes[index + 1] == dash
            if isLast { index += 2 }
            index = Lines.skipBlanks(bytes, index, limit)
            guard index == limit || bytes[index] == 0x0D || bytes[index] == 0x0A else { continue }
            let next = Lines.afterBreak(bytes, index, limit)
            return Delimiter(start: position, next: next, owner: owner, isLast: isLast)
        }
        return nil
    }

    @inline(__always)
    private static func isLineStart(_ bytes: Span<UInt8>, _ index: Int) -> Bool {
        index > 0 && (bytes[index - 1] == 0x0A || bytes[index - 1] == 0x0D)
    }

    private static func isEqual(_ bytes: Span<UInt8>, _ position: Int, _ boundary: [UInt8]) -> Bool {
        for index in boundary.indices where bytes[position + index] != boundary[index] { return false }
        return true
    }
}
