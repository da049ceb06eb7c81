// SPDX-License-Identifier: Apache-2.0
//
// Bytes of any encoding to UTF-8, piece by piece.
// Pure, but for the state of iconv. Never traps; what means nothing becomes U+FFFD and is counted.
public import NashraCore

/// Decodes a text that comes in pieces.
///
/// Nothing is normalised: what comes out is what the file says, in UTF-8. A byte order mark is left out.
///
/// Not `Sendable`: it holds the end of the last piece.
public final class TextDecoder {
    /// How many times bytes meant nothing.
    public private(set) var broken = 0

    private enum Kind {
        case utf8
        case utf16(isBig: Bool)
        case table([UInt32])
        case iconv(Iconv)
    }

    static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]
    /// U+FFFD as an entry of a table: its length above its bytes.
    private static let nothing: UInt32 = 3 << 24 | 0xBD_BFEF

    private let kind: Kind
    /// The beginning of a character whose rest has not come, for UTF-8 and UTF-16.
    private var held: [UInt8] = []
    private var hasBegun = false

    /// Makes a decoder.
    ///
    /// - Throws: ``UserError`` with status `usage` when iconv does not know the encoding.
    public init(_ encoding: TextEncoding) throws(UserError) {
        switch encoding {
        case .utf8: kind = .utf8
        case .utf16LittleEndian: kind = .utf16(isBig: false)
        case .utf16BigEndian: kind = .utf16(isBig: true)
        case .windows1256, .windows1252, .iso8859Part6:
            kind = .table((encoding.upperHalf ?? []).map(Self.entry))
        case .other(let name):
            guard let iconv = Iconv(name) else {
                throw UserError(.usage, "--encoding \(name): no such encoding is known here")
            }
            kind = .iconv(iconv)
        }
    }

    /// Decodes a piece.
    ///
    /// - Parameters:
    ///   - bytes: What comes next; any length.
    ///   - isLast: Nothing comes after them.
    ///   - output: Receives UTF-8.
    public func decode(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, into output: inout [UInt8]) {
        let before = output.count
        switch kind {
        case .utf8: utf8(bytes, isLast: isLast, into: &output)
        case .utf16(let isBig): utf16(bytes, isBig: isBig, isLast: isLast, into: &output)
        case .table(let table): single(bytes, table, into: &output)
        case .iconv(let iconv): broken += iconv.convert(bytes, isLast: isLast, into: &output)
        }
        guard !hasBegun, output.count > before else { return }
        hasBegun = true
        if output[before...].starts(with: [0xEF, 0xBB, 0xBF]) {
            output.removeSubrange(before..<(before + 3))
        }
    }

    /// The whole of a short text.
    public func text(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        bytes.withUnsafeBufferPointer { decode($0, isLast: true, into: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    private static func entry(_ unit: UInt16) -> UInt32 {
        guard unit != 0, let scalar = Unicode.Scalar(UInt32(unit)) else { return nothing }
        let bytes = Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        let packed = bytes.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element) << UInt32(8 * $1.offset) }
        return packed | UInt32(bytes.count) << 24
    }

    private func single(_ bytes: UnsafeBufferPointer<UInt8>, _ table: [UInt32], into output: inout [UInt8]) {
        guard table.count == 128 else { return }
        output.reserveCapacity(output.count + 2 * bytes.count)
        var index = 0
        while index < bytes.count {
            let start = index
            while index < bytes.count, bytes[index] < 0x80 { index += 1 }
            if index > start {
                output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
            }
            while index < bytes.count, bytes[index] >= 0x80 {
                let entry = table[Int(bytes[index] & 0x7F)]
                output.append(UInt8(truncatingIfNeeded: entry))
                output.append(UInt8(truncatingIfNeeded: entry >> 8))
                if entry >> 24 == 3 { output.append(UInt8(truncatingIfNeeded: entry >> 16)) }
                if entry == Self.nothing { broken += 1 }
                index += 1
            }
        }
    }

    private func utf16(
        _ bytes: UnsafeBufferPointer<UInt8>,
        isBig: Bool,
        isLast: Bool,
        into output: inout [UInt8]
    ) {
        let input = held.isEmpty ? nil : held + bytes
        held = []
        let used =
            input.map { $0.withUnsafeBufferPointer { units($0, isBig, isLast, &output) } }
            ?? units(bytes, isBig, isLast, &output)
        let rest = input.map { Array($0[used...]) } ?? Array(bytes[used...])
        guard isLast, !rest.isEmpty else {
            held = rest
            return
        }
        broken += 1
        output += Self.replacement
    }

    /// Decodes whole characters; returns how many bytes they were.
    private func units(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ isBig: Bool,
        _ isLast: Bool,
        _ output: inout [UInt8]
    ) -> Int {
        let (low, high) = isBig ? (1, 0) : (0, 1)
        var index = 0
        output.reserveCapacity(output.count + bytes.count)
        while index + 1 < bytes.count {
            let unit = UInt32(bytes[index + high]) << 8 | UInt32(bytes[index + low])
            var scalar = unit
            var length = 2
            if unit & 0xFC00 == 0xD800 {
                if index + 3 >= bytes.count, !isLast { break }
                let next =
                    index + 3 < bytes.count
                    ? UInt32(bytes[index + 2 + high]) << 8 | UInt32(bytes[index + 2 + low]) : 0
                if next & 0xFC00 == 0xDC00 {
                    scalar = 0x1_0000 + (unit & 0x3FF) << 10 + next & 0x3FF
                    length = 4
                }
            }
            append(scalar, to: &output)
            index += length
        }
        return index
    }

    private func append(_ scalar: UInt32, to output: inout [UInt8]) {
        if scalar < 0x80 {
            output.append(UInt8(truncatingIfNeeded: scalar))
        } else if scalar < 0x800 {
            output.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
            output.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        } else if let known = Unicode.Scalar(scalar), let encoded = UTF8.encode(known) {
            output.append(contentsOf: encoded)
        } else {
            broken += 1
            output += Self.replacement
        }
    }

    private func utf8(_ bytes: UnsafeBufferPointer<UInt8>, isLast: Bool, into output: inout [UInt8]) {
        var input = held + bytes
        held = []
        let cut = isLast ? input.count : input.count - Self.openEnd(of: input)
        held = Array(input[cut...])
        input.removeSubrange(cut...)
        if let valid = String(validating: input, as: UTF8.self) {
            output.append(contentsOf: valid.utf8)
            return
        }
        let mended = Array(String(decoding: input, as: UTF8.self).utf8)
        broken += max(1, Self.replacements(in: mended) - Self.replacements(in: input))
        output += mended
    }

    private static func replacements(in bytes: [UInt8]) -> Int {
        bytes.indices.count(where: { bytes[$0] == 0xEF && bytes[$0...].starts(with: replacement) })
    }

    /// How many bytes at the end begin a character that they do not finish.
    private static func openEnd(of bytes: [UInt8]) -> Int {
        for (back, byte) in bytes.suffix(3).reversed().enumerated() {
            if byte & 0xC0 == 0x80 { continue }
            let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return length > back + 1 ? back + 1 : 0
        }
        return 0
    }
}
