// SPDX-License-Identifier: Apache-2.0
//
// What a table's rows become, what is refused and why, and that every row is told once.
import NashraCSV
import NashraCore
import NashraEngine
import NashraStore
import NashraTestKit
import Testing

@Suite struct TablePeopleTests {
    /// What reading gave.
    struct Read {
        var rows: [ImportRow] = []
        var refusals: [(line: Int, reason: String)] = []
    }

    /// Reads `bytes` to the end.
    private func run(_ bytes: [UInt8], _ settings: TableSettings = TableSettings()) throws -> Read {
        var offset = 0
        let reader = CSVReader { (buffer) throws(UserError) -> Int in
            let count = min(buffer.count, bytes.count - offset)
            buffer.copyBytes(from: bytes[offset..<(offset + count)])
            offset += count
            return count
        }
        let people = try TablePeople(reader, settings: settings, file: "people.csv")
        var read = Read()
        while true {
            switch try people.next() {
            case .person(let row, _): read.rows.append(row)
            case .refused(let line, let reason, _), .cutOff(let line, let reason):
                read.refusals.append((line, reason))
            case .end: return read
            }
        }
    }

    private func run(_ text: String, _ settings: TableSettings = TableSettings()) throws -> Read {
        try run(Array(text.utf8), settings)
    }

    @Test func `a row becomes an address, a name, a language and attributes`() throws {
        let result = try run(
            "Email,Name,Language,City\n leila@moi.example ,\" ليلى بنت علي \",ar-SA,الرياض\n"
        )
        let row = try #require(result.rows.first)
        #expect(row.address.text == "leila@moi.example")
        #expect(row.name == "ليلى بنت علي")
        #expect(row.language == .arabic)
        #expect(row.attributes == ["city": "الرياض"])
    }

    @Test func `a table of many batches keeps its order and loses no row`() throws {
        let lines = (0..<3_000).map { number in
            number % 500 == 499 ? "broken\(number),سارة" : "p\(number)@مثال.إختبار,سارة \(number)"
        }
        let result = try run("email,name\n" + lines.joined(separator: "\n") + "\n")
        let taken = (0..<3_000).filter { $0 % 500 != 499 }
        #expect(result.rows.map(\.name) == taken.map { "سارة \($0)" })
        #expect(result.rows.allSatisfy { $0.address.domain == "xn--mgbh0fb.xn--kgbechtv" })
        #expect(result.refusals.map(\.line) == stride(from: 501, through: 3_001, by: 500).map { $0 })
    }

    @Test func `names may hold anything that belongs in a name`() throws {
        let names = ["مُحَمَّد", "O'Brien \"<>&,;", "Zoë", "علی\u{200C}رضا", "李", "Ali\u{200F}"]
        let lines = names.enumerated().map { index, name in
            "p\(index)@x.example,\"\(String(decoding: name.utf8.flatMap { $0 == 0x22 ? [0x22, 0x22] : [$0] }, as: UTF8.self))\""
        }
        let result = try run("email,name\n" + lines.joined(separator: "\r\n"))
        #expect(result.rows.map(\.name) == names)
        // The same scalars, not merely canonically equal ones: nothing is recomposed.
        #expect(result.rows.map { $0.name.map { Array($0.utf8) } } == names.map { Array($0.utf8) })
    }

    @Test(arguments: [
        ("\"Ali\r\nBcc: x@y.example\"", "name holds a line end"),
        ("\"Ali\nHassan\"", "name holds a line end"),
        ("A\u{1B}[31mli", "name holds the control U+001B"), ("Ali\u{202E}nassaH", "name holds an override"),
        ("Ali\u{2067}", "name holds an override"), ("Ali\u{2028}x", "name holds a line end"),
        ("A\u{85}i", "name holds a line end"), ("A\u{E0041}", "name holds the control U+E0041"),
        (String(repeating: "ن", count: 201), "name is longer than 400 bytes"),
    ])
    func `a name that could break a header or a line is refused`(field: String, reason: String) throws {
        let result = try run("email,name\na@x.example,\(field)\nb@x.example,سارة\n")
        #expect(result.refusals.count == 1)
        #expect(result.refusals.first?.line == 2)
        #expect(result.refusals.first?.reason.hasPrefix(reason) == true)
        #expect(result.rows.map(\.name) == ["سارة"])
    }

    @Test func `bad rows are named by line and reason, and good ones kept`() throws {
        var bytes = Array("email,name,language\n".utf8)
        bytes += Array("no-at-sign,A,ar\n".utf8)
        bytes += Array("a@x.example,".utf8) + [0xD9, 0x2C] + Array("ar\n".utf8)
        bytes += Array("b@x.example,B,arabic!\n".utf8)
        bytes += Array("c@x.example,C\n".utf8)
        bytes += Array("d@x.example,D,ar,more\n".utf8)
        bytes += Array("e@x.example,\"E,ar\n".utf8)
        bytes += Array("f@x.example,F,fr,,\n".utf8)
        bytes += Array("g@x.example,\0,fr\n".utf8)
        bytes += Array("\n".utf8)
        bytes += Array("h@x.example,,\n".utf8)
        let result = try run(bytes, TableSettings(defaultLanguage: .arabic))
        #expect(result.rows.map(\.address.text) == ["f@x.example", "h@x.example"])
        #expect(result.rows.map(\.language) == [.french, .arabic])
        #expect(result.rows.map(\.name) == ["F", nil])
        #expect(result.refusals.map(\.line) == [2, 3, 4, 5, 6, 7, 9])
        #expect(
            result.refusals.map(\.reason) == [
                "the address has no @", "name is not valid UTF-8",
                "language is not a tag such as ar, en or fr",
                "the row has 2 fields and the header 3", "the row has 4 fields and the header 3",
                "a quote is opened here and never closed", "the row holds a NUL byte",
            ]
        )
    }

    @Test func `a column can stand for a field of another name, and one without a name is skipped`() throws {
        let settings = TableSettings(renamed: ["E-Mail Address": "email", "Prénom": "name"])
        let result = try run("Prénom,e-mail address,,Home Town\nZoë,z@x.example,secret,Lyon\n", settings)
        let row = try #require(result.rows.first)
        #expect(row.name == "Zoë")
        #expect(row.attributes == ["home_town": "Lyon"])
    }

    @Test func `a header that cannot be used is reported whole`() throws {
        let error = try #require(throws: UserError.self) {
            try run("emial,name,Name,message_id\nx,y,z,w\n", TableSettings(renamed: ["town": "city"]))
        }
        #expect(error.status == .badData)
        #expect(error.diagnostics.count == 4)
        #expect(error.diagnostics.allSatisfy { $0.line == 1 && $0.file == "people.csv" })
        #expect(error.description.contains("--map emial=email"))
    }

    @Test func `an empty file, UTF-16 and a broken header say what is wrong`() throws {
        #expect(throws: UserError.self) { try run("") }
        #expect(throws: UserError.self) { try run("\u{FEFF}") }
        let utf16 = try #require(throws: UserError.self) { try run([0xFF, 0xFE, 0x65, 0]) }
        #expect(utf16.description.contains("UTF-16"))
        #expect(throws: UserError.self) { try run("\"email\nx") }
    }
}
