// SPDX-License-Identifier: Apache-2.0
//
// Rows out of sheets: every kind of cell, and every damage a file may have.
import NashraCSV
import NashraCore
import NashraTestKit
import Testing

@testable import NashraXLSX

struct SheetTests {
    private let strings = """
        <si><t>email</t></si><si><r><rPr><b/></rPr><t xml:space="preserve">سارة </t></r><r><t>العلي</t></r>\
        <rPh sb="0" eb="1"><t>phonetic</t></rPh></si><si><t/></si><si><t>a &amp; b &#x645;&#1605;</t></si>
        """

    @Test(arguments: [1, 3, 7, 4096])
    func `each kind of cell gives the text that a person sees`(_ piece: Int) throws {
        let styles = """
            <styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\\/mm\\/yyyy"/><numFmt numFmtId="165" \
            formatCode="0000"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/>\
            <xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="22"/></cellXfs></styleSheet>
            """
        let data = """
            <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>الاسم</t></is></c></row>
            <row r="3" ht="5"><c r="B3" t="s"><v>1</v></c><c r="D3" s="1"><v>44927.0</v></c><c r="E3" s="2"><v>7</v></c></row>
            <row r="4"/><row r="5"><c r="A5" t="s"><v>2</v></c><c r="C5" s="1"/></row>
            <row><c t="str"><f>A1&amp;"x"</f><v>ناتج</v></c><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c><v>9.66E+11</v></c>\
            <c t="d"><v>2026-01-31T00:00:00</v></c><c s="3"><v>46053.5</v></c></row>
            <row r="9"><c r="A9" t="s"><v>3</v></c><c r="B9" t="inlineStr"><is><t><![CDATA[<ن>]]>!</t></is></c></row>
            """
        let parts = MemoryParts.workbook(data, strings: strings, styles: styles, piece: piece)
        let rows = try found(XLSXReader(parts))
        #expect(
            rows == [
                "1: email|الاسم", "3: |سارة العلي||2023-01-01|0007",
                "6: ناتج|true|false|966000000000|2026-01-31T00:00:00|2026-01-31T12:00:00", "9: a & b مم|<ن>!",
            ]
        )
    }

    @Test func `elements may have any prefix, and days may count from 1904`() throws {
        let data = "<x:row r='1'><x:c r='A1' s='1'><x:v>43465</x:v></x:c></x:row>"
        let styles = "<styleSheet><cellXfs><xf/><xf numFmtId='14'/></cellXfs></styleSheet>"
        let parts = MemoryParts.workbook(data, styles: styles, properties: "<workbookPr date1904='1'/>")
        #expect(try found(XLSXReader(parts)) == ["1: 2023-01-01"])
    }

    @Test func `a bad cell costs its row and says which`() throws {
        let long = String(repeating: "ن", count: 5_000)
        let data = """
            <row r="1"><c r="A1"><v>1</v></c></row>
            <row r="2"><c r="C2" t="e"><v>#N/A</v></c></row>
            <row r="3"><c r="A3" t="s"><v>99</v></c></row>
            <row r="4"><c r="B4"><v>1</v></c><c r="A4"><v>2</v></c></row>
            <row r="5"><c r="A5" t="inlineStr"><is><t>\(long)</t></is></c></row>
            <row r="6"><c r="ZZ6"><v>1</v></c></row>
            <row r="7"><c r="A7"><v>آخر</v></c></row>
            """
        let rows = try found(XLSXReader(MemoryParts.workbook(data)))
        #expect(
            rows == [
                "1: 1", "2! cell 3 holds the error #N/A; mend the formula",
                "3! cell 1 cannot be read", "4! cell 1 cannot be read",
                "5! field 1 is longer than 8192 bytes", "6! the row has more than 200 columns", "7: آخر",
            ]
        )
    }

    @Test func `a row has a limit, and so has a cell that never ends`() throws {
        let field = String(repeating: "x", count: 8_000)
        let cells = (0..<9).map { _ in "<c t='str'><v>\(field)</v></c>" }.joined()
        let endless = String(repeating: "y", count: 1 << 20)
        let data = "<row>\(cells)</row><row><c t='str'><v>\(endless)</v></c></row><row><c><v>1</v></c></row>"
        let rows = try found(XLSXReader(MemoryParts.workbook(data)))
        #expect(
            rows == ["1! the row is longer than 65536 bytes", "2! field 1 is longer than 8192 bytes", "3: 1"]
        )
    }

    @Test(arguments: [
        "<row><c><v>1</v></c></sheetData>", "<row><c r='A1'><v>1</c></row>", "<row a></row>",
        "<row a=1></row>",
        "<row a='></row>", "<row>&nbsp;</row>", "<row>&#0;</row>", "<!ENTITY a 'b'><row/>",
        String(repeating: "<a>", count: 70), "<row", "<>", "<!-- ", "<![CDATA[ ",
    ])
    func `XML that no workbook holds is refused, with the file and the part`(_ data: String) throws {
        let error = try #require(throws: UserError.self) {
            _ = try found(XLSXReader(MemoryParts.workbook(data)))
        }
        #expect(error.status == .badData)
        #expect(error.message.contains("قائمة.xlsx") && error.message.contains("sheet1.xml"))
    }

    @Test func `a document type is refused wherever it stands, so nothing expands and nothing is fetched`()
        throws
    {
        let bomb =
            "<!DOCTYPE x [<!ENTITY a '&b;&b;'><!ENTITY b SYSTEM 'file:///etc/passwd'>]><sst><si><t>&a;</t></si></sst>"
        let parts = MemoryParts.workbook("<row/>", strings: bomb)
        let error = try #require(throws: UserError.self) { _ = try XLSXReader(parts) }
        #expect(error.message.contains("document type"))
    }

    @Test func `a sheet is chosen by name, by number or as the first that is shown`() throws {
        let folder = try Folder()
        let path = folder.path("أوراق.xlsx")
        try Python.run(
            """
            import sys, openpyxl
            book = openpyxl.Workbook()
            book.active.title = 'قديم'; book.active.sheet_state = 'hidden'; book.active['A1'] = 'hidden'
            for name in ('المشتركون', 'Notes'):
                book.create_sheet(name)['A1'] = name
            book.save(sys.argv[1])
            """,
            [path]
        )
        func read(_ sheet: String?) throws -> [String] {
            try found(XLSXReader(InputFile(path: path, limit: 1 << 20), sheet: sheet))
        }
        #expect(try read(nil) == ["1: المشتركون"])
        #expect(try read("notes") == ["1: Notes"])
        #expect(try read("1") == ["1: hidden"])
        let error = try #require(throws: UserError.self) { _ = try read("ورقة") }
        #expect(error.remedy.contains("قديم (hidden), المشتركون, Notes"))
    }
}
