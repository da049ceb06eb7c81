// SPDX-License-Identifier: Apache-2.0
//
// Which column is what: by the user's word, by its name, by the declared attributes, by words in three languages.
import NashraCSV
import NashraCore
import Testing

@testable import NashraEngine

@Suite struct ImportColumnsTests {
    private func columns(
        _ header: String,
        map: [String: String] = [:],
        schema: AttributeSchema = .none
    ) throws -> ImportColumns {
        var given = false
        let bytes = Array((header + "\n").utf8)
        let reader = CSVReader { (buffer) throws(UserError) -> Int in
            guard !given else { return 0 }
            given = true
            buffer.copyBytes(from: bytes)
            return bytes.count
        }
        var record = CSVRecord()
        _ = try reader.next(into: &record)
        let renamed = map.map { (ImportColumns.normalised($0.key), ImportColumns.normalised($0.value)) }
        return try ImportColumns(
            header: record,
            renamed: Dictionary(renamed, uniquingKeysWith: { first, _ in first }),
            file: "people.csv",
            schema: schema
        )
    }

    private func fields(_ columns: ImportColumns) -> [String?] { columns.mapping.columns.map(\.field) }

    private func error(_ header: String, map: [String: String] = [:]) -> UserError? {
        #expect(throws: UserError.self) { try columns(header, map: map) }
    }

    @Test(arguments: [
        "email", "E-Mail", "e_mail", "EMAIL ADDRESS", "Mail", "Courriel", "Adresse e-mail",
        "Adresse électronique",
        "ADRESSE ELECTRONIQUE", "Mél", "Mel", "Adresse mél", "Adresse de messagerie", "البريد الإلكتروني",
        "البريد الالكتروني", "البَريد الإلكترونيّ", "بريد إلكتروني", "البريد", "بريد", "الايميل", "ايميل",
        "الإيميل",
        "\u{200F}البريد الإلكتروني\u{200F}", "البريد الإلكتروني:", "البـريد الالكتـروني", "E-mail 1 - Value",
        " email ",
        "عنوان البريد الإلكتروني", "Adresse e\u{301}lectronique", "address", "Adresse", "العنوان",
    ])
    func `the column of the address is found by its name`(header: String) throws {
        let columns = try columns("\(header),المدينة")
        #expect(columns.email == 0)
        #expect(fields(columns) == ["email", "المدينة"])
    }

    @Test(arguments: [
        ("Name", "Langue"), ("Full name", "language"), ("الاسم", "اللغة"), ("الاسم الكامل", "لغة المراسلة"),
        ("Nom", "LANG"), ("Nom complet", "Langue préférée"), ("Nom et prénom", "Locale"), ("الإسم", "لغة"),
    ])
    func `name and language are found by their names`(name: String, language: String) throws {
        let columns = try columns("\(language),\(name),email")
        #expect(fields(columns) == ["language", "name", "email"])
        #expect(columns.nameParts.isEmpty)
    }

    @Test(arguments: [
        ("Prénom,Nom,email", [0, 1]), ("Nom,Prénom,email", [1, 0]), ("email,Last name,First name", [2, 1]),
        ("الاسم الأول,اسم الأب,اسم العائلة,email", [0, 1, 2]), ("email,اللقب,الاسم", [2, 1]),
        ("email,Surname,Given name,Middle name", [2, 3, 1]),
        ("الاسم الرابع,الاسم الثالث,الاسم الثاني,الاسم الأول,email", [3, 2, 1, 0]),
    ])
    func `the parts of a name are joined in their order`(header: String, parts: [Int]) throws {
        let columns = try columns(header)
        #expect(columns.nameParts == parts)
        for part in parts { #expect(columns.mapping.columns[part].field == "name") }
    }

    @Test func `parts of a name beside a whole one, or without a first, are attributes`() throws {
        #expect(fields(try columns("email,Nom complet,Prénom,Nom")) == ["email", "name", "prénom", "nom"])
        #expect(fields(try columns("email,Prénom")) == ["email", "prénom"])
        #expect(fields(try columns("email,Last name")) == ["email", "last_name"])
        #expect(
            fields(try columns("email,Prénom,Nom", map: ["Prénom": "first_name"])) == [
                "email", "first_name", "name",
            ]
        )
    }

