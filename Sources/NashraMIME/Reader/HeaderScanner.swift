// SPDX-License-Identifier: Apache-2.0
//
// Finds the fields of one header block, line by line: where each begins and ends, and where the body begins.
// Pure, one pass. Tolerant: lines that are no fields are skipped, a missing empty line is noticed by the text
// after it.
// Rules: RFC 5322 sections 2.2 and 4.5; limits of docs/threat-model.md, row 11.

/// One walk over one block.
struct HeaderScanner {
    /// What a block belongs to, which says what a line that is no field means.
    enum Kind {
        /// A message: the first lines may be empty or an mbox's `From `.
        case message
        /// A part of a multipart.
        case part
        /// A group of fields inside a body; nothing but fields and empty lines belongs there.
        case group
    }

    static let largestBlock = 262_144
    static let mostFields = 1_000
    static let longestLine = 65_536

    private(set) var fields: [HeaderField] = []
    private(set) var limits: Set<MIMELimit> = []
    /// Where the first line begins, behind what was skipped before it.
    private(set) var start: Int
    /// Where the last line of the block ends.
    private(set) var end: Int
    /// Where the body begins, or the next group.
    private(set) var next: Int
    /// Whether the block was cut off by a boundary.
    private(set) var isAtDelimiter = false
    /// The first Content-Type and Content-Transfer-Encoding.
    private(set) var contentType: HeaderField?
    private(set) var transferEncoding: HeaderField?

    private let kind: Kind
    private let limit: Int
    private var lastWasKept = false
    private var isIndented = false

    private init(kind: Kind, from: Int, to limit: Int) {
        self.kind = kind
        self.limit = limit
        start = from
        end = from
        next = from
    }

    /// Reads the block of a message or a part that begins at `from`, the start of a line.
    ///
    /// The boundaries of the parts that it lies in end it too.
    static func block(
        _ kind: Kind,
        in bytes: Span<UInt8>,
        from: Int,
        to limit: Int,
        open: [OpenPart]
    ) -> HeaderScanner {
        var scanner = HeaderScanner(kind: kind, from: from, to: limit)
        scanner.fields.reserveCapacity(kind == .message ? 32 : 4)
        if kind == .message { scanner.skipPrelude(bytes) }
        scanner.run(bytes, open: open)
        return scanner
    }

    /// Reads one group of fields.
    static func group(in bytes: Span<UInt8>, from: Int, to limit: Int) -> HeaderScanner {
        var scanner = HeaderScanner(kind: .group, from: from, to: limit)
        scanner.run(bytes, open: [])
        return scanner
    }

    private mutating func run(_ bytes: Span<UInt8>, open: [OpenPart]) {
        var position = start
        while position < limit {
            let first = bytes[position]
            if first == 0x0D || first == 0x0A {
                return finish(at: position, next: Lines.afterBreak(bytes, position, limit))
            }
            if first == UInt8(ascii: "-"), Delimiter.match(bytes, at: position, to: limit, open: open) != nil
            {
                isAtDelimiter = true
                return finish(at: position, next: position)
            }
            let nameEnd = Self.endOfName(bytes, position, limit)
            let lineEnd = Lines.end(bytes, nameEnd, limit)
            if first == 0x20 || first == 0x09 {
                if !appendLine(bytes, position, lineEnd) {
                    return finish(at: position, next: Lines.afterBreak(bytes, lineEnd, limit))
                }
            } else if let colon = Self.colon(bytes, nameEnd, lineEnd), nameEnd > position {
                keep(bytes, name: position..<nameEnd, colon: colon, lineEnd: lineEnd)
            } else if lastWasKept, let last = fields.last, last.value.isEmpty, kind != .group {
                // A value on a line of its own that has lost its indent; a header of Outlook.com's often
                // arrives so.
                unfold(bytes, last, position, lineEnd)
            } else if !maySkip(bytes, lineEnd) {
                return finish(at: position, next: position)
            } else {
                lastWasKept = false
            }
            position = Lines.afterBreak(bytes, lineEnd, limit)
        }
        finish(at: limit, next: limit)
    }

    private mutating func finish(at end: Int, next: Int) {
        self.end = end
        self.next = next
    }

    /// Keeps a field, if the limits allow.
    private mutating func keep(_ bytes: Span<UInt8>, name: Range<Int>, colon: Int, lineEnd: Int) {
        lastWasKept = false
        guard fields.count < Self.mostFields else {
            limits.insert(.headerCount)
            return
        }
        guard let valueEnd = allowedEnd(line: name.lowerBound, lineEnd) else { return }
        let valueStart = Lines.skipBlanks(bytes, min(colon + 1, valueEnd), valueEnd)
        let field = HeaderField(
            name: name,
            value: valueStart..<Lines.trimBlanks(bytes, valueStart, valueEnd)
        )
        fields.append(field)
        lastWasKept = true
        noteContent(bytes, field)
    }

