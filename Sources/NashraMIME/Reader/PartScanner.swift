// SPDX-License-Identifier: Apache-2.0
//
// Finds the parts of a message and of the messages in it, in one pass and without recursion.
// Pure. What is open lies on a stack of at most 17; a message under base64 is decoded into a buffer of its
// own and read there, while the outer one waits.
// Rules: RFC 2046 section 5, RFC 2045 section 6.4; docs/threat-model.md, row 11.

/// One walk over one message.
struct PartScanner {
    static let largestMessage = 10 << 20
    static let largestDecoded = 16 << 20
    static let deepest = 16
    static let mostParts = 256

    private(set) var parts: [MIMEPart] = []
    private(set) var limits: Set<MIMELimit> = []

    /// A buffer, how far it has been read, and what is open in it.
    private struct Frame {
        let bytes: [UInt8]
        let end: Int
        var position = 0
        var open: [OpenPart] = []
    }

    /// A part that begins at the frame's position.
    private struct Beginning {
        var parent: Int?
        var kind: HeaderScanner.Kind
        var isDigest = false
    }

    private var frame: Frame
    private var waiting: [Frame] = []
    private var budget: Int
    private var isFull = false

    init(_ bytes: [UInt8]) {
        let end = min(bytes.count, Self.largestMessage)
        frame = Frame(bytes: bytes, end: end)
        budget = Self.largestDecoded - end
        if bytes.count > end { limits.insert(.messageSize) }
    }

    mutating func run() {
        var beginning: Beginning? = Beginning(parent: nil, kind: .message)
        while !isFull {
            while let next = beginning { beginning = begin(next) }
            let found = Delimiter.find(
                frame.bytes.span,
                from: frame.position,
                to: frame.end,
                open: frame.open
            )
            let bodyEnd = found.map { Lines.beforeBreak(frame.bytes.span, $0.start) } ?? frame.end
            let encoded = close(above: found?.owner ?? -1, at: bodyEnd)
            if let encoded, let inner = decoded(encoded) {
                frame.position = found?.start ?? frame.end
                waiting.append(frame)
                frame = inner
                beginning = Beginning(parent: encoded, kind: .message)
            } else if let found {
                beginning = pass(found)
            } else if let outer = waiting.popLast() {
                frame = outer
            } else {
                return
            }
        }
    }

    /// Goes over a delimiter; returns the part that begins behind it.
    private mutating func pass(_ delimiter: Delimiter) -> Beginning? {
        frame.position = delimiter.next
        guard !delimiter.isLast else {
            frame.open[delimiter.owner].boundary = []
            return nil
        }
        let owner = frame.open[delimiter.owner]
        return Beginning(parent: owner.part, kind: .part, isDigest: owner.isDigest)
    }

    /// Closes the parts that lie above a place on the stack; returns the one that must be decoded and opened.
    private mutating func close(above owner: Int, at end: Int) -> Int? {
        var encoded: Int?
        while frame.open.count > owner + 1 {
            let closed = frame.open.removeLast()
            let start = parts[closed.part].body.lowerBound
            parts[closed.part].body = start..<max(start, end)
            if closed.isEncodedMessage { encoded = closed.part }
        }
        return encoded
    }

    /// A buffer with the message that a part carries encoded; `nil` when there is nothing in it, or too much.
    private mutating func decoded(_ index: Int) -> Frame? {
        let part = parts[index]
        let most = part.encoding == .base64 ? part.body.count / 4 * 3 : part.body.count
        guard most <= budget else {
            limits.insert(.decodedSize)
            return nil
        }
        let bytes = part.decodedBody()
        guard !bytes.isEmpty else { return nil }
        budget -= min(budget, bytes.count)
        return Frame(bytes: bytes, end: bytes.count)
    }

    /// Reads a header and opens its part; returns the message that begins in it at once.
    private mutating func begin(_ beginning: Beginning) -> Beginning? {
        guard parts.count < Self.mostParts else {
            limits.insert(.partCount)
            isFull = true
            return nil
        }
        let scan = HeaderScanner.block(
            beginning.kind,
            in: frame.bytes.span,
            from: frame.position,
            to: frame.end,
            open: frame.open
        )
        limits.formUnion(scan.limits)
        let part = makePart(beginning, scan)
        parts.append(part)
        frame.position = scan.next
        var opened = OpenPart(part: part.index, boundary: [])
        let isEmpty = scan.isAtDelimiter || scan.next >= frame.end
        guard !isEmpty, part.isMultipart || part.holdsMessage else {
            frame.open.append(opened)
            return nil
        }
        guard part.depth < Self.deepest else {
            limits.insert(.depth)
            frame.open.append(opened)
            return nil
        }
        if part.isMultipart {
            opened.boundary = boundary(of: part)
            opened.isDigest = part.mediaType == "multipart/digest"
        } else {
            opened.isEncodedMessage = part.encoding != .identity
        }
        frame.open.append(opened)
        let isOpen = part.isMultipart || opened.isEncodedMessage
        return isOpen ? nil : Beginning(parent: part.index, kind: .message)
    }
}

extension PartScanner {
    private func makePart(_ beginning: Beginning, _ scan: HeaderScanner) -> MIMEPart {
        let type = ContentType.mediaType(frame.bytes, scan.contentType, isDigest: beginning.isDigest)
        var part = MIMEPart(
            index: parts.count,
            parent: beginning.parent,
            depth: beginning.parent.map { parts[$0].depth + 1 } ?? 0,
            isMessage: beginning.kind == .message,
            header: HeaderFields(bytes: frame.bytes, fields: scan.fields, range: scan.start..<scan.end),
            mediaType: type,
            encoding: ContentType.encoding(frame.bytes, scan.transferEncoding, of: type),
            body: scan.next..<frame.end
        )
        if part.encoding == .base64, part.holdsMessage, ContentType.looksPlain(part.rawBody) {
            part = part.withoutEncoding()
        }
        return part
    }

    /// The boundary to look for; empty when there is none, or a part around this one has the same, which then
    /// wins.
    private func boundary(of part: MIMEPart) -> [UInt8] {
        var boundary = part.parameter("boundary") ?? []
        while let last = boundary.last, ASCII.isSpace(last) { boundary.removeLast() }
        if boundary.isEmpty { boundary = ContentType.guessedBoundary(in: part.rawBody) }
        return frame.open.contains { $0.boundary == boundary } ? [] : boundary
    }
}
