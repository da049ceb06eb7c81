// SPDX-License-Identifier: Apache-2.0
//
// One table with Arabic names and typed attributes in five encodings and as a workbook: six imports, one register.
// Starts real processes; Python writes the files, openpyxl the workbook.
import Foundation
import Testing

@Suite struct SixEncodingsTests {
    @Test func `one Arabic table in five encodings and as a workbook makes one and the same register`() throws
    {
        let forms = ["utf-8", "utf-16-le", "utf-16-be", "windows-1256", "iso-8859-6", "xlsx"]
        let registers = try forms.map { try register(of: "arabic", as: $0) }
        let first = try #require(registers.first)
        #expect(first.bytes.count > 20_000)
        #expect(first.text.contains("مُحَمَّد العَلي"))
        #expect(
            first.text.contains("2026-01-31") && first.text.contains("5.25") && first.text.contains("true")
        )
        for (form, register) in zip(forms, registers) {
            #expect(register.bytes == first.bytes, "\(form): \(register.firstDifference(from: first))")
        }
    }

    @Test func `one French table in UTF-8, UTF-16, Windows-1252 and as a workbook makes the same register`()
        throws
    {
        let forms = ["utf-8", "utf-16-le", "windows-1252", "xlsx"]
        let registers = try forms.map { try register(of: "french", as: $0) }
        let first = try #require(registers.first)
        #expect(first.text.contains("Zoë Œuvrard") && first.text.contains("€"))
        for (form, register) in zip(forms, registers) {
            #expect(register.bytes == first.bytes, "\(form): \(register.firstDifference(from: first))")
        }
    }

    private struct Register {
        let bytes: [UInt8]
        var text: String { String(decoding: bytes, as: UTF8.self) }

        func firstDifference(from other: Register) -> String {
            let lines = zip(text.split(separator: "\r\n"), other.text.split(separator: "\r\n"))
            return lines.first { $0 != $1 }.map { "\($0) | \($1)" } ?? "one is longer"
        }
    }

    /// Imports the table in one form into a workspace of its own, and exports the register.
    private func register(of table: String, as form: String) throws -> Register {
        let world = try World()
        try Self.attributes.write(
            to: world.workspace.appending(path: "config/attributes.yaml"),
            atomically: true,
            encoding: .utf8
        )
        let file = world.folder.appending(path: "people.\(form == "xlsx" ? "xlsx" : "csv")").path
        _ = try world.python(Self.write, [table, form, file])
        #expect(try world.run(["topics", "add", "staff"]).status == 0)
        let done = try world.run(["subscribers", "import", file, "--topic", "staff", "--source", "ministry"])
        #expect(done.status == 0, "\(form): \(done)")
        let output = world.folder.appending(path: "register.csv")
        let exported = try world.run([
            "subscribers", "export", "--topic", "staff", "--format", "csv", "--output", output.path,
        ])
        #expect(exported.status == 0, "\(form): \(exported)")
        return Register(bytes: Array(try Data(contentsOf: output)))
    }

    private static let attributes = """
        attributes:
          city: {type: string, label: {ar: المدينة, fr: ville}}
          joined_on: {type: date, label: {ar: تاريخ الالتحاق, fr: date d'entrée}}
          grade: {type: number, label: {ar: الدرجة, fr: indice}}
          on_duty: {type: bool, label: {ar: على رأس العمل, fr: en service}}
          unit: {type: enum, words: {north: {ar: شمال, fr: nord}, south: {ar: جنوب, fr: sud}}, label: {ar: الوحدة, fr: unité}}

        """

    /// Writes 500 people; what every encoding can hold, typed as a spreadsheet would type it in a workbook.
    private static let write = """
        import datetime, sys
        table, form, path = sys.argv[1:]
        if table == "arabic":
            header = ["البريد الإلكتروني", "الاسم", "اللغة", "المدينة", "تاريخ الالتحاق", "الدرجة", "على رأس العمل", "الوحدة"]
            names = ["سارة القحطاني", "مُحَمَّد العَلي", "عبد الله، أبو بكر", "نــورة آل ثاني", "لؤيّ \\"أبو علي\\"", "هدى؟ ياسين"]
            cities, tag = ["الدوحة", "الخور", "أم صلال; الشمال"], "ar"
            units = ["شمال", "جنوب"]
        else:
            header = ["courriel", "nom", "langue", "ville", "date d'entrée", "indice", "en service", "unité"]
            names = ["Zoë Œuvrard", "Jean-Noël Lefèvre", "Gaëlle d’Été", "Ça, \\"va\\"", "François Ÿ"]
            cities, tag = ["Saint-Étienne", "Besançon – 1 €", "Aÿ; Épernay"], "fr"
            units = ["nord", "sud"]
        rows = []
        for n in range(500):
            day = datetime.date(2026, 1, 31) - datetime.timedelta(days=n)
            rows.append([f"person{n}@example.org", names[n % len(names)], tag, cities[n % 3], day,
                         [5, 5.25, 1000000, -3][n % 4], n % 3 != 0, units[n % 2]])
        if form == "xlsx":
            import openpyxl
            book = openpyxl.Workbook()
            for row in [header] + rows: book.active.append(row)
            book.save(path)
        else:
            def text(value):
                if isinstance(value, bool): return {"ar": ["لا", "نعم"], "fr": ["non", "oui"]}[tag][value]
                if isinstance(value, datetime.date): return value.strftime("%d/%m/%Y")
                value = str(value)
                return '"' + value.replace('"', '""') + '"' if any(c in value for c in '",;') else value
            lines = [(";" if form == "windows-1252" else ",").join(map(text, row)) for row in [header] + rows]
            mark = "\\ufeff" if form.startswith("utf") else ""
            with open(path, "wb") as file: file.write((mark + "\\r\\n".join(lines) + "\\r\\n").encode(form))
        """
}