    /// Where a line that begins at `line` may end; `nil` when the block is too large for it.
    private mutating func allowedEnd(line: Int, _ lineEnd: Int) -> Int? {
        var end = lineEnd
        if end - line > Self.longestLine {
            limits.insert(.lineLength)
            end = line + Self.longestLine
        }
        guard end - start <= Self.largestBlock else {
            limits.insert(.headerSize)
            return nil
        }
        return end
    }

    /// Adds a folded line to the last field.
    ///
    /// - Returns: False when the line is empty but for blanks and ends a group.
    private mutating func appendLine(_ bytes: Span<UInt8>, _ position: Int, _ lineEnd: Int) -> Bool {
        let content = Lines.skipBlanks(bytes, position, lineEnd)
        if content == lineEnd { return kind != .group }
        if kind == .group, fields.isEmpty || isIndented {
            keepIndented(bytes, content, lineEnd)
            return true
        }
        if lastWasKept, let last = fields.last { unfold(bytes, last, position, lineEnd) }
        return true
    }

    /// Makes a line part of the last field's value.
    private mutating func unfold(_ bytes: Span<UInt8>, _ last: HeaderField, _ position: Int, _ lineEnd: Int) {
        guard let end = allowedEnd(line: position, lineEnd) else { return }
        let content = Lines.skipBlanks(bytes, position, lineEnd)
        let valueEnd = Lines.trimBlanks(bytes, min(content, end), end)
        let value = last.value.isEmpty ? min(content, end)..<valueEnd : last.value.lowerBound..<valueEnd
        let folded = HeaderField(name: last.name, value: value)
        fields[fields.count - 1] = folded
        if contentType == last { contentType = folded }
        if transferEncoding == last { transferEncoding = folded }
    }

    /// A whole group may stand indented, as some reporters write it.
    private mutating func keepIndented(_ bytes: Span<UInt8>, _ content: Int, _ lineEnd: Int) {
        let nameEnd = Self.endOfName(bytes, content, lineEnd)
        guard nameEnd > content, let colon = Self.colon(bytes, nameEnd, lineEnd) else { return }
        keep(bytes, name: content..<nameEnd, colon: colon, lineEnd: lineEnd)
        isIndented = true
    }

    private mutating func noteContent(_ bytes: Span<UInt8>, _ field: HeaderField) {
        let length = field.name.count
        guard length == 12 || length == 25, ASCII.lower(bytes[field.name.lowerBound]) == UInt8(ascii: "c")
        else { return }
        if length == 12, contentType == nil, Lines.equal(bytes, field.name, "content-type") {
            contentType = field
        } else if length == 25, transferEncoding == nil,
            Lines.equal(bytes, field.name, "content-transfer-encoding")
        {
            transferEncoding = field
        }
    }
}

extension HeaderScanner {
    /// Skips an mbox's `From ` line, and up to three empty lines that stand before the first field.
    private mutating func skipPrelude(_ bytes: Span<UInt8>) {
        var position = start
        for _ in 0..<3 {
            guard position < limit, bytes[position] == 0x0D || bytes[position] == 0x0A else { break }
            position = Lines.afterBreak(bytes, position, limit)
        }
        if Lines.starts(bytes, position, limit, "From ") || Lines.starts(bytes, position, limit, ">From ") {
            start = Lines.afterBreak(bytes, Lines.end(bytes, position, limit), limit)
        } else if position > start, isField(bytes, position) {
            start = position
        }
    }

    /// Whether a line that is no field may be skipped: in a group always; elsewhere when one of the three
    /// lines after it is a field again, and if not, the text has begun without an empty line.
    private func maySkip(_ bytes: Span<UInt8>, _ lineEnd: Int) -> Bool {
        if kind == .group { return true }
        if kind == .part, fields.isEmpty { return false }
        var position = Lines.afterBreak(bytes, lineEnd, limit)
        for _ in 0..<3 {
            guard position < limit, bytes[position] != 0x0D, bytes[position] != 0x0A else { return false }
            if isField(bytes, position) { return true }
            position = Lines.afterBreak(bytes, Lines.end(bytes, position, limit), limit)
        }
        return false
    }

    private func isField(_ bytes: Span<UInt8>, _ position: Int) -> Bool {
        let nameEnd = Self.endOfName(bytes, position, limit)
        return nameEnd > position && Self.colon(bytes, nameEnd, limit) != nil
    }

    /// Where printable ASCII other than a colon ends.
    @inline(__always)
    private static func endOfName(_ bytes: Span<UInt8>, _ position: Int, _ limit: Int) -> Int {
        var index = position
        while index < limit {
            let byte = bytes[index]
            guard byte > 0x20, byte < 0x7F, byte != 0x3A else { break }
            index += 1
        }
        return index
    }

    /// Where the colon behind a name stands; blanks may come before it (RFC 5322, section 4.5).
    @inline(__always)
    private static func colon(_ bytes: Span<UInt8>, _ nameEnd: Int, _ limit: Int) -> Int? {
        let index = Lines.skipBlanks(bytes, nameEnd, limit)
        return index < limit && bytes[index] == 0x3A ? index : nil
    }
}
