// SPDX-License-Identifier: Apache-2.0
//
// One row: typed values, languages by name, addresses that were pasted, and what is noted about it.
import NashraCSV
import NashraCore
import NashraStore
import Testing

@testable import NashraEngine

@Suite struct RowCheckTests {
    private let schema = AttributeSchema([
        .init(name: "grade", kind: .number, label: ["ar": "الدرجة"]),
        .init(name: "born", kind: .date, onError: .skip),
        .init(name: "city", kind: .enumeration(["Doha", "Al Khor"]), spellings: ["Doha": ["الدوحة"]]),
        .init(name: "on_duty", kind: .bool),
    ])

    /// Checks all rows of a text; a refused row gives its reason.
    private func rows(
        _ text: String,
        schema: AttributeSchema? = nil,
        notes: inout RowNotes
    ) throws -> [Result<ImportRow, RowCheck.Refusal>] {
        var rest = Array(text.utf8)[...]
        let reader = CSVReader { (buffer) throws(UserError) -> Int in
            let piece = rest.prefix(buffer.count)
            rest = rest.dropFirst(piece.count)
            buffer.copyBytes(from: piece)
            return piece.count
        }
        var record = CSVRecord()
        _ = try reader.next(into: &record)
        let used = schema ?? self.schema
        let check = RowCheck(
            columns: try ImportColumns(header: record, renamed: [:], file: "x", schema: used),
            defaultLanguage: nil,
            schema: used
        )
        var results: [Result<ImportRow, RowCheck.Refusal>] = []
        while try reader.next(into: &record) == .record {
            do throws(RowCheck.Refusal) {
                results.append(.success(try check.check(record, &notes)))
            } catch {
                results.append(.failure(error))
            }
        }
        return results
    }

    private func row(_ header: String, _ row: String) throws -> Result<ImportRow, RowCheck.Refusal> {
        var notes = RowNotes()
        return try #require(try rows("\(header)\n\(row)\n", notes: &notes).first)
    }

