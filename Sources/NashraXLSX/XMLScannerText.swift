// SPDX-License-Identifier: Apache-2.0
//
// The characters between the tags of a part, and the window of bytes in which tags and characters are looked at.
// Pulls from the scanner's stream. Rules: XML 1.0, 2.4, 2.5 and 2.7.
import NashraCore

extension XMLScanner {
    /// Reads characters up to the next `<`.
    mutating func readText() throws(Failure) {
        textIsCut = false
        text.removeAll(keepingCapacity: true)
        while try has(1) {
            let mark = ByteSearch.first(UInt8(ascii: "<"), in: window, position..<filled)
            let end = ByteSearch.first(UInt8(ascii: "&"), in: window, position..<mark)
            take(position..<end)
            position = end
            guard end < filled else { continue }
            if window[end] == UInt8(ascii: "<") { return }
            _ = try has(12)
            guard let (scalar, length) = XMLEntity.decode(window[position..<min(filled, position + 12)])
            else {
                throw fault("it holds an entity that XML does not define")
            }
            position += length
            if text.count < Self.textLimit {
                text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            } else {
                textIsCut = true
            }
        }
    }

    /// Reads up to the end of a CDATA section.
    mutating func readSection() throws(Failure) {
        textIsCut = false
        text.removeAll(keepingCapacity: true)
        while try has(3) {
            if try isNext("]]>") {
                position += 3
                return
            }
            let end = ByteSearch.first(UInt8(ascii: "]"), in: window, (position + 1)..<filled)
            take(position..<end)
            position = end
        }
        throw fault("a CDATA section does not end")
    }

    private mutating func take(_ range: Range<Int>) {
        let room = max(0, Self.textLimit - text.count)
        if range.count > room { textIsCut = true }
        text.append(contentsOf: window[range.prefix(room)])
    }

    mutating func skip(past mark: StaticString) throws(Failure) {
        while try has(mark.utf8CodeUnitCount) {
            if try isNext(mark) {
                position += mark.utf8CodeUnitCount
                return
            }
            position = ByteSearch.first(mark.utf8Start.pointee, in: window, (position + 1)..<filled)
        }
        throw fault("a comment does not end")
    }

    mutating func isNext(_ wanted: StaticString) throws(Failure) -> Bool {
        guard try has(wanted.utf8CodeUnitCount) else { return false }
        return (0..<wanted.utf8CodeUnitCount).allSatisfy { window[position + $0] == wanted.utf8Start[$0] }
    }

    /// Whether so many bytes follow; brings them into the window.
    mutating func has(_ count: Int) throws(Failure) -> Bool {
        if position + count <= filled { return true }
        if hasEnded { return false }
        if position > 0 {
            window.replaceSubrange(0..<(filled - position), with: Array(window[position..<filled]))
            (position, filled) = (0, filled - position)
        }
        if window.count < count { window += [UInt8](repeating: 0, count: window.count) }
        while filled < count, !hasEnded { try fill() }
        return filled >= count
    }

    private mutating func fill() throws(Failure) {
        let from = filled
        let source = source
        do throws(UserError) {
            let given = try window.withUnsafeMutableBufferPointer {
                (bytes: inout UnsafeMutableBufferPointer<UInt8>) throws(UserError) -> Int in
                let rest = UnsafeMutableBufferPointer(rebasing: bytes[from...])
                return min(try source(UnsafeMutableRawBufferPointer(rest)), rest.count)
            }
            if given <= 0 { hasEnded = true }
            filled += max(0, given)
        } catch {
            throw .source(error)
        }
    }

    func fault(_ what: String) -> Failure { .fault(XMLFault(what: what)) }
}
