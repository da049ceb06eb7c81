// SPDX-License-Identifier: Apache-2.0
//
// Human-readable text of a message in the two shapes that readers need: its lines as written, and one run of folded
// words. Pure. Everything is bytes of UTF-8 whose validity nobody relies on.

/// A piece of text of a message.
struct Passage {
    /// The text as written, decoded to UTF-8, at most ``ReportLimits/notice`` bytes.
    let bytes: [UInt8]
    /// The same as one line for phrases: ``TextFolding/fold(_:)`` of it.
    let folded: [UInt8]
    /// The lines of `bytes` without their ends (CR, LF or CRLF).
    let lines: [Range<Int>]

    /// Looks at a text.
    init(_ text: [UInt8]) {
        bytes = text.count > ReportLimits.notice ? Array(text[..<ReportLimits.notice]) : text
        folded = TextFolding.fold(bytes[...])
        lines = Self.split(bytes)
    }

    /// The part of a text up to `end`; folds that part only.
    private init(_ text: [UInt8], _ lines: [Range<Int>], upTo end: Int) {
        bytes = end < text.count ? Array(text[..<end]) : text
        folded = TextFolding.fold(bytes[...])
        self.lines = end < text.count ? lines.filter { $0.upperBound <= end } : lines
    }

    /// A text cut in two where the returned message begins in it.
    static func cut(_ text: [UInt8]) -> (notice: Passage, original: [UInt8]) {
        let text = text.count > ReportLimits.notice ? Array(text[..<ReportLimits.notice]) : text
        let lines = split(text)
        guard let boundary = OriginalBoundary.find(in: text, lines) else {
            return (Passage(text, lines, upTo: text.count), [])
        }
        return (Passage(text, lines, upTo: boundary.notice), Array(text[boundary.original...]))
    }

    /// No text.
    static let empty = Passage([])

    /// One line as written.
    func line(_ index: Int) -> ArraySlice<UInt8> {
        lines.indices.contains(index) ? bytes[lines[index]] : []
    }

    /// Where `needle` (folded already) begins in ``folded``, at or after `start`.
    func find(_ needle: String, from start: Int = 0) -> Int? {
        ByteSearch.find(needle, in: folded, from: start)
    }

    /// Whether ``folded`` holds `needle` (folded already).
    func contains(_ needle: String) -> Bool { find(needle) != nil }

    private static func split(_ bytes: [UInt8]) -> [Range<Int>] {
        var lines: [Range<Int>] = []
        lines.reserveCapacity(bytes.count / 40 + 1)
        var start = 0
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x0A || byte == 0x0D {
                lines.append(start..<index)
                if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { index += 1 }
                start = index + 1
            }
            index += 1
        }
        if start < bytes.count { lines.append(start..<bytes.count) }
        return lines
    }
}