    @Test func `values take their canonical form`() throws {
        let row = try row(
            "email,الدرجة,born,city,on_duty,notes",
            "a@x.example,٥٫٥٠,٣١/٠١/٢٠٢٦,الدَّوحة,نعم,٥٫٥٠"
        ).get()
        #expect(
            row.attributes == [
                "grade": "5.5", "born": "2026-01-31", "city": "Doha", "on_duty": "true", "notes": "٥٫٥٠",
            ]
        )
    }

    @Test func `a wrong value costs the row, and the reason names column and form but not the value`() throws
    {
        let refusal = try row("email,grade", "a@x.example,secret7")
        #expect(refusal == .failure(.init(reason: "grade is not a number such as 5, -5.25 or 1 234,5")))
        #expect(
            try row("email,city", "a@x.example,Riyadh")
                == .failure(.init(reason: "city is not one of: Doha, Al Khor"))
        )
    }

    @Test func `where the schema says so, a wrong value costs the value, and is noted`() throws {
        var notes = RowNotes()
        let results = try rows(
            "email,born,grade\na@x.example,soon,5\nb@x.example,32/01/2026,6\nc@x.example,1/1/2000,7\n",
            notes: &notes
        )
        let people = try results.map { try $0.get() }
        #expect(
            people.map(\.attributes) == [
                ["grade": "5"], ["grade": "6"], ["grade": "7", "born": "2000-01-01"],
            ]
        )
        #expect(notes.leftOut["born"]?.count == 2)
        #expect(notes.leftOut["born"]?.firstLine == 2)
        #expect(notes.leftOut["born"]?.reason.contains("2026-01-31") == true)
    }

    @Test func `an empty value is no value`() throws {
        #expect(try row("email,grade,city", "a@x.example,\u{00A0},").get().attributes.isEmpty)
        #expect(try row("email,grade,city", "a@x.example,\u{200F}, ").get().attributes.isEmpty)
    }

    @Test(arguments: [
        ("ar", "ar"), ("AR", "ar"), ("ar-SA", "ar"), ("fr_FR", "fr"), (" en ", "en"), ("عربي", "ar"),
        ("العربية", "ar"),
        ("Arabe", "ar"), ("Français", "fr"), ("FRANCAIS", "fr"), ("English", "en"), ("الإنجليزية", "en"),
        ("ara", "ar"),
        ("fre", "fr"), ("fra", "fr"), ("eng", "en"), ("ckb", "ckb"), ("ur", "ur"),
    ])
    func `a language is a tag, a code or a name`(given: String, tag: String) throws {
        #expect(try row("email,language", "a@x.example,\(given)").get().language?.rawValue == tag)
    }

    @Test(arguments: ["1", "arabic!", "عربي فصيح", "a", "x y", "٢٣"])
    func `what is no language is refused`(given: String) throws {
        #expect(
            try row("email,language", "a@x.example,\(given)")
                == .failure(.init(reason: "language is not a tag such as ar, en or fr"))
        )
    }

    @Test func `a name is joined from its parts, and blank parts leave no space`() throws {
        #expect(try row("email,Nom,Prénom", "a@x.example,Martin,Zoé").get().name == "Zoé Martin")
        #expect(try row("email,Nom,Prénom", "a@x.example,Martin,").get().name == "Martin")
        #expect(try row("email,Nom,Prénom", "a@x.example,,").get().name == nil)
        let arabic = try row("email,الاسم الأول,اسم الأب,اسم العائلة", "a@x.example,سارة, علي ,الكواري").get()
        #expect(arabic.name == "سارة علي الكواري")
        let long = String(repeating: "ن", count: 150)
        #expect(
            try row("email,Nom,Prénom", "a@x.example,\(long),\(long)")
                == .failure(.init(reason: "name is longer than 400 bytes"))
        )
    }

    @Test func `what was pasted around an address is taken away, and counted`() throws {
        var notes = RowNotes()
        let results = try rows(
            "email\n\u{202A}a@x.example\u{202C}\nmailto:b@x.example;\n\"<c@x.example>\"\nd@x.example\n",
            notes: &notes
        )
        #expect(try results.map { try $0.get().address.text } == "abcd".map { "\($0)@x.example" })
        #expect(notes.cleaned == [.invisible: 1, .mailto: 1, .punctuation: 1, .brackets: 1])
    }

    @Test func `odd addresses are taken as they are, and noted with their lines`() throws {
        var notes = RowNotes(ownDomains: ["moi.gov.qa"])
        let results = try rows(
            "email\na@gmial.com\ninfo@moi.gov.qa\nb@m0i.gov.qa\nc+news@x.example\nأحمد@مثال.إختبار\n",
            notes: &notes
        )
        #expect(try results.map { try $0.get().address.text }.first == "a@gmial.com")
        #expect(notes.odd == [.typo: 1, .role: 1, .lookalike: 1, .tag: 1])
        #expect(notes.samples.map(\.line) == [2, 3, 4, 5])
        #expect(notes.samples.first?.finding.suggestion == "a@gmail.com")
    }

    @Test func `of very many odd addresses the first twenty are kept and all are counted`() throws {
        var notes = RowNotes()
        let text = "email\n" + (0..<100).map { "p\($0)@gmial.com" }.joined(separator: "\n")
        _ = try rows(text, notes: &notes)
        #expect(notes.odd[.typo] == 100)
        #expect(notes.samples.count == RowNotes.keptSamples)
    }

    @Test func `the state of a person in our own export is taken, and a wrong one refused`() throws {
        let header = "email,name,language,state"
        #expect(try row(header, "a@x.example,,,unsubscribed").get().state == .unsubscribed)
        #expect(try row(header, "a@x.example,,,").get().state == nil)
        for word in ["erased", "Active", "CA"] {
            #expect(
                try row(header, "a@x.example,,,\(word)")
                    == .failure(.init(reason: "state is not one of: active, pending, unsubscribed"))
            )
        }
        #expect(try row("email,state", "a@x.example,CA").get().attributes == ["state": "CA"])
    }

    @Test func `the apostrophe of an export is taken off, and only that`() throws {
        let row = try row("email,name,a,b,c", "'=a@x.example,'-سارة,'+1 2,'abc,''=x").get()
        #expect(row.address.text == "=a@x.example")
        #expect(row.name == "-سارة")
        #expect(row.attributes == ["a": "+1 2", "b": "'abc", "c": "'=x"])
    }

    @Test func `every scalar that has no place in a name is refused, wherever it stands`() throws {
        let bad: [UInt32] = [
            0x01, 0x1F, 0x7F, 0x80, 0x9F, 0x2028, 0x2029, 0x202A, 0x202E, 0x2066, 0x2069, 0xFFF9, 0xE0041,
        ]
        for value in bad {
            let scalar = String(try #require(Unicode.Scalar(value)))
            for name in ["\(scalar)علي", "ع\(scalar)لي", "علي\(scalar)"] {
                let result = try row("email,name", "a@x.example,\"\(name)\"")
                #expect(throws: RowCheck.Refusal.self, "U+\(String(value, radix: 16))") { try result.get() }
            }
        }
    }

    @Test func `spaces of all widths are dropped at the ends only`() throws {
        for value in [0x20, 0xA0, 0x1680, 0x2003, 0x202F, 0x205F, 0x3000] as [UInt32] {
            let space = String(try #require(Unicode.Scalar(value)))
            let row = try row("email,name", "a@x.example,\"\(space)علي\(space)حسن\(space)\(space)\"").get()
            #expect(row.name.map { Array($0.utf8) } == Array("علي\(space)حسن".utf8))
        }
    }

    @Test func `what is typed at the command line is checked by the same rules`() throws {
        let address = try EmailAddress.parse("a@x.example")
        let row = try ImportRow.typed(
            address: address,
            name: " سارة ",
            language: .arabic,
            attributes: ["City": "الدوحة", "grade": "٥", "on duty": "oui"],
            schema: schema
        )
        #expect(row.attributes == ["city": "Doha", "grade": "5", "on_duty": "true"])
        let error = #expect(throws: UserError.self) {
            try ImportRow.typed(
                address: address,
                name: nil,
                language: nil,
                attributes: ["city": "Riyadh"],
                schema: schema
            )
        }
        #expect(error?.status == .badData)
        #expect(error?.message == "The attribute city is not one of: Doha, Al Khor.")
    }
}
