// SPDX-License-Identifier: Apache-2.0
//
// The small steps that all scanners of this folder take: to the end of a line, over blanks, over a word.
// Pure; every place is checked against the limit given. A line ends in CR LF, LF or CR.

/// Steps over bytes.
///
/// `limit` is never passed, and never lies behind the bytes' end.
enum Lines {
    /// Where the line that `position` lies in ends: at its CR or LF, or at `limit`.
    @inline(__always)
    static func end(_ bytes: Span<UInt8>, _ position: Int, _ limit: Int) -> Int {
        var index = position
        while index < limit {
            let byte = bytes[index]
            if byte <= 0x0D, byte == 0x0A || byte == 0x0D { break }
            index += 1
        }
        return index
    }

    /// What comes after the line end at `position`.
    @inline(__always)
    static func afterBreak(_ bytes: Span<UInt8>, _ position: Int, _ limit: Int) -> Int {
        guard position < limit else { return limit }
        let isPair = bytes[position] == 0x0D && position + 1 < limit && bytes[position + 1] == 0x0A
        return position + (isPair ? 2 : 1)
    }

    /// Where the line end that stands directly before `position` begins; `position` when there is none.
    static func beforeBreak(_ bytes: Span<UInt8>, _ position: Int) -> Int {
        guard position > 0 else { return position }
        if bytes[position - 1] == 0x0D { return position - 1 }
        guard bytes[position - 1] == 0x0A else { return position }
        return position > 1 && bytes[position - 2] == 0x0D ? position - 2 : position - 1
    }

    /// The first place from `position` on where no space or tab stands.
    @inline(__always)
    static func skipBlanks(_ bytes: Span<UInt8>, _ position: Int, _ limit: Int) -> Int {
        var index = position
        while index < limit, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        return index
    }

    /// Where `start..<end` ends without the spaces and tabs at its end.
    @inline(__always)
    static func trimBlanks(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var index = end
        while index > start, bytes[index - 1] == 0x20 || bytes[index - 1] == 0x09 { index -= 1 }
        return index
    }

    /// Whether `word` stands at `position`, in this case.
    static func starts(_ bytes: Span<UInt8>, _ position: Int, _ limit: Int, _ word: String) -> Bool {
        let word = word.utf8
        guard limit - position >= word.count else { return false }
        var index = position
        for byte in word {
            guard bytes[index] == byte else { return false }
            index += 1
        }
        return true
    }

    /// Whether a range holds `word`, which is in lower case, in any case.
    static func equal(_ bytes: Span<UInt8>, _ range: Range<Int>, _ word: String) -> Bool {
        let word = word.utf8
        guard range.count == word.count else { return false }
        var index = range.lowerBound
        for byte in word {
            guard ASCII.lower(bytes[index]) == byte else { return false }
            index += 1
        }
        return true
    }
}

/// The letters of ASCII, without asking Unicode.
enum ASCII {
    @inline(__always)
    static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    @inline(__always)
    static func isAlphanumeric(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || lower(byte) &- 0x61 < 26 }

    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }

    /// The value of a hexadecimal digit, or `nil`.
    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let letter = lower(byte) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }
}