    @Test func `the plan tells which rule made a column what it is`() throws {
        let schema = AttributeSchema([
            .init(name: "city", headers: ["Town"], label: ["ar": "المدينة"]),
            .init(name: "grade", kind: .number),
        ])
        let columns = try columns(
            "E-mail,name,المَدينه,Grade,Notes,,Secret,Sprache",
            map: ["Secret": "", "Sprache": "language"],
            schema: schema
        )
        #expect(fields(columns) == ["email", "name", "city", "grade", "notes", nil, nil, "language"])
        #expect(
            columns.mapping.columns.map(\.rule) == [
                .word, .name, .attribute, .attribute, .own, .skipped, .skipped, .map,
            ]
        )
        #expect(columns.mapping.columns.map(\.number) == Array(1...8))
        #expect(columns.mapping.columns[2].header == "المَدينه")
    }

    @Test func `a declared attribute's header goes before a word for a field`() throws {
        let schema = AttributeSchema([.init(name: "organisation", headers: ["Nom"])])
        #expect(fields(try columns("email,Nom", schema: schema)) == ["email", "organisation"])
    }

    @Test func `two columns that could be the address are asked back, with what decides`() {
        let error = error("Courriel,البريد الإلكتروني,name")
        #expect(error?.status == .badData)
        #expect(error?.diagnostics.count == 1)
        let words = error?.description ?? ""
        #expect(words.contains("'Courriel' (column 1)"))
        #expect(words.contains("'البريد الإلكتروني' (column 2)"))
        #expect(words.contains("--map courriel=email"))
        #expect(words.contains("--map البريد_الإلكتروني=email"))
    }

    @Test func `the user's word decides between two columns`() throws {
        let header = "Courriel,البريد الإلكتروني"
        #expect(fields(try columns(header, map: ["Courriel": "email"])) == ["email", "البريد_الإلكتروني"])
        #expect(fields(try columns(header, map: ["البريد_الإلكتروني": "email"])) == ["courriel", "email"])
        #expect(fields(try columns(header, map: ["2": "email"])) == ["courriel", "email"])
        #expect(fields(try columns(header, map: ["1": "", "2": "email"])) == [nil, "email"])
        #expect(fields(try columns("email,work", map: ["work": "email"])) == [nil, "email"])
    }

    @Test func `a column can be meant by its number, unless one is called so`() throws {
        #expect(fields(try columns("a,b,c", map: ["3": "email", "1": "city"])) == ["city", "b", "email"])
        #expect(fields(try columns("3,b,c", map: ["3": "email"])) == ["email", "b", "c"])
        #expect(error("email,b", map: ["3": "city"])?.description.contains("no column '3'") == true)
        #expect(error("email,b", map: ["0": "city"]) != nil)
    }

    @Test func `a mapping to a column that is not there lists those that are, with the nearest`() {
        let error = error("email,City,الاسم", map: ["Ctiy": "town"])
        #expect(error?.diagnostics.count == 1)
        #expect(error?.description.contains("there is no column 'ctiy' to map") == true)
        #expect(error?.description.contains("Did you mean 'city'?") == true)
        #expect(error?.description.contains("email, city, الاسم") == true)
    }

    @Test func `two columns of one name can only be told apart by number`() throws {
        #expect(error("email,city,City")?.description.contains("--map 3=") == true)
        #expect(fields(try columns("email,city,City", map: ["3": ""])) == ["email", "city", nil])
        #expect(error("email,a,b", map: ["a": "city", "b": "city"]) != nil)
        #expect(error("x,a,b", map: ["a": "email", "b": "email"]) != nil)
        #expect(error("name,Nom complet,email")?.description.contains("--map 3=") == false)
    }

    @Test func `without a column of the address the nearest name is offered`() {
        #expect(error("emial,name")?.description.contains("--map emial=email") == true)
        #expect(error("foo,bar")?.description.contains("--map COLUMN=email") == true)
        #expect(error("address,contact")?.description.contains("2 columns could be the address") == true)
    }

    @Test func `our own export is known by its header, and elsewhere state is anything`() throws {
        let own = try columns("email,name,language,state,attr.state,city")
        #expect(own.state == 3)
        #expect(fields(own) == ["email", "name", "language", "state", "state", "city"])
        #expect(own.meanings[4] == .attribute("state"))
        let other = try columns("email,name,state,language")
        #expect(other.state == nil)
        #expect(other.meanings[2] == .attribute("state"))
    }

    @Test func `a file of rejected rows can be imported again when it was mended`() throws {
        #expect(fields(try columns("line,reason,Courriel,city")) == [nil, nil, "email", "city"])
        let own = try columns("line,reason,email,name,language,state,attr.state")
        #expect(own.state == 5)
        #expect(fields(own) == [nil, nil, "email", "name", "language", "state", "state"])
        #expect(fields(try columns("email,line,reason")) == ["email", "line", "reason"])
        #expect(fields(try columns("line,reason,email", map: ["line": "desk"])) == ["desk", nil, "email"])
    }

    @Test func `a name of a column that a spreadsheet would run is freed of its apostrophe`() throws {
        #expect(fields(try columns("email,'=sum")) == ["email", "sum"])
    }

    @Test func `two hundred columns of anything are read`() throws {
        let header = "email," + (1..<200).map { "عمود \($0)" }.joined(separator: ",")
        #expect(fields(try columns(header)).count == 200)
    }
}
