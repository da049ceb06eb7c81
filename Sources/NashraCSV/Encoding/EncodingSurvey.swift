// SPDX-License-Identifier: Apache-2.0
//
// What the bytes of a whole file tell about its encoding, gathered in one pass and bounded memory.
// Pure: the bytes are given to it. EncodingDetector.swift draws the conclusions.

/// Counts and samples of a file's bytes.
///
/// The whole file is looked at, because the first Arabic name of a list may stand after a megabyte of Latin ones.
public struct EncodingSurvey: Sendable {
    /// How many bytes there were.
    public private(set) var size = 0
    /// The first bytes, at most 4,096.
    private(set) var head: [UInt8] = []
    /// How often each byte from 0x80 on occurs; by its lower seven bits.
    private(set) var upper = [Int](repeating: 0, count: 128)
    /// How many NULs stand at even and at odd places.
    private(set) var nulls = (even: 0, odd: 0)
    /// The file as UTF-8.
    private(set) var utf8 = UTF8Check()
    /// Words of bytes from 0x80 on alone, as Arabic and Cyrillic are in single bytes; each followed by a line feed.
    private(set) var pureWords: [UInt8] = []
    /// Words that hold ASCII letters too, as French does; each followed by a line feed.
    private(set) var mixedWords: [UInt8] = []

    static let headBytes = 4 << 10
    private static let wordBytes = 16 << 10
    private static let longestWord = 48

    /// Makes a survey of nothing.
    public init() {}

    /// How many bytes from 0x80 on there were.
    var upperCount: Int { upper.reduce(0, +) }

    /// Looks at the next piece of the file.
    public mutating func take(_ bytes: UnsafeBufferPointer<UInt8>) {
        if head.count < Self.headBytes { head += bytes.prefix(Self.headBytes - head.count) }
        utf8.take(bytes)
        count(bytes)
        size += bytes.count
    }

    /// Says that the file has ended.
    public mutating func finish() { utf8.finish() }

    private mutating func count(_ bytes: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(bytes)
        var index = 0
        while index < bytes.count {
            // Eight bytes of ASCII without a NUL at once.
            if index + 8 <= bytes.count {
                let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                let zeros = (word &- 0x0101_0101_0101_0101) & ~word
                if (word | zeros) & 0x8080_8080_8080_8080 == 0 {
                    index += 8
                    continue
                }
            }
            let byte = bytes[index]
            if byte >= 0x80 {
                index = word(in: bytes, around: index)
                continue
            }
            if byte == 0 {
                if (size + index) & 1 == 0 { nulls.even += 1 } else { nulls.odd += 1 }
            }
            index += 1
        }
    }

    /// Counts and keeps the word around a byte; returns where it ends.
    private mutating func word(in bytes: UnsafeBufferPointer<UInt8>, around first: Int) -> Int {
        var start = first
        while start > 0, first - start < Self.longestWord, Self.isLetter(bytes[start - 1]) { start -= 1 }
        var isMixed = start < first
        var end = first
        while end < bytes.count, end - first < Self.longestWord {
            let byte = bytes[end]
            if byte >= 0x80 {
                upper[Int(byte & 0x7F)] += 1
            } else if Self.isLetter(byte) {
                isMixed = true
            } else {
                break
            }
            end += 1
        }
        if isMixed {
            Self.keep(bytes[start..<end], in: &mixedWords)
        } else {
            Self.keep(bytes[start..<end], in: &pureWords)
        }
        return end
    }

    private static func keep(_ word: Slice<UnsafeBufferPointer<UInt8>>, in words: inout [UInt8]) {
        guard words.count < wordBytes else { return }
        words += word
        words.append(0x0A)
    }

    private static func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A }
}
