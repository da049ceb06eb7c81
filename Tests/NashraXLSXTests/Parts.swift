// SPDX-License-Identifier: Apache-2.0
//
// Workbooks in memory, and what a reader finds in them in a form that tests can compare.
import NashraCSV
import NashraCore
import NashraXLSX

/// Parts of a workbook that are texts.
final class MemoryParts: PackageParts {
    let name = "قائمة.xlsx"
    private let parts: [String: [UInt8]]
    private let piece: Int

    /// Parts that are given in pieces of at most `piece` bytes.
    init(_ parts: [String: String], piece: Int = 4096) {
        self.parts = parts.mapValues { Array($0.utf8) }
        self.piece = piece
    }

    func contains(_ part: String) -> Bool { parts[part] != nil }

    func open(_ part: String) throws(UserError) -> any PartStream {
        guard let bytes = parts[part] else { throw UserError(.badData, "\(part) is missing") }
        return Stream(bytes, piece: piece)
    }

    private final class Stream: PartStream {
        private var rest: ArraySlice<UInt8>
        private let piece: Int

        init(_ bytes: [UInt8], piece: Int) { (rest, self.piece) = (bytes[...], piece) }

        func read(into buffer: UnsafeMutableRawBufferPointer) throws(UserError) -> Int {
            let part = rest.prefix(min(piece, buffer.count))
            buffer.copyBytes(from: part)
            rest = rest.dropFirst(part.count)
            return part.count
        }
    }

    /// A workbook with one sheet, whose rows are `data`.
    static func workbook(
        _ data: String,
        strings: String? = nil,
        styles: String? = nil,
        properties: String = "",
        piece: Int = 4096
    ) -> MemoryParts {
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        var parts = [
            "_rels/.rels":
                "<Relationships><Relationship Id='a' Type='\(office)/officeDocument' Target='/xl/workbook.xml'/></Relationships>",
            "xl/workbook.xml":
                "<workbook xmlns:r='\(office)'>\(properties)<sheets><sheet name='مشتركون' sheetId='1' r:id='rId1'/></sheets></workbook>",
            "xl/_rels/workbook.xml.rels": """
            <Relationships><Relationship Id="rId1" Type="\(office)/worksheet" Target="worksheets/sheet1.xml"/>
            <Relationship Id="rId2" Type="\(office)/sharedStrings" Target="sharedStrings.xml"/>
            <Relationship Id="rId3" Type="\(office)/styles" Target="../xl/styles.xml"/></Relationships>
            """,
            "xl/worksheets/sheet1.xml":
                "<?xml version='1.0' encoding='UTF-8'?><worksheet><sheetData>\(data)</sheetData></worksheet>",
        ]
        parts["xl/sharedStrings.xml"] = strings.map { "<sst>\($0)</sst>" }
        parts["xl/styles.xml"] = styles
        return MemoryParts(parts, piece: piece)
    }
}

/// Everything a reader finds, one line of text a row.
func found(_ reader: any TableReader) throws -> [String] {
    var record = CSVRecord()
    var lines: [String] = []
    while true {
        switch try reader.next(into: &record) {
        case .record:
            let fields = record.fields.map { String(decoding: $0, as: UTF8.self) }
            lines.append("\(record.line): \(fields.joined(separator: "|"))")
        case .fault(let fault): lines.append("\(fault.line)! \(fault)")
        case .end: return lines
        }
    }
}
