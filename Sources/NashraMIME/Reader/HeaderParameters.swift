// SPDX-License-Identifier: Apache-2.0
//
// Values with parameters: Content-Type, Content-Disposition, Auto-Submitted.
// Pure, tolerant, one pass; at most 100 parameters.
// Rules: RFC 2045 section 5.1, RFC 2231 sections 3 and 4.

/// A header's value of the form `value; name=value; name="value"`.
public struct HeaderParameters: Sendable {
    /// What stands before the first semicolon, in lower case, without comments and white space.
    public let value: String

    private let parameters: [ParameterReader.Parameter]

    /// Reads a value; see ``HeaderFields/first(_:)``.
    public init(_ bytes: [UInt8]) {
        var reader = ParameterReader(bytes[...])
        value = reader.readValue()
        parameters = reader.readParameters()
    }

    /// The value of a parameter; `nil` when there is none.
    ///
    /// Continuations (`name*0=`, `name*1=`) are joined, percent-encoded ones decoded, and where a charset is
    /// named the result is UTF-8.
    ///
    /// - Parameter name: ASCII; case does not matter.
    public subscript(name: String) -> [UInt8]? {
        let wanted = name.utf8.map(ASCII.lower)
        let named = parameters.filter { $0.name == wanted }
        if let whole = named.first(where: { $0.section == nil && $0.isExtended }) {
            return Self.joined([whole])
        }
        if let whole = named.first(where: { $0.section == nil }) { return whole.value }
        var sections: [ParameterReader.Parameter] = []
        for section in named.sorted(by: { ($0.section ?? 0) < ($1.section ?? 0) })
        where section.section == sections.count {
            sections.append(section)
        }
        return sections.isEmpty ? nil : Self.joined(sections)
    }

    /// Joins sections; the first may open with `charset'language'`.
    private static func joined(_ sections: [ParameterReader.Parameter]) -> [UInt8] {
        var joined: [UInt8] = []
        var charset: [UInt8]?
        for (index, section) in sections.enumerated() {
            var value = section.value[...]
            if section.isExtended, index == 0, let first = value.firstIndex(of: 0x27),
                let second = value[(first + 1)...].firstIndex(of: 0x27)
            {
                charset = Array(value[..<first])
                value = value[(second + 1)...]
            }
            joined.append(contentsOf: section.isExtended ? percentDecoded(value) : Array(value))
        }
        guard let charset, !charset.isEmpty else { return joined }
        return CharsetText.utf8(joined, charset: charset)
    }

    private static func percentDecoded(_ value: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(value.count)
        var index = value.startIndex
        while index < value.endIndex {
            if value[index] == UInt8(ascii: "%"), index + 2 < value.endIndex,
                let high = ASCII.hexadecimal(value[index + 1]), let low = ASCII.hexadecimal(value[index + 2])
            {
                decoded.append(high << 4 | low)
                index += 3
            } else {
                decoded.append(value[index])
                index += 1
            }
        }
        return decoded
    }
}

/// One walk over a value with parameters.
struct ParameterReader {
    /// One `name=value`, or one section of one.
    struct Parameter: Sendable {
        /// In lower case, without `*` and section.
        let name: [UInt8]
        /// The number behind the name's first `*`.
        let section: Int?
        /// Whether the name ends in `*`: the value is percent-encoded.
        let isExtended: Bool
        let value: [UInt8]
    }

    private static let mostParameters = 100
    private static let longestValue = 16_384
    private static let longestComment = 512
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes.prefix(Self.longestValue)
        index = bytes.startIndex
    }

    /// What stands before the parameters, in lower case.
    mutating func readValue() -> String {
        var value: [UInt8] = []
        skipSpace()
        while index < bytes.endIndex, bytes[index] != UInt8(ascii: ";") {
            if ASCII.isSpace(bytes[index]) || bytes[index] == UInt8(ascii: "(") {
                let start = index
                skipSpace()
                // A space ends the value, even without a semicolon, but not around the slash.
                let isAtSlash = value.last == UInt8(ascii: "/") || peek() == UInt8(ascii: "/")
                if !isAtSlash || index == start { break }
            } else {
                if bytes[index] != 0x22 { value.append(ASCII.lower(bytes[index])) }
                index += 1
            }
        }
        return String(decoding: value, as: UTF8.self)
    }

    /// The parameters behind the value.
    mutating func readParameters() -> [Parameter] {
        var parameters: [Parameter] = []
        for _ in 0..<Self.mostParameters {
            skipSpace()
            while peek() == UInt8(ascii: ";") {
                index += 1
                skipSpace()
            }
            guard index < bytes.endIndex else { break }
            let start = index
            while let byte = peek(), byte != UInt8(ascii: "="), byte != UInt8(ascii: ";"),
                !ASCII.isSpace(byte)
            { index += 1 }
            let name = bytes[start..<index]
            skipSpace()
            guard peek() == UInt8(ascii: "=") else { continue }
            index += 1
            skipSpace()
            let value = peek() == 0x22 ? quotedValue() : plainValue()
            if !name.isEmpty { parameters.append(Self.parameter(name, value)) }
        }
        return parameters
    }

    private func peek() -> UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    /// Goes over white space and comments; a comment that does not end is none.
    private mutating func skipSpace() {
        while let byte = peek() {
            if ASCII.isSpace(byte) {
                index += 1
            } else if byte == UInt8(ascii: "("), let end = endOfComment() {
                index = end
            } else {
                return
            }
        }
    }

    private func endOfComment() -> Int? {
        var depth = 0
        var index = index
        let limit = min(bytes.endIndex, index + Self.longestComment)
        while index < limit {
            switch bytes[index] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "\\"): index += 1
            default: break
            }
            index += 1
            if depth == 0 { return min(index, bytes.endIndex) }
        }
        return nil
    }

    private mutating func quotedValue() -> [UInt8] {
        var value: [UInt8] = []
        index += 1
        while let byte = peek(), byte != 0x22 {
            index += 1
            if byte == 0x5C, let next = peek() {
                value.append(next)
                index += 1
            } else if byte != 0x0D, byte != 0x0A {
                value.append(byte)
            }
        }
        index = min(index + 1, bytes.endIndex)
        return value
    }

    /// Up to the semicolon; or to a space, when a comment or another parameter follows without one.
    private mutating func plainValue() -> [UInt8] {
        let start = index
        while let byte = peek(), byte != UInt8(ascii: ";") {
            if ASCII.isSpace(byte), endsBefore(spaceAt: index) { break }
            index += 1
        }
        var value = bytes[start..<index]
        while let last = value.last, ASCII.isSpace(last) { value = value.dropLast() }
        return Array(value)
    }

    private func endsBefore(spaceAt position: Int) -> Bool {
        let rest = bytes[position...].prefix(80).prefix { $0 != UInt8(ascii: ";") }
        let next = rest.first { !ASCII.isSpace($0) }
        return next == UInt8(ascii: "(") || rest.contains(UInt8(ascii: "="))
    }

    /// Splits `name*0*` into its three parts.
    private static func parameter(_ name: ArraySlice<UInt8>, _ value: [UInt8]) -> Parameter {
        let pieces = name.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
        let plain = (pieces.first ?? []).map(ASCII.lower)
        var section: Int?
        if pieces.count > 1, (1...3).contains(pieces[1].count) {
            section = Int(String(decoding: pieces[1], as: UTF8.self))
        }
        let isExtended = pieces.count > 1 && pieces.last?.isEmpty == true
        return Parameter(name: plain, section: section, isExtended: isExtended, value: value)
    }
}
