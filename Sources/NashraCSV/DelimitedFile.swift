// SPDX-License-Identifier: Apache-2.0
//
// The rows of a file of delimited text in any encoding.
// Reads the file it is given, forwards; says at the end when somebody changed the file meanwhile.
public import NashraCore

/// Reads delimited text out of a file whose encoding is known.
public final class DelimitedFile: TableReader {
    /// What separates fields; known once the first row was asked for.
    public var delimiter: CSVDelimiter { reader.delimiter }

    private let file: InputFile
    private let decoder: TextDecoder?
    private let reader: CSVReader

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - encoding: Its encoding.
    ///   - isWhole: The bytes are known to mean something throughout, which spares UTF-8 its decoding.
    ///   - delimiter: What separates fields; `nil` to find out.
    ///   - limits: How long things may be; the file's own length was checked when it was opened.
    /// - Throws: ``UserError`` with status `usage` when iconv does not know the encoding.
    public init(
        _ file: InputFile,
        encoding: TextEncoding,
        isWhole: Bool = true,
        delimiter: CSVDelimiter? = nil,
        limits: CSVLimits = .standard
    ) throws(UserError) {
        self.file = file
        let decoder = encoding == .utf8 && isWhole ? nil : try TextDecoder(encoding)
        self.decoder = decoder
        var limits = limits
        limits.fileBytes = max(limits.fileBytes, file.size) &* 4
        var offset = 0
        var decoded = Decoded()
        reader = CSVReader(delimiter: delimiter, limits: limits) { (buffer) throws(UserError) -> Int in
            guard let decoder else {
                let count = try file.read(into: buffer, at: offset)
                offset += count
                return count
            }
            return try decoded.take(into: buffer, file, decoder, &offset)
        }
    }

    /// Reads the next row; see ``TableReader``.
    public func next(into record: inout CSVRecord) throws(UserError) -> CSVReader.Step {
        let step = try reader.next(into: &record)
        switch step {
        case .record:
            if let decoder, decoder.broken > 0, record.holdsReplacement {
                return .fault(CSVFault(.undecodable, line: record.line))
            }
        case .end: try file.checkUnchanged()
        case .fault: break
        }
        return step
    }

    /// Decoded bytes that wait to be read.
    private struct Decoded {
        private var raw = [UInt8](repeating: 0, count: 64 << 10)
        private var bytes: [UInt8] = []
        private var position = 0

        mutating func take(
            into buffer: UnsafeMutableRawBufferPointer,
            _ file: InputFile,
            _ decoder: TextDecoder,
            _ offset: inout Int
        ) throws(UserError) -> Int {
            while position == bytes.count {
                guard offset < file.size else { return 0 }
                let from = offset
                let count = try raw.withUnsafeMutableBufferPointer {
                    (piece: inout UnsafeMutableBufferPointer<UInt8>) throws(UserError) -> Int in
                    try file.read(into: UnsafeMutableRawBufferPointer(piece), at: from)
                }
                offset += count
                position = 0
                bytes.removeAll(keepingCapacity: true)
                let isLast = offset >= file.size
                raw.withUnsafeBufferPointer {
                    decoder.decode(UnsafeBufferPointer(rebasing: $0[..<count]), isLast: isLast, into: &bytes)
                }
            }
            let count = min(buffer.count, bytes.count - position)
            let piece = bytes[position..<(position + count)]
            position += count
            buffer.copyBytes(from: piece)
            return count
        }
    }
}
