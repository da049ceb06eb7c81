// SPDX-License-Identifier: Apache-2.0
//
// Reads a message after DATA: finds its end and takes the stuffed dots out.
// Pure, on bytes, in pieces of any size. Only CR LF . CR LF is an end.
// Rules: RFC 5321 sections 4.1.1.4 and 4.5.2.

/// One message on its way in.
struct LMTPData: Sendable {
    /// What came before the next byte: nothing of a line, a dot at its start, that and a CR, or anything else.
    private enum Place { case lineStart, dot, dotReturn, text, textReturn }

    /// How many bytes the message has, also when they are not kept any more.
    private(set) var size = 0
    /// Whether it is larger than allowed; then nothing of it is kept.
    private(set) var isTooLarge = false

    private let limit: Int
    private var content: [UInt8] = []
    private var place = Place.lineStart

    init(limit: Int) { self.limit = limit }

    /// Gives the message away.
    mutating func takeContent() -> [UInt8] {
        defer { content = [] }
        return content
    }

    /// Reads from `cursor` on and moves it behind what was read.
    ///
    /// - Returns: Whether the final dot was read.
    mutating func read(_ bytes: [UInt8], from cursor: inout Int) -> Bool {
        while cursor < bytes.count {
            let byte = bytes[cursor]
            switch place {
            case .lineStart:
                place = byte == UInt8(ascii: ".") ? .dot : .text
                if place == .dot { cursor += 1 }
            case .dot:
                // A dot at the start of any other line was stuffed, and is dropped here.
                place = byte == 0x0D ? .dotReturn : .text
                if place == .dotReturn { cursor += 1 }
            case .dotReturn:
                if byte == 0x0A {
                    cursor += 1
                    return true
                }
                keep([0x0D])
                place = .textReturn
            case .text, .textReturn:
                readText(bytes, from: &cursor)
            }
        }
        return false
    }

    /// Reads to the end of the line or of the bytes.
    private mutating func readText(_ bytes: [UInt8], from cursor: inout Int) {
        let rest = bytes[cursor...]
        let feed = rest.firstIndex(of: 0x0A)
        let part = rest[...(feed ?? bytes.count - 1)]
        let before = part.count > 1 ? part[part.endIndex - 2] : (place == .textReturn ? 0x0D : 0)
        keep(part)
        cursor = part.endIndex
        if feed != nil {
            place = before == 0x0D ? .lineStart : .text
        } else {
            place = part.last == 0x0D ? .textReturn : .text
        }
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        size += bytes.count
        if size > limit {
            isTooLarge = true
            content = []
        }
        if !isTooLarge { content.append(contentsOf: bytes) }
    }
}
