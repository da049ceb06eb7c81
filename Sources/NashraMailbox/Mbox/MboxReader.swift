// SPDX-License-Identifier: Apache-2.0
//
// Cuts the bytes of an mbox file into messages, in constant memory whatever the file's size.
// Reads one open file; writes nothing.
// Rules: RFC 4155 and its appendix A; mbox(5). mboxo, mboxrd, mboxcl and mboxcl2 are read alike: Content-Length is
// ignored, because whoever wrote the message wrote that too and could hide the messages behind it.
import Glibc
import NashraCore

/// Reads the messages of a part of an mbox file, one after the other.
struct MboxReader {
    /// One message.
    struct Message {
        /// Where its `From ` line begins and where the next one's does, in bytes.
        var range: Range<Int>
        /// Its bytes without the `From ` line and the blank line behind it; `>From ` is `From ` again.
        var bytes: [UInt8]
    }

    /// Why reading ended early.
    enum Fault: Error {
        case system(SystemFailure)
        case notAnMbox
    }

    /// Where the next message begins.
    private(set) var position: Int
    /// Where reading ends.
    private(set) var end: Int
    /// Of every byte from the start of the file to `end`, once that is reached.
    private(set) var digest = MboxDigest()

    private let path: String
    private var buffer: [UInt8] = []
    private var bufferStart = 0
    private var cursor = 0

    private static let bufferSize = 256 << 10

    /// Reads from the start of the file to `end`.
    init(path: String, to end: Int) {
        self.path = path
        self.position = 0
        self.end = end
    }

    /// Reads on in what was appended behind the old end.
    mutating func extend(to end: Int) { self.end = max(self.end, end) }

    /// The next message, or `nil` at the end.
    mutating func next(in file: borrowing OpenFile) throws(Fault) -> Message? {
        guard try skipSeparator(in: file) else { return nil }
        let start = position
        var bytes: [UInt8] = []
        var blank: ArraySlice<UInt8> = []
        var wasBlank = false
        var isLineStart = true
        var offset = bufferStart + cursor
        while let piece = try nextPiece(in: file) {
            if isLineStart, wasBlank, Self.isSeparator(piece) {
                cursor -= piece.count
                break
            }
            wasBlank = isLineStart && Self.isBlank(piece)
            Self.append(blank, to: &bytes)
            blank = wasBlank ? piece : []
            if !wasBlank { Self.append(isLineStart ? Self.unquoted(piece) : piece, to: &bytes) }
            isLineStart = piece.last == 0x0A
            offset += piece.count
        }
        position = offset
        return Message(range: start..<offset, bytes: bytes)
    }

    /// Reads the `From ` line that a message begins with.
    private mutating func skipSeparator(in file: borrowing OpenFile) throws(Fault) -> Bool {
        while let line = try nextPiece(in: file) {
            if line.starts(with: Self.from) {
                var last = line.last
                // The line may be longer than the buffer.
                while last != 0x0A, let more = try nextPiece(in: file) { last = more.last }
                return true
            }
            // Blank lines before the first message, or more than one between two, are nobody's.
            guard Self.isBlank(line) else { throw .notAnMbox }
            position += line.count
        }
        return false
    }

    /// The next line with its end, or a part of one that is longer than the buffer; `nil` at the end.
    private mutating func nextPiece(in file: borrowing OpenFile) throws(Fault) -> ArraySlice<UInt8>? {
        if let feed = buffer[cursor...].firstIndex(of: 0x0A) {
            defer { cursor = feed + 1 }
            return buffer[cursor...feed]
        }
        try refill(from: file)
        guard cursor < buffer.count else { return nil }
        let last = buffer[cursor...].firstIndex(of: 0x0A) ?? buffer.count - 1
        defer { cursor = last + 1 }
        return buffer[cursor...last]
    }

    /// Moves what was not read yet to the front and reads behind it.
    private mutating func refill(from file: borrowing OpenFile) throws(Fault) {
        let rest = Array(buffer[cursor...])
        bufferStart += cursor
        cursor = 0
        let offset = bufferStart + rest.count
        let count = min(Self.bufferSize - rest.count, end - offset)
        guard count > 0 else {
            buffer = rest
            return
        }
        do {
            let new = try file.read(count: count, at: offset, path: path)
            digest.add(new)
            buffer = rest + new
        } catch {
            throw .system(error)
        }
    }

    private static func append(_ piece: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        bytes += piece.prefix(ReturnedMail.maximumBytes - bytes.count)
    }

    // MARK: Lines

    private static let from = Array("From ".utf8)

    private static func isBlank(_ line: ArraySlice<UInt8>) -> Bool {
        line.count <= 2 && line.last == 0x0A && line.dropLast().allSatisfy { $0 == 0x0D }
    }

    /// `>From ` was quoted once, `>>From ` is `>From ` (mboxrd); where nothing is quoted (mboxcl2) this harms one line.
    private static func unquoted(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard line.first == UInt8(ascii: ">") else { return line }
        let rest = line.drop { $0 == UInt8(ascii: ">") }
        return rest.starts(with: from) ? line.dropFirst() : line
    }

    /// Whether a line behind a blank one begins a message: `From `, a time and a year.
    ///
    /// People write "From " too.
    static func isSeparator(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.starts(with: from) else { return false }
        var hasTime = false
        var hasYear = false
        for word in line.prefix(512).split(whereSeparator: {
            $0 == 0x20 || $0 == 0x09 || $0 == 0x0D || $0 == 0x0A
        }) {
            if word.count == 4, word.allSatisfy(isDigit) { hasYear = true }
            if (4...8).contains(word.count), word.contains(UInt8(ascii: ":")),
                word.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ":") })
            {
                hasTime = true
            }
        }
        return hasTime && hasYear
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

/// A digest that tells whether bytes are still those that were read; it need not stand up to anybody's cunning.
///
/// FNV-1a, 64 bits.
struct MboxDigest: Equatable {
    private var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: [UInt8]) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    /// Of the first `count` bytes of a file.
    static func of(_ file: borrowing OpenFile, _ path: String, count: Int) throws(SystemFailure) -> MboxDigest
    {
        var digest = MboxDigest()
        var offset = 0
        while offset < count {
            let piece = try file.read(count: min(256 << 10, count - offset), at: offset, path: path)
            guard !piece.isEmpty else { break }
            digest.add(piece)
            offset += piece.count
        }
        return digest
    }
}
