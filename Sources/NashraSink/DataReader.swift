// SPDX-License-Identifier: Apache-2.0
//
// Reads a message after DATA: finds its end, takes the stuffed dots out, counts line ends that are none.
// Pure, on bytes, in chunks of any size. Only CR LF . CR LF ends a message; nothing that looks like it does.
// Rules: RFC 5321 sections 4.1.1.4, 4.5.2 and 2.3.8.
import Foundation

/// One message on its way in.
struct DataReader: Sendable {
    private enum Place { case lineStart, dot, dotReturn, text }

    /// The message so far, dots unstuffed; empty once it is over the limit or there was no memory for it.
    private(set) var content: [UInt8] = []
    /// How many bytes the message has, also when they are not kept any more.
    private(set) var size = 0
    /// Line feeds without a carriage return, and the reverse.
    private(set) var bareLineEnds = 0
    /// Lines of more than 998 bytes without their CR LF.
    private(set) var longLines = 0
    /// Whether bytes were thrown away, and why.
    private(set) var isTooLarge = false
    private(set) var isOutOfMemory = false

    /// Whether nothing was read yet.
    private(set) var isFresh = true

    private let limit: Int
    private let budget: MemoryBudget
    private var reserved = 0
    private var place = Place.lineStart
    private var lineLength = 0
    private var previousWasReturn = false

    init(limit: Int, budget: MemoryBudget) {
        self.limit = limit
        self.budget = budget
    }

    /// Reads on.
    ///
    /// - Returns: The index behind the final dot's line, or `nil` when all bytes were read without it.
    mutating func read(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        isFresh = false
        while index < bytes.count {
            let byte = bytes[index]
            switch place {
            case .lineStart:
                place = byte == Byte.dot ? .dot : .text
                if byte == Byte.dot { index += 1 }
            case .dot:
                // A dot at the start of any other line was stuffed, and is dropped here.
                place = byte == Byte.return ? .dotReturn : .text
                if byte == Byte.return { index += 1 }
            case .dotReturn:
                if byte == Byte.lineFeed { return index + 1 }
                keep([Byte.return])
                previousWasReturn = true
                place = .text
            case .text:
                index = readLine(bytes, from: index)
            }
        }
        return nil
    }

    /// Gives back what was reserved; call when the message is done with.
    mutating func release() {
        budget.release(reserved)
        reserved = 0
        content = []
    }

    private mutating func readLine(_ bytes: [UInt8], from start: Int) -> Int {
        if previousWasReturn, bytes[start] != Byte.lineFeed { bareLineEnds += 1 }
        let feed = Self.first(Byte.lineFeed, in: bytes[start...])
        let end = feed ?? bytes.count
        let text = bytes[start..<end]
        let endsInReturn = text.isEmpty ? previousWasReturn : text.last == Byte.return
        countReturns(in: text.dropLast())
        lineLength += text.count
        guard feed != nil else {
            previousWasReturn = endsInReturn
            keep(text)
            return end
        }
        keep(bytes[start...end])
        if endsInReturn { place = .lineStart } else { bareLineEnds += 1 }
        if lineLength - (endsInReturn ? 1 : 0) > 998 { longLines += 1 }
        lineLength = 0
        previousWasReturn = false
        return end + 1
    }

    private mutating func countReturns(in text: ArraySlice<UInt8>) {
        var rest = text
        while let next = Self.first(Byte.return, in: rest) {
            bareLineEnds += 1
            rest = rest[(next + 1)...]
        }
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        size += bytes.count
        if size > limit { isTooLarge = true }
        if !isTooLarge, !isOutOfMemory, size > reserved {
            let more = max(size - reserved, min(reserved, 1 << 20), 16 << 10)
            isOutOfMemory = !budget.reserve(more)
            if !isOutOfMemory { reserved += more }
        }
        guard !isTooLarge, !isOutOfMemory else {
            release()
            return
        }
        content.append(contentsOf: bytes)
    }

    /// The first `byte` of `bytes`; memchr, because this runs over every byte of every message.
    private static func first(_ byte: UInt8, in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBytes { raw in
            guard let base = raw.baseAddress, let hit = memchr(base, Int32(byte), raw.count) else {
                return nil
            }
            return bytes.startIndex + base.distance(to: UnsafeRawPointer(hit))
        }
    }
}

/// The bytes that structure a dialogue.
enum Byte {
    static let lineFeed: UInt8 = 0x0A
    static let `return`: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let dot = UInt8(ascii: ".")
}
