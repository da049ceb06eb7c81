// SPDX-License-Identifier: Apache-2.0
//
// Files of delimited text: their encoding, and their rows. Begins with the files in Tests/NashraCSVTests/Corpus.
// Rules: the doc comments of EncodingSurvey, EncodingChoice, TextDecoder and CSVReader.
import Foundation
import NashraCSV
import NashraCore

/// Reads damaged delimited text.
struct TableSubject: Subject {
    private let examples: [[UInt8]]

    init(folder: String) throws {
        examples = try Self.files(in: folder, suffixes: [".csv"])
    }

    /// The files of a folder with one of some suffixes, by name.
    static func files(in folder: String, suffixes: [String]) throws -> [[UInt8]] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        let files = try names.filter { name in suffixes.contains { name.hasSuffix($0) } }.map {
            Array(try Data(contentsOf: URL(filePath: folder).appending(path: $0)))
        }
        guard !files.isEmpty else { throw Fault("\(folder) has no example") }
        return files
    }

    func input(_ random: inout SplitMix) -> [UInt8] {
        let damaged = Self.damage(random.pick(examples), with: Self.vocabulary, others: examples, &random)
        guard random.oneIn(100) else { return damaged }
        return Array(repeatElement(damaged, count: 1 + random.below(400)).joined().prefix(128 << 10))
    }

    func read(_ bytes: [UInt8]) throws(Fault) -> String {
        let word = try encoding(bytes)
        let whole = try rows(bytes, piece: bytes.count + 1)
        let pieces = try rows(bytes, piece: 1 + bytes.count % 97)
        try Fault.unless(whole == pieces, "pieces make a difference to rows")
        return word
    }

    private func encoding(_ bytes: [UInt8]) throws(Fault) -> String {
        var survey = EncodingSurvey()
        bytes.withUnsafeBufferPointer { survey.take($0) }
        survey.finish()
        var word = "unknown"
        let settled = Result { () throws(UserError) in
            try EncodingChoice.settle(nil, isForced: false, survey: survey, file: "x")
        }
        switch settled {
        case .success(let finding):
            word = finding.encoding.name
            try MailChecks.isLine(finding.sample, "a sample")
        case .failure(let error):
            try Fault.unless(error.status == .badData, "the status of \(error.message)")
        }
        let forced: [TextEncoding] = [
            .utf8, .utf16LittleEndian, .utf16BigEndian, .windows1256, .windows1252, .iso8859Part6,
            .other("UTF-32LE"), .other("IBM864"), .other("UTF-7"), .other("ISO-2022-JP"),
        ]
        let encoding = forced[bytes.count % forced.count]
        let whole = try decoded(bytes, as: encoding, piece: bytes.count + 1)
        let pieces = try decoded(bytes, as: encoding, piece: 1 + bytes.count % 89)
        try Fault.unless(whole == pieces, "pieces make a difference to \(encoding)")
        try Fault.unless(whole.count <= 6 * bytes.count + 8, "\(encoding) made too much")
        return word
    }

    private func decoded(_ bytes: [UInt8], as encoding: TextEncoding, piece: Int) throws(Fault) -> [UInt8] {
        guard let decoder = try? TextDecoder(encoding) else { throw Fault("\(encoding) is not known") }
        var output: [UInt8] = []
        bytes.withUnsafeBufferPointer { all in
            for start in stride(from: 0, to: max(1, all.count), by: piece) {
                let end = min(all.count, start + piece)
                let part = UnsafeBufferPointer(rebasing: all[start..<end])
                decoder.decode(part, isLast: end == all.count, into: &output)
            }
        }
        try Fault.unless(String(validating: output, as: UTF8.self) != nil, "\(encoding) did not give UTF-8")
        return output
    }

    /// All that a reader says, in one number, after a look at what must hold of it.
    private func rows(_ bytes: [UInt8], piece: Int) throws(Fault) -> UInt64 {
        var offset = 0
        let limits = CSVLimits(rowBytes: 4 << 10, columns: 40, fieldBytes: 1 << 10)
        let reader = CSVReader(limits: limits) { (buffer) throws(UserError) -> Int in
            let count = min(piece, buffer.count, bytes.count - offset)
            buffer.copyBytes(from: bytes[offset..<(offset + count)])
            offset += count
            return count
        }
        var record = CSVRecord()
        var mark: UInt64 = 0xCBF2_9CE4_8422_2325
        var total = 0
        for _ in 0...(bytes.count + 1) {
            guard let step = try? reader.next(into: &record) else { throw Fault("the reader threw") }
            guard step != .end else { return mark }
            mark = (mark ^ UInt64(record.line)) &* 0x0000_0100_0000_01B3
            guard step == .record else { continue }
            try Fault.unless((1...40).contains(record.count), "the number of fields")
            for field in record.fields {
                total += field.count
                try Fault.unless(field.count <= 1 << 10, "the length of a field")
                for byte in field { mark = (mark ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
                mark = (mark ^ 0x1FF) &* 0x0000_0100_0000_01B3
            }
            try Fault.unless(total <= bytes.count, "fields hold more than the file")
        }
        throw Fault("more rows than bytes")
    }

    private static let vocabulary: [[UInt8]] =
        [
            "\"", "\"\"", ",", ";", "\t", "|", "\r\n", "\n", "\r", "sep=;\n", "\",\"", "م", "é", "=1+1",
            "\u{301}",
        ].map {
            Array($0.utf8)
        } + [
            [0], [0xFF, 0xFE], [0xFE, 0xFF], [0xEF, 0xBB, 0xBF], [0xE3, 0xCD, 0xE3, 0xCF], [0xC7, 0xE4],
            [0xD8, 0x00],
            [0x00, 0xD8, 0x00, 0xDC], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0x1B, 0x24, 0x42],
        ]
}
