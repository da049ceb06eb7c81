// SPDX-License-Identifier: Apache-2.0
//
// The strings that the cells of a workbook share, on disk beyond some megabytes.
// Reads one part; may write a temporary file without a name. Rules: ECMA-376 part 1, 18.4 (rich text runs belong to the
// text, phonetic runs do not) and 22.9.2.19 (_x000D_).
import Foundation
import NashraCSV
import NashraCore

/// A workbook's shared strings.
///
/// Not `Sendable`: one thread reads.
final class SharedStrings {
    /// Where each string ends; the first begins at 0.
    private var ends: [UInt32] = []
    /// The bytes of the strings, or the last that were not written to ``file``.
    private var bytes: [UInt8] = []
    /// How many bytes were written to ``file``.
    private var written = 0
    private var file: Int32?
    /// What was last read back, and where it stands.
    private var window: [UInt8] = []
    private var windowStart = 0

    static let inMemory = 8 << 20
    private static let windowBytes = 256 << 10

    /// No strings.
    init() {}

    /// Reads the strings of a workbook.
    init(
        _ part: String,
        of parts: any PackageParts,
        limits: WorkbookLimits,
        temporaryFolder: String?
    ) throws(UserError) {
        var reader = try PartReader(part, of: parts)
        var text = RichText()
        while true {
            switch try reader.next() {
            case .start: text.begin(reader.at)
            case .text: text.add(reader.at)
            case .end:
                guard reader.at.isNamed("si") else {
                    text.end(reader.at)
                    continue
                }
                bytes += text.bytes
                text = RichText()
                let total = written + bytes.count
                guard total <= limits.sharedBytes, ends.count < limits.sharedStrings,
                    let end = UInt32(exactly: total)
                else {
                    throw UserError(
                        .badData,
                        "\(parts.name): holds more text than a workbook may",
                        remedy: "Save the sheet as CSV UTF-8 and import that."
                    )
                }
                ends.append(end)
                if bytes.count >= Self.inMemory { try spill(temporaryFolder) }
            case .done:
                if file != nil { try spill(temporaryFolder) }
                return
            }
        }
    }

    deinit {
        if let file { close(file) }
    }

    /// The `index`-th string, from 0; `nil` when there is none.
    func string(_ index: Int) throws(UserError) -> ArraySlice<UInt8>? {
        guard ends.indices.contains(index) else { return nil }
        let range = (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
        guard let file else { return bytes[range] }
        if range.lowerBound < windowStart || range.upperBound > windowStart + window.count {
            try load(range, from: file)
        }
        let start = range.lowerBound - windowStart
        guard start >= 0, start + range.count <= window.count else { return nil }
        return window[start..<(start + range.count)]
    }

    private func spill(_ folder: String?) throws(UserError) {
        let target: Int32
        if let file {
            target = file
        } else {
            target = try TemporaryFile.open(in: folder)
            file = target
        }
        try TemporaryFile.write(bytes[...], to: target)
        written += bytes.count
        bytes.removeAll(keepingCapacity: true)
    }

    private func load(_ range: Range<Int>, from file: Int32) throws(UserError) {
        var piece = [UInt8](repeating: 0, count: max(range.count, Self.windowBytes))
        var filled = 0
        while filled < piece.count {
            let count = piece.withUnsafeMutableBytes { target in
                let rest = UnsafeMutableRawBufferPointer(rebasing: target[filled...])
                return pread(file, rest.baseAddress, rest.count, off_t(range.lowerBound + filled))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw UserError(.inputOutput, "a temporary file cannot be read") }
            if count == 0 { break }
            filled += count
        }
        piece.removeLast(piece.count - filled)
        (window, windowStart) = (piece, range.lowerBound)
    }
}

/// The text of a string item or of a cell, put together from its runs.
struct RichText {
    /// What was put together so far, with `_x000D_` and the like decoded.
    var bytes: [UInt8] { isEscaped ? Self.unescaped(collected) : collected }
    /// Whether it was too long for a cell, and is cut.
    private(set) var isCut = false

    private var collected: [UInt8] = []
    private var isInText = false
    private var phoneticDepth = 0
    private var isEscaped = false

    static let limit = 160 << 10

    mutating func begin(_ scanner: borrowing XMLScanner) {
        if scanner.isNamed("rPh") { phoneticDepth += 1 }
        if scanner.isNamed("t") { isInText = true }
    }

    mutating func end(_ scanner: borrowing XMLScanner) {
        if scanner.isNamed("rPh") { phoneticDepth -= 1 }
        if scanner.isNamed("t") { isInText = false }
    }

    mutating func add(_ scanner: borrowing XMLScanner) {
        guard isInText, phoneticDepth <= 0 else { return }
        isCut = isCut || scanner.textIsCut || collected.count + scanner.text.count > Self.limit
        guard !isCut else { return }
        collected += scanner.text
        if scanner.text.contains(UInt8(ascii: "_")) { isEscaped = true }
    }

    /// Decodes `_xHHHH_`, by which workbooks write controls and the underscore that begins such a thing.
    static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "_"), index + 7 <= bytes.count,
                bytes[index + 1] == UInt8(ascii: "x"),
                bytes[index + 6] == UInt8(ascii: "_"),
                let value = UInt32(
                    String(decoding: bytes[(index + 2)..<(index + 6)], as: UTF8.self),
                    radix: 16
                ),
                let scalar = Unicode.Scalar(value), value != 0
            {
                result += Array(String(scalar).utf8)
                index += 7
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return result
    }
}
