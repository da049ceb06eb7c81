// SPDX-License-Identifier: Apache-2.0
//
// What an import takes, what it refuses and why, and that every row is counted once.
import NashraCSV
import NashraCore
import NashraEngine
import NashraStore
import NashraTestKit
import Testing

@Suite struct SubscriberImportTests {
    /// Imports `bytes`; the register takes every row as new unless `outcome` says otherwise.
    private func run(
        _ bytes: [UInt8],
        _ settings: SubscriberImport = SubscriberImport(),
        outcome: (ImportRow) -> RowOutcome = { _ in .added }
    ) throws -> (summary: ImportSummary, rows: [ImportRow], batches: [Int]) {
        var offset = 0
        let reader = CSVReader { (buffer) throws(UserError) -> Int in
            let count = min(buffer.count, bytes.count - offset)
            buffer.copyBytes(from: bytes[offset..<(offset + count)])
            offset += count
            return count
        }
        var rows: [ImportRow] = []
        var batches: [Int] = []
        let summary = try settings.run(reader, file: "people.csv") { (batch) throws(UserError) in
            rows += batch
            batches.append(batch.count)
            return batch.map(outcome)
        }
        return (summary, rows, batches)
    }

    private func run(_ text: String, _ settings: SubscriberImport = SubscriberImport()) throws -> (
        summary: ImportSummary, rows: [ImportRow], batches: [Int]
    ) {
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
        #expect(result.summary.added == 1)
        #expect(result.summary.rows == 1)
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
        #expect(result.summary.refused == 1)
        #expect(result.summary.refusals.first?.line == 2)
        #expect(result.summary.refusals.first?.message.hasPrefix(reason) == true)
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
        let result = try run(bytes, SubscriberImport(defaultLanguage: .arabic))
        #expect(result.rows.map(\.address.text) == ["f@x.example", "h@x.example"])
        #expect(result.rows.map(\.language) == [.french, .arabic])
        #expect(result.rows.map(\.name) == ["F", nil])
        #expect(result.summary.refusals.map(\.line) == [2, 3, 4, 5, 6, 7, 9])
        #expect(
            result.summary.refusals.map(\.message) == [
                "the address has no @", "name is not valid UTF-8",
                "language is not a tag such as ar, en or fr",
                "the row has 2 fields and the header 3", "the row has 4 fields and the header 3",
                "a quote is opened here and never closed", "the row holds a NUL byte",
            ]
        )
        #expect(result.summary.refusals.first?.file == "people.csv")
        #expect(result.summary.rows == 9)
    }

    @Test func `the first of two rows with the same address counts`() throws {
        let result = try run("email,name\nA@X.example,one\na@x.EXAMPLE,two\nb@x.example,three\n")
        #expect(result.rows.map(\.name) == ["one", "three"])
        #expect(result.summary.duplicates == 1)
    }

    @Test func `every row is counted once, whatever the register says`() throws {
        let outcomes: [RowOutcome] = [
            .added, .updated, .unchanged, .unsubscribed, .suppressed, .refused("it is somebody else's"),
        ]
        let text = "email\n" + (0..<600).map { "p\($0 % 500)@x.example" }.joined(separator: "\n") + "\nbad\n"
        var asked = 0
        let result = try run(Array(text.utf8), SubscriberImport(batchRows: 64)) { _ in
            asked += 1
            return outcomes[asked % 6]
        }
        let summary = result.summary
        #expect(summary.rows == 601)
        #expect(
            summary.added + summary.updated + summary.unchanged + summary.unsubscribed + summary.suppressed
                + summary.duplicates + summary.refused == summary.rows
        )
        #expect(summary.duplicates == 100)
        #expect(summary.refusals.contains { $0.message == "it is somebody else's" })
        #expect(result.batches == [64, 64, 64, 64, 64, 64, 64, 52])
    }

    @Test func `of very many refusals the first thousand are kept and all are counted`() throws {
        let result = try run("email\n" + String(repeating: "bad\n", count: 1500))
        #expect(result.summary.refused == 1500)
        #expect(result.summary.refusals.count == 1000)
    }

    @Test func `a column can stand for a field of another name, and one without a name is skipped`() throws {
        let settings = SubscriberImport(renamed: ["E-Mail Address": "email", "Prénom": "name"])
        let result = try run("Prénom,e-mail address,,Home Town\nZoë,z@x.example,secret,Lyon\n", settings)
        let row = try #require(result.rows.first)
        #expect(row.name == "Zoë")
        #expect(row.attributes == ["home_town": "Lyon"])
    }

    @Test func `a header that cannot be used is reported whole`() throws {
        let error = try #require(throws: UserError.self) {
            try run("emial,name,Name,message_id\nx,y,z,w\n", SubscriberImport(renamed: ["town": "city"]))
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

    @Test func `a header alone is an import of nobody`() throws {
        let result = try run("email\n")
        #expect(result.summary == ImportSummary(file: "people.csv"))
        #expect(result.batches.isEmpty)
    }

    @Test func `what the register throws ends the import`() throws {
        let full = UserError(.inputOutput, "no space is left")
        var given = false
        let reader = CSVReader { (buffer) throws(UserError) -> Int in
            guard !given else { return 0 }
            given = true
            let text = Array("email\na@x.example\n".utf8)
            buffer.copyBytes(from: text)
            return text.count
        }
        #expect(throws: full) {
            _ = try SubscriberImport().run(reader, file: "x") { (_) throws(UserError) in throw full }
        }
    }
}
