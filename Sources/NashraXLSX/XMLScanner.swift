// SPDX-License-Identifier: Apache-2.0
//
// Reads the XML of a workbook's parts tag by tag, in constant memory. No entities but XML's own five and numbers, no
// document type, nothing from outside: what a part may not hold is an error, so that nothing can expand or be fetched.
// Pure: pulls from the stream it is given. Rules: XML 1.0; ECMA-376 part 2, 8.1.4 (no document type in a part).
import NashraCSV
import NashraCore

/// Why a part cannot be read on.
struct XMLFault: Error, Equatable {
    let what: String
}

/// A reader of one part.
///
/// Names are without their namespace's prefix. Not `Sendable`: one thread reads.
struct XMLScanner: ~Copyable {
    /// What comes next.
    enum Token: Equatable {
        /// A tag that opens an element; ``name`` and ``attribute(_:)`` tell about it.
        case start
        /// An element's end, also of one that `<a/>` closes at once; ``name`` is its name.
        case end
        /// Characters; they are in ``text``. An element's text may come in several pieces.
        case text
        /// The end of the part.
        case done
    }

    /// The name of the element that began or ended, without its prefix.
    private(set) var name: [UInt8] = []
    /// The characters of a text, decoded; at most ``textLimit``.
    var text: [UInt8] = []
    /// Whether ``text`` was longer, and its rest is lost.
    var textIsCut = false

    static let textLimit = 160 << 10
    static let tagLimit = 64 << 10
    static let depthLimit = 64

    /// Gives more bytes; 0 at the end.
    typealias Source = (UnsafeMutableRawBufferPointer) throws(UserError) -> Int

    let source: Source
    var window: [UInt8]
    var position = 0
    var filled = 0
    var hasEnded = false
    /// The tag at hand, without its angle brackets.
    var tag = 0..<0
    var attributes: [(name: Range<Int>, value: Range<Int>)] = []
    /// The names of open elements, one after the other, and where each ends.
    var open: [UInt8] = []
    var openEnds: [Int] = []
    /// `<a/>` was told as a start, and its end is due.
    var closesAtOnce = false
    var hasRoot = false

    init(_ source: @escaping Source) {
        self.source = source
        window = [UInt8](repeating: 0, count: 64 << 10)
    }

    /// What ended or stopped the reading.
    enum Failure: Error {
        case fault(XMLFault)
        case source(UserError)
    }

    /// Moves to the next token.
    mutating func next() throws(Failure) -> Token {
        if closesAtOnce {
            closesAtOnce = false
            drop()
            return .end
        }
        while true {
            guard try has(1) else {
                guard openEnds.isEmpty, hasRoot else { throw fault("it ends in the middle of an element") }
                return .done
            }
            guard window[position] == UInt8(ascii: "<") else {
                try readText()
                if !text.isEmpty, !openEnds.isEmpty { return .text }
                continue
            }
            if let token = try markup() { return token }
        }
    }

    /// The value of the element's attribute, as it is written; `nil` when it has none.
    ///
    /// Valid until the next call of ``next()``.
    func attribute(_ wanted: StaticString) -> ArraySlice<UInt8>? {
        for (name, value) in attributes where name.count == wanted.utf8CodeUnitCount {
            let isSame = name.enumerated().allSatisfy { window[$0.element] == wanted.utf8Start[$0.offset] }
            if isSame { return window[value] }
        }
        return nil
    }

