// SPDX-License-Identifier: Apache-2.0
//
// Workbooks: damaged zip files, and whole ones with damaged parts. Begins with the files in
// Tests/NashraXLSXTests/Corpus, where a `.parts` holds parts one after the other, each behind U+0001 and its name.
// Rules: the doc comments of ZipArchive and XLSXReader.
import NashraCSV
import NashraCore
import NashraXLSX

/// Reads damaged workbooks.
struct WorkbookSubject: Subject {
    private let examples: [[UInt8]]
    private let texts: [[UInt8]]

    init(folder: String) throws {
        examples = try TableSubject.files(in: folder, suffixes: [".xlsx"])
        texts = try TableSubject.files(in: folder, suffixes: [".parts"])
    }

    func input(_ random: inout SplitMix) -> [UInt8] {
        guard random.oneIn(3) else {
            let text = random.pick(texts)
            guard random.oneIn(2) else { return Self.replaceValues(text, &random) }
            return Self.damage(text, with: Self.vocabulary, others: texts, &random)
        }
        return Self.damage(random.pick(examples), with: Self.vocabulary, others: examples, &random)
    }

    /// Puts other values into attributes and elements, so that the XML stays whole and what it says does not.
    private static func replaceValues(_ text: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var text = text
        for _ in 0..<(1 + random.below(6)) {
            let place = random.below(text.count)
            let mark = random.oneIn(2) ? UInt8(ascii: "\"") : UInt8(ascii: ">")
            let end = mark == UInt8(ascii: ">") ? UInt8(ascii: "<") : mark
            guard let open = text[place...].firstIndex(of: mark),
                let close = text[(open + 1)...].firstIndex(of: end)
            else { continue }
            let value = random.pick(vocabulary).filter { !"<>\"&".utf8.contains($0) && $0 != 1 }
            text.replaceSubrange((open + 1)..<close, with: value)
        }
        return text
    }

    func read(_ bytes: [UInt8]) throws(Fault) -> String {
        var limits = WorkbookLimits()
        limits.inflatedBytes = 32 << 20
        do {
            let parts: any PackageParts =
                bytes.first == 1
                ? TextParts(bytes) : try ZipArchive(bytes: bytes, name: "x.xlsx", limits: limits)
            let reader = try XLSXReader(parts, workbook: limits)
            return try Self.check(reader, size: bytes.count)
        } catch let error as UserError {
            try Fault.unless(error.status == .badData, "the status of \(error.message)")
            try MailChecks.isLine(error.message, "a message")
            return "refused"
        } catch let error as Fault {
            throw error
        } catch {
            throw Fault("\(error)")
        }
    }

    private static func check(_ reader: XLSXReader, size: Int) throws -> String {
        var record = CSVRecord()
        var (rows, line) = (0, 0)
        while true {
            switch try reader.next(into: &record) {
            case .end: return rows > 0 ? "rows" : "empty"
            case .fault(let fault):
                try Fault.unless(fault.line > line, "the line of a fault")
                line = fault.line
            case .record:
                rows += 1
                try Fault.unless(record.line > line, "the line of a row")
                line = record.line
                try Fault.unless((1...200).contains(record.count), "the number of fields")
                for field in record.fields {
                    try Fault.unless(field.count <= 8 << 10, "the length of a field")
                    let text = String(validating: field, as: UTF8.self)
                    try Fault.unless(text != nil, "a field is not UTF-8")
                }
            }
        }
    }

    private static let vocabulary: [[UInt8]] =
        [
            "<", ">", "/>", "</", "\"", "'", "&amp;", "&#0;", "&#x10FFFF;", "&#xD800;", "&nbsp;", "<!--",
            "-->",
            "<![CDATA[", "]]>", "<!DOCTYPE a>", "<?x?>", "<row>", "</row>", "<c t=\"s\"><v>1</v></c>",
            "<c r=\"XFD1\"/>",
            "<c r=\"ZZZZZZZZ9\">", "<v>1E308</v>", "<v>-0</v>", "<v>60</v>", "99999999999999999999",
            "s=\"3\"", "t=\"e\"",
            "<rPh>", "</rPh>", "<t>", "</t>", "<si>", "</si>", "_x000D_", "_xD800_", "م", "\u{1}xl/t.xml\n",
            "../../", "r:id=",
        ].map { Array($0.utf8) } + [
            [0], [0xFF], [0xFF, 0xFE], [0x50, 0x4B, 5, 6], [0x50, 0x4B, 1, 2], [0x50, 0x4B, 3, 4],
            [0xFF, 0xFF, 0xFF, 0xFF],
            [0, 0, 0, 0],
        ]
}

/// Parts out of one text.
private final class TextParts: PackageParts {
    let name = "x.xlsx"
    private var parts: [String: ArraySlice<UInt8>] = [:]

    init(_ bytes: [UInt8]) {
        for piece in bytes.split(separator: 1) {
            let name = piece.prefix { $0 != 0x0A }
            parts[String(decoding: name, as: UTF8.self)] = piece.dropFirst(name.count + 1)
        }
    }

    func contains(_ part: String) -> Bool { parts[part] != nil }

    func open(_ part: String) throws(UserError) -> any PartStream {
        guard let bytes = parts[part] else { throw UserError(.badData, "a part is missing") }
        return Stream(bytes)
    }

    private final class Stream: PartStream {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        func read(into buffer: UnsafeMutableRawBufferPointer) throws(UserError) -> Int {
            // Short pieces, so that tags lie across them.
            let part = rest.prefix(min(buffer.count, 1 + rest.count % 61))
            buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        }
    }
}
