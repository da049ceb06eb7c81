// SPDX-License-Identifier: Apache-2.0
//
// Workbooks on disk, as openpyxl writes them, and as those write them who mean harm.
import Foundation
import NashraCSV
import NashraCore
import NashraTestKit
import Testing

@testable import NashraXLSX

struct WorkbookFileTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func reader(_ name: String, folder temporary: String? = nil) throws -> XLSXReader {
        try XLSXReader(InputFile(path: folder.path(name), limit: 64 << 20), temporaryFolder: temporary)
    }

    @Test func `what openpyxl writes is read as openpyxl reads it`() throws {
        let expected = try Python.run(
            """
            import sys, openpyxl, datetime
            book = openpyxl.Workbook()
            sheet = book.active
            sheet.append(['البريد الإلكتروني', 'الاسم', 'تاريخ', 'رقم', 'نعم', 'هاتف'])
            for i in range(500):
                sheet.append(['user%d@مثال.إختبار' % i, 'مُحَمَّد "%d"\\nعلي' % i, datetime.date(2026, 1, 1) + datetime.timedelta(i),
                              i * 1.1, i % 2 == 0, 966500000000 + i])
                sheet.cell(row=i + 2, column=6).number_format = '0'
            sheet['A600'] = 'end'
            book.save(sys.argv[1])
            for number, row in enumerate(openpyxl.load_workbook(sys.argv[1]).active.iter_rows(values_only=True), 1):
                cells = []
                for cell in row:
                    if isinstance(cell, datetime.datetime): cell = cell.date().isoformat()
                    elif isinstance(cell, bool): cell = str(cell).lower()
                    elif isinstance(cell, float): cell = '%.15g' % cell
                    cells.append('' if cell is None else str(cell))
                if any(cells): print('%d: %s' % (number, '|'.join(cells)), end='\\0')
            """,
            [folder.path("book.xlsx")]
        )
        let rows = try found(reader("book.xlsx"))
        #expect(rows == expected.split(separator: "\0").map(String.init))
        #expect(rows.count == 502)
    }

    @Test(arguments: ["shared", "constant"])
    func `what another program writes is read as well`(_ way: String) throws {
        try Python.run(
            """
            import sys, datetime, xlsxwriter
            book = xlsxwriter.Workbook(sys.argv[1], {'constant_memory': sys.argv[2] == 'constant', 'date_1904': sys.argv[2] == 'shared'})
            sheet = book.add_worksheet('قائمة')
            sheet.right_to_left(); sheet.autofilter(0, 0, 3, 5); sheet.freeze_panes(1, 0); sheet.set_row(1, None, None, {'hidden': True})
            day = book.add_format({'num_format': '[$-2010000]yyyy/mm/dd;@'}); moment = book.add_format({'num_format': 'dd.mm.yyyy hh:mm'})
            number = book.add_format({'num_format': '00000'}); bold = book.add_format({'bold': True})
            for column, text in enumerate(['بريد', 'الاسم', 'يوم', 'لحظة', 'رقم', 'صيغة']): sheet.write(0, column, text)
            sheet.write(1, 0, 'a@x.example'); sheet.write_rich_string(1, 1, 'سارة ', bold, 'العلي', ' & <ن>')
            sheet.write_datetime(1, 2, datetime.date(2026, 1, 31), day)
            sheet.write_datetime(1, 3, datetime.datetime(2026, 1, 31, 14, 30), moment)
            sheet.write_number(1, 4, 42, number); sheet.write_formula(1, 5, '=1+1', None, 'اثنان')
            sheet.write(3, 0, 'b@x.example'); sheet.write_boolean(3, 4, True); sheet.write_blank(3, 5, None, bold)
            book.close()
            """,
            [folder.path("written.xlsx"), way]
        )
        let expected = [
            "1: بريد|الاسم|يوم|لحظة|رقم|صيغة",
            "2: a@x.example|سارة العلي & <ن>|2026-01-31|2026-01-31T14:30:00|00042|اثنان",
            "4: b@x.example||||true|",
        ]
        #expect(try found(reader("written.xlsx")) == expected)
    }

    @Test func `many shared strings go to disk and come back`() throws {
        try Python.run(
            """
            import sys, zipfile
            rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
            count = 30000
            with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as out:
                out.writestr('_rels/.rels', '<a><Relationship Id="a" Type="%s/officeDocument" Target="xl/workbook.xml"/></a>' % rel)
                out.writestr('xl/workbook.xml', '<a><sheet name="s" r:id="b"/></a>')
                out.writestr('xl/_rels/workbook.xml.rels', '<a><Relationship Id="b" Type="%s/worksheet" Target="s.xml"/>'
                    '<Relationship Id="c" Type="%s/sharedStrings" Target="t.xml"/></a>' % (rel, rel))
                out.writestr('xl/t.xml', '<sst>' + ''.join('<si><t>%d%s</t></si>' % (i, 'ن' * 150) for i in range(count)) + '</sst>')
                order = [(i * 7919) % count for i in range(0, count, 30)]
                out.writestr('xl/s.xml', '<a><sheetData>' + ''.join(
                    '<row><c t="s"><v>%d</v></c></row>' % i for i in order) + '</sheetData></a>')
            """,
            [folder.path("strings.xlsx")]
        )
        #expect(30_000 * 300 > SharedStrings.inMemory)
        let rows = try found(reader("strings.xlsx", folder: folder.url.path))
        let text = String(repeating: "ن", count: 150)
        let expected = stride(from: 0, to: 30_000, by: 30).enumerated().map { row, index in
            "\(row + 1): \(index * 7919 % 30_000)\(text)"
        }
        #expect(rows == expected)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["strings.xlsx"])
    }

    /// Writes a workbook whose sheet inflates to ten gigabytes, and says so or lies.
    private func writeBomb(_ name: String, declared: Int) throws {
        try Python.run(
            """
            import sys, struct, zlib
            path, declared = sys.argv[1], int(sys.argv[2])
            rel = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
            texts = {'_rels/.rels': '<a><Relationship Id="a" Type="%s/officeDocument" Target="xl/workbook.xml"/></a>' % rel,
                'xl/workbook.xml': '<a><sheet name="s" r:id="b"/></a>',
                'xl/_rels/workbook.xml.rels': '<a><Relationship Id="b" Type="%s/worksheet" Target="s.xml"/></a>' % rel}
            def deflated(*pieces):
                packer = zlib.compressobj(9, zlib.DEFLATED, -15)
                return b''.join(packer.compress(p) + packer.flush(zlib.Z_FULL_FLUSH) for p in pieces)
            entries = [(n, deflated(t.encode()) + b'\\x03\\x00', len(t), zlib.crc32(t.encode())) for n, t in texts.items()]
            block = deflated(b' ' * (1 << 20))
            entries.append(('xl/s.xml', deflated(b'<a><sheetData>') + block * 10240 + b'\\x03\\x00', declared, 0))
            out, directory = b'', b''
            for name, data, size, crc in entries:
                extra = struct.pack('<HHQ', 1, 8, size) if size >= 2**32 else b''
                short = 0xFFFFFFFF if extra else size
                head = struct.pack('<HHHHHIIIHH', 45, 0, 8, 0, 0, crc, len(data), short, len(name), len(extra))
                directory += b'PK\\x01\\x02\\x2d\\x00' + head + struct.pack('<HHHII', 0, 0, 0, 0, len(out)) + name.encode() + extra
                out += b'PK\\x03\\x04' + head + name.encode() + extra + data
            out += directory + b'PK\\x05\\x06' + struct.pack('<HHHHIIH', 0, 0, 4, 4, len(directory), len(out), 0)
            open(path, 'wb').write(out)
            """,
            [folder.path(name), "\(declared)"]
        )
    }

    @Test(arguments: [10 << 30, 1 << 20, 900 << 20])
    func `ten gigabytes in a small file are refused in seconds, whatever the file says`(_ declared: Int)
        throws
    {
        try writeBomb("bomb.xlsx", declared: declared)
        let size =
            try FileManager.default.attributesOfItem(atPath: folder.path("bomb.xlsx"))[.size] as? Int ?? 0
        #expect(size > 5 << 20 && size < 20 << 20)
        let start = clock()
        let error = try #require(throws: UserError.self) { _ = try found(reader("bomb.xlsx")) }
        #expect(error.status == .badData)
        #expect(error.message.contains("inflates") || error.message.contains("damaged"))
        // The processor's time of all tests at once; other programs may want it too.
        #expect(Double(clock() - start) / Double(CLOCKS_PER_SEC) < 20)
    }

    @Test func `too many entries are refused before libzip reads them`() throws {
        try Python.run(
            """
            import sys, zipfile
            with zipfile.ZipFile(sys.argv[1], 'w') as out:
                for number in range(10001): out.writestr(str(number), '')
            """,
            [folder.path("many.xlsx")]
        )
        let error = try #require(throws: UserError.self) { _ = try reader("many.xlsx") }
        #expect(error.message.contains("10000 parts"))
    }

    @Test func `a directory that lies about its length is believed in neither place`() throws {
        var tail =
            Array("PK\u{5}\u{6}".utf8) + [0, 0, 0, 0, 1, 0, 1, 0] + [46, 0, 0, 0] + [0, 0, 0, 0, 0, 0]
        #expect(ZipDirectory(tail: tail)?.entries == 1)
        let second =
            Array("PK\u{5}\u{6}".utf8) + [0, 0, 0, 0, 255, 255, 255, 255] + [255, 255, 255, 127] + [
                0, 0, 0, 0, 0, 0,
            ]
        tail += second
        #expect(ZipDirectory(tail: tail)?.entries == 65_535)
        #expect(ZipDirectory(tail: Array("PK\u{5}\u{6}".utf8)) == nil)
        #expect(ZipDirectory(tail: []) == nil)
    }

    @Test func `every cut and every flipped byte of a workbook is read or refused, and never traps`() throws {
        try Python.run(
            "import sys, openpyxl; b = openpyxl.Workbook(); b.active.append(['email', 'الاسم']); "
                + "b.active.append(['a@x.example', 'سارة']); b.save(sys.argv[1])",
            [folder.path("small.xlsx")]
        )
        let whole = Array(try Data(contentsOf: URL(filePath: folder.path("small.xlsx"))))
        var (read, refused) = (0, 0)
        for index in stride(from: 0, to: whole.count, by: 11) {
            var flipped = whole
            flipped[index] ^= 0x15
            for bytes in [flipped, Array(whole.prefix(index))] {
                do {
                    _ = try found(XLSXReader(ZipArchive(bytes: bytes, name: "x.xlsx")))
                    read += 1
                } catch let error as UserError {
                    #expect(error.status == .badData)
                    refused += 1
                }
            }
        }
        #expect(read > 0 && refused > 0)
    }

    @Test func `a workbook that is changed while it is read is noticed`() throws {
        try Python.run(
            "import sys, openpyxl; b = openpyxl.Workbook(); b.active['A1'] = 'email'; b.save(sys.argv[1])",
            [folder.path("changing.xlsx")]
        )
        let open = try reader("changing.xlsx")
        let handle = try FileHandle(forWritingTo: URL(filePath: folder.path("changing.xlsx")))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([0]))
        try handle.close()
        let error = try #require(throws: UserError.self) { _ = try found(open) }
        #expect(error.status == .tryAgain)
    }
}