    /// The value of the element's attribute, decoded.
    func attributeText(_ wanted: StaticString) -> String? {
        guard let raw = attribute(wanted) else { return nil }
        var decoded: [UInt8] = []
        var rest = raw
        while let byte = rest.first {
            if byte == UInt8(ascii: "&"), let (scalar, length) = XMLEntity.decode(rest) {
                decoded += Array(String(scalar).utf8)
                rest = rest.dropFirst(length)
            } else {
                decoded.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// The value of the element's attribute that has this name after some prefix, as `r:id` has.
    func prefixedAttribute(_ wanted: StaticString) -> String? {
        for (name, value) in attributes where local(name).count < name.count {
            let name = local(name)
            let isSame =
                name.count == wanted.utf8CodeUnitCount
                && name.enumerated().allSatisfy { window[$0.element] == wanted.utf8Start[$0.offset] }
            if isSame { return String(decoding: window[value], as: UTF8.self) }
        }
        return nil
    }

    /// Whether the element at hand has this name.
    func isNamed(_ wanted: StaticString) -> Bool {
        guard name.count == wanted.utf8CodeUnitCount else { return false }
        for index in name.indices where name[index] != wanted.utf8Start[index] { return false }
        return true
    }

    /// How many elements are open.
    var depth: Int { openEnds.count }
}

// MARK: - Markup

extension XMLScanner {
    /// Reads what begins with `<`; `nil` when it is nothing to tell.
    private mutating func markup() throws(Failure) -> Token? {
        guard try has(2) else { throw fault("it ends in the middle of a tag") }
        switch window[position + 1] {
        case UInt8(ascii: "!"):
            if try isNext("<!--") {
                try skip(past: "-->")
                return nil
            }
            if try isNext("<![CDATA[") {
                position += 9
                try readSection()
                return text.isEmpty || openEnds.isEmpty ? nil : .text
            }
            throw fault("it holds a document type, which no workbook has")
        case UInt8(ascii: "?"):
            try skip(past: "?>")
            return nil
        case UInt8(ascii: "/"):
            try findTag()
            let ended = local(trimmed(tag.lowerBound + 1..<tag.upperBound))
            try close(ended)
            return .end
        default:
            try findTag()
            try begin()
            return .start
        }
    }

    /// Brings the whole tag into the window, and moves behind it.
    private mutating func findTag() throws(Failure) {
        var end = 1
        var quoted: UInt8?
        while true {
            guard try has(end + 1) else { throw fault("it ends in the middle of a tag") }
            guard end < Self.tagLimit else { throw fault("a tag is longer than \(Self.tagLimit) bytes") }
            let byte = window[position + end]
            if let mark = quoted {
                if byte == mark { quoted = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quoted = byte
            } else if byte == UInt8(ascii: ">") {
                break
            } else if byte == UInt8(ascii: "<") {
                throw fault("a tag holds <")
            }
            end += 1
        }
        tag = (position + 1)..<(position + end)
        position += end + 1
    }

    private mutating func begin() throws(Failure) {
        var range = tag
        closesAtOnce = range.last.map { window[$0] == UInt8(ascii: "/") } ?? false
        if closesAtOnce { range = range.lowerBound..<(range.upperBound - 1) }
        let nameEnd = range.first { Self.isSpace(window[$0]) } ?? range.upperBound
        let named = local(range.lowerBound..<nameEnd)
        guard !named.isEmpty else { throw fault("a tag has no name") }
        guard depth < Self.depthLimit else {
            throw fault("elements are nested deeper than \(Self.depthLimit)")
        }
        guard depth > 0 || !hasRoot else { throw fault("it has two roots") }
        hasRoot = true
        name.removeAll(keepingCapacity: true)
        name.append(contentsOf: window[named])
        open.append(contentsOf: window[named])
        openEnds.append(open.count)
        try readAttributes(nameEnd..<range.upperBound)
    }

    private mutating func readAttributes(_ range: Range<Int>) throws(Failure) {
        attributes.removeAll(keepingCapacity: true)
        var index = range.lowerBound
        while true {
            while index < range.upperBound, Self.isSpace(window[index]) { index += 1 }
            guard index < range.upperBound else { return }
            let start = index
            while index < range.upperBound, window[index] != UInt8(ascii: "=") { index += 1 }
            let named = trimmed(start..<index)
            index += 1
            while index < range.upperBound, Self.isSpace(window[index]) { index += 1 }
            guard index < range.upperBound, window[index] == 0x22 || window[index] == 0x27 else {
                throw fault("an attribute has no value")
            }
            let mark = window[index]
            let valueStart = index + 1
            index = valueStart
            while index < range.upperBound, window[index] != mark { index += 1 }
            guard index < range.upperBound else { throw fault("an attribute's value does not end") }
            attributes.append((named, valueStart..<index))
            index += 1
        }
    }

    private mutating func close(_ ended: Range<Int>) throws(Failure) {
        let start = openEnds.count > 1 ? openEnds[openEnds.count - 2] : 0
        let isOpen =
            !openEnds.isEmpty && open.count - start == ended.count
            && open.withUnsafeBytes { names in
                window.withUnsafeBytes { bytes in
                    names[start...].elementsEqual(bytes[ended])
                }
            }
        guard isOpen else { throw fault("an element is closed that is not open") }
        name.removeAll(keepingCapacity: true)
        name.append(contentsOf: window[ended])
        drop()
    }

    /// Takes the innermost element off the open ones.
    private mutating func drop() {
        openEnds.removeLast()
        open.removeLast(open.count - (openEnds.last ?? 0))
        attributes.removeAll(keepingCapacity: true)
    }

    /// A name without its prefix.
    private func local(_ range: Range<Int>) -> Range<Int> {
        let colon = range.last { window[$0] == UInt8(ascii: ":") }
        return (colon.map { $0 + 1 } ?? range.lowerBound)..<range.upperBound
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        let end = range.last { !Self.isSpace(window[$0]) }.map { $0 + 1 } ?? range.lowerBound
        return range.lowerBound..<end
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
