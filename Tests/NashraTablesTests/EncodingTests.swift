// SPDX-License-Identifier: Apache-2.0
//
// Encodings: one table in each of them, what detection makes of hard cases, and wrong words of the user.
import Foundation
import NashraCSV
import NashraCore
import NashraTables
import NashraTestKit
import Testing

struct EncodingTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private let arabic = """
        email,الاسم,المدينة,الدرجة\r
        sara@example.org,سارة العلي,الدوحة,٥\r
        ahmad@example.org,"أحمد ""أبو"" يوسف",الرياض,7\r
        fatima@example.org,فاطمة الزهراء,"مكة المكرمة\nالعزيزية",12\r
        khalid@example.org,خالد بن عبد الرحمن,الخور,3\r

        """

    @Test func `one table in five encodings and as a workbook gives the same rows byte for byte`() throws {
        let expected = try rows(folder.open(Array(arabic.utf8)))
        #expect(expected.count == 5 && expected[2][1] == "أحمد \"أبو\" يوسف")
        let forms = [
            ("utf-8-sig", "UTF-8", EncodingFinding.Sureness.certain), ("utf-16-le", "UTF-16LE", .likely),
            ("utf-16-be", "UTF-16BE", .likely), ("utf-16", "UTF-16LE", .certain),
            ("cp1256", "windows-1256", .likely),
        ]
        for (form, name, sureness) in forms {
            let text = form.hasPrefix("cp") ? arabic.replacing("٥", with: "5") : arabic
            var wanted = expected
            if form.hasPrefix("cp") { wanted[1][3] = "5" }
            let table = try folder.open(encoded(text, form))
            #expect(table.settings["encoding"] == name)
            #expect(
                table.encodingFinding?.sureness == sureness,
                "\(form): \(String(describing: table.encodingFinding))"
            )
            #expect(try rows(table) == wanted, "\(form)")
            #expect(table.sample == wanted.map { $0.map { $0.replacing("\n", with: " ") } })
        }
        try Python.run(
            """
            import sys, csv, io, openpyxl
            book = openpyxl.Workbook()
            for row in csv.reader(io.StringIO(bytes.fromhex(sys.argv[2]).decode(), newline='')): book.active.append(row)
            book.save(sys.argv[1])
            """,
            [
                folder.path("قائمة.xlsx"),
                arabic.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(),
            ]
        )
        let workbook = try TableFile.open(path: folder.path("قائمة.xlsx"))
        #expect(workbook.format == "xlsx")
        #expect(try rows(workbook) == expected)
    }

    @Test func `the same table in ISO-8859-6 gives the same rows`() throws {
        let text = arabic.replacing("٥", with: "5")
        let expected = try rows(folder.open(Array(text.utf8)))
        let table = try folder.open(encoded(text, "iso8859-6"))
        #expect(table.settings["encoding"] == "ISO-8859-6")
        #expect(table.encodingFinding?.sureness == .likely)
        #expect(try rows(table) == expected)
    }

    @Test func `a French table in Windows-1252 is told from an Arabic one`() throws {
        let text = """
            courriel;nom;ville
            a@x.example;Étienne Lefèvre;Orléans
            b@x.example;Françoise Noël;Saint-Étienne
            c@x.example;Œdipe L’Hôpital – « Ça »;Besançon
            d@x.example;À. Ünal;Île-de-Bréhat

            """
        let expected = try rows(folder.open(Array(text.utf8)))
        let table = try folder.open(encoded(text, "cp1252"))
        #expect(table.settings == ["encoding": "windows-1252", "delimiter": "semicolon"])
        #expect(table.encodingFinding?.sureness == .likely)
        #expect(try rows(table) == expected)
    }

    @Test func `letters that both Windows encodings share are read alike, whichever is named`() throws {
        let table = try folder.open(
            encoded("email,nom\na@x.example,René Lefèvre\nb@x.example,Zoë à Besançon\n", "cp1252")
        )
        #expect(table.settings["encoding"] == "windows-1252")
        #expect(try rows(table)[2][1] == "Zoë à Besançon")
    }

    @Test func `Arabic and French in one file of Windows-1256 both come out`() throws {
        let text =
            "email,name\na@x.example,محمد العلي\nb@x.example,René Lefèvre\nc@x.example,فاطمة\nd@x.example,Françoise\n"
        let table = try folder.open(encoded(text, "cp1256"))
        #expect(table.settings["encoding"] == "windows-1256")
        #expect(try rows(table) == rows(folder.open(Array(text.utf8))))
    }

    @Test func `Persian letters of Windows-1256 come out`() throws {
        let text = "email,name\na@x.example,پروین گلستانی\nb@x.example,چنگیز ژاله\nc@x.example,محمد کریمی\n"
            .replacing("ی", with: "ي")
        let table = try folder.open(encoded(text, "cp1256"))
        #expect(table.settings["encoding"] == "windows-1256")
        #expect(try rows(table)[1][1] == "پروين گلستاني")
    }

    @Test(arguments: ["محمد", "سارة", "أحمد", "عبد الله", "فاطمة الزهراء", "الاسم", "غادة", "طارق"])
    func `one Arabic name is enough to read it, and too little to be sure`(_ name: String) throws {
        for encoding in ["cp1256", "iso8859-6"] {
            guard let bytes = try? encoded("email,name\na@x.example,\(name)\n", encoding) else { continue }
            let table = try folder.open(bytes)
            let finding = try #require(table.encodingFinding)
            if encoding == "cp1256" || finding.sureness != .guess {
                #expect(try rows(table)[1][1] == name, "\(encoding) \(name) \(finding)")
            }
        }
    }

    @Test func `the first Arabic name after two megabytes of ASCII decides`() throws {
        let ascii = (0..<60_000).map { "user\($0)@example.org,Some Name,12\n" }.joined()
        let bytes =
            try Array("email,name,n\n\(ascii)".utf8)
            + encoded("z@x.example,محمد العلي القحطاني,1\n", "cp1256")
        #expect(bytes.count > 2_000_000)
        let table = try folder.open(bytes)
        #expect(table.settings["encoding"] == "windows-1256")
        #expect(try rows(table).last == ["z@x.example", "محمد العلي القحطاني", "1"])
    }

    @Test func `bytes that are no encoding's are not guessed at`() throws {
        let cyrillic = try encoded(
            "email,name\na@x.example,Иван Петров\nb@x.example,Мария Сидорова\n",
            "cp1251"
        )
        let error = try #require(throws: UserError.self) { _ = try folder.open(cyrillic) }
        #expect(error.status == .badData && error.message.contains("cannot be told"))
        #expect(error.remedy.contains("As windows-1256 it reads"))
        let named = try folder.open(cyrillic, TableOptions(encoding: "windows-1251"))
        #expect(try rows(named)[1][1] == "Иван Петров")
    }

    @Test func `an encoding that contradicts the bytes is an error with both readings`() throws {
        let wrong: [(String, String)] = [
            ("cp1256", "windows-1252"), ("cp1256", "utf-8"), ("cp1256", "iso-8859-6"), ("cp1256", "utf-16"),
            ("utf-8", "windows-1256"), ("utf-8", "cp1252"), ("utf-8", "utf-16be"), ("utf-8", "IBM864"),
            ("utf-16-le", "utf-8"), ("utf-16-le", "utf-16be"), ("utf-16-le", "cp1256"),
            ("utf-16-le", "utf-32"),
            ("iso8859-6", "windows-1252"), ("iso8859-6", "windows-1256"), ("cp1256", "IBM864"),
        ]
        let text = arabic.replacing("٥", with: "5")
        for (form, name) in wrong {
            let bytes = try encoded(text, form)
            let error = try #require(throws: UserError.self, "\(form) as \(name)") {
                _ = try folder.open(bytes, TableOptions(encoding: name))
            }
            #expect(error.status == .badData, "\(form) as \(name)")
            #expect(error.remedy.contains("--force-encoding"), "\(form) as \(name): \(error)")
        }
        let bytes = try encoded(text, "cp1256")
        let error = try #require(throws: UserError.self) {
            _ = try folder.open(bytes, TableOptions(encoding: "windows-1252"))
        }
        #expect(error.remedy.contains("As windows-1256 it reads: الاسم المدينة"))
        #expect(error.remedy.contains("As windows-1252 it reads: ÇáÇÓã"))
    }

    @Test func `an encoding that agrees is taken, by any of its names`() throws {
        let text = arabic.replacing("٥", with: "5")
        let right = [
            ("cp1256", "CP1256"), ("cp1256", "Windows_1256"), ("utf-8", "utf8"), ("utf-16", "UTF-16"),
            ("utf-16-be", "utf16be"), ("iso8859-6", "ISO-8859-6"), ("utf-32", "UTF-32"), ("cp864", "ibm864"),
        ]
        for (form, name) in right {
            let text = form == "cp864" ? "email,name\na@x.example,ﻡﺤﻤﺩ\n" : text
            guard let bytes = try? encoded(text, form) else { continue }
            let table = try folder.open(bytes, TableOptions(encoding: name))
            #expect(try rows(table) == rows(folder.open(Array(text.utf8))), "\(form) as \(name)")
        }
        let error = try #require(throws: UserError.self) {
            _ = try folder.open([0x61], TableOptions(encoding: "EBCDIC-Arabic//IGNORE"))
        }
        #expect(error.status == .usage)
    }

    @Test func `a letter that iconv holds back at the end comes out`() throws {
        // The last byte is ê, which a tone may follow in Windows-1258.
        let bytes = Array("email,name\na@x.example,Vi".utf8) + [0xEA]
        let table = try folder.open(bytes, TableOptions(encoding: "windows-1258"))
        #expect(try rows(table)[1][1] == "Viê")
    }

    @Test func `forced, bytes that mean nothing cost their rows`() throws {
        let bytes =
            try Array("email,name\na@x.example,سارة\n".utf8) + encoded("b@x.example,محمد\n", "cp1256")
            + Array("c@x.example,علي\n".utf8)
        let error = try #require(throws: UserError.self) {
            _ = try folder.open(bytes, TableOptions(encoding: "utf-8"))
        }
        #expect(error.message.contains("is not UTF-8"))
        let table = try folder.open(bytes, TableOptions(encoding: "utf-8", forcesEncoding: true))
        let read = try rows(table)
        #expect(read.count == 4 && read[1][1] == "سارة" && read[3][1] == "علي")
        #expect(read[2] == ["3!", "the row holds bytes that mean nothing in the encoding of the file"])
    }

    @Test func `a byte order mark that the bytes belie is an error`() throws {
        let bytes =
            try [0xEF, 0xBB, 0xBF] + Array("email,name\n".utf8) + encoded("a@x.example,محمد\n", "cp1256")
        let error = try #require(throws: UserError.self) { _ = try folder.open(bytes) }
        #expect(error.message.contains("byte order mark of UTF-8, but byte"))
        let cut = try encoded(arabic, "utf-16").dropLast()
        #expect(throws: UserError.self) { _ = try folder.open(Array(cut)) }
    }

    @Test func `UTF-8 that was misread before it was saved is told`() throws {
        for wrong in ["cp1252", "cp1256", "latin-1"] {
            let text = try Python.run(
                "import sys; t = 'email,name\\n' + 'a@x.example,محمد العلي\\n' * 3; "
                    + "sys.stdout.buffer.write(t.encode().decode(sys.argv[1], 'replace').encode())",
                [wrong]
            )
            let table = try folder.open(Array(text.utf8))
            #expect(table.encodingFinding?.warning.contains("wrong encoding before") == true, "\(wrong)")
        }
        #expect(try folder.open(Array(arabic.utf8)).encodingFinding?.warning.isEmpty == true)
    }
}
