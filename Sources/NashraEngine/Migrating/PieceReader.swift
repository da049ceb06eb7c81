// SPDX-License-Identifier: Apache-2.0
//
// A file byte by byte or line by line, in bounded memory, with line numbers.
// Reads one file; every failure names it.
import NashraCSV
import NashraCore

/// Gives the bytes of one file once.
final class PieceReader {
    /// How long a line may be, in bytes.
    static let lineLimit = 64 << 10

    let path: String
    /// The line of the next byte, from 1.
    private(set) var line = 1

    private let source: CSVFileSource
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    private var position = 0
    private var filled = 0
    private var hasEnded = false

    init(path: String) throws(UserError) {
        guard path != "-" else {
            throw UserError(
                .usage,
                "Exports of other systems are read twice, and standard input can be read once.",
                remedy: "Name a file."
            )
        }
        self.path = path
        source = try CSVFileSource(path: path)
        if try peek() == 0xEF, filled >= 3, buffer[1] == 0xBB, buffer[2] == 0xBF { position = 3 }
    }

    /// The next byte without taking it; `nil` at the end.
    func peek() throws(UserError) -> UInt8? {
        if position == filled { try fill() }
        return position < filled ? buffer[position] : nil
    }

    /// Takes the next byte; `nil` at the end.
    func take() throws(UserError) -> UInt8? {
        guard let byte = try peek() else { return nil }
        position += 1
        if byte == 0x0A { line += 1 }
        return byte
    }

    /// What the file begins with, at most `count` bytes, without taking them.
    func beginning(_ count: Int) -> ArraySlice<UInt8> { buffer[position..<min(filled, position + count)] }

    /// Takes one line without its end; `nil` at the end of the file.
    ///
    /// - Returns: The line and its number; the bytes are `nil` when it is longer than ``lineLimit``.
    func takeLine() throws(UserError) -> (bytes: [UInt8]?, number: Int)? {
        guard try peek() != nil else { return nil }
        let number = line
        var bytes: [UInt8] = []
        var isTooLong = false
        while let byte = try take(), byte != 0x0A {
            if bytes.count < Self.lineLimit { bytes.append(byte) } else { isTooLong = true }
        }
        if bytes.last == 0x0D { bytes.removeLast() }
        return (isTooLong ? nil : bytes, number)
    }

    private func fill() throws(UserError) {
        guard !hasEnded else { return }
        position = 0
        filled = try buffer.withUnsafeMutableBufferPointer {
            (bytes: inout UnsafeMutableBufferPointer<UInt8>) throws(UserError) -> Int in
            var count = 0
            while count < bytes.count {
                let rest = UnsafeMutableBufferPointer(rebasing: bytes[count...])
                let part = try source.read(into: UnsafeMutableRawBufferPointer(rest))
                guard part > 0 else { break }
                count += part
            }
            return count
        }
        hasEnded = filled < buffer.count
    }
}
