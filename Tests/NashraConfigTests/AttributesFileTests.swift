// SPDX-License-Identifier: Apache-2.0
//
// config/attributes.yaml: what it declares is what counts, what it gets wrong is found with its place, and the shipped
// file declares nothing but shows everything.
// With NASHRA_RECORD=1 the shipped file is written anew, for review.
import Foundation
import NashraConfig
import NashraCore
import Testing

@Suite struct AttributesFileTests {
    private let repository = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func read(_ yaml: String) -> (schema: AttributeSchema?, diagnostics: [Diagnostic]) {
        AttributesFile.read(Array(yaml.utf8), file: "config/attributes.yaml")
    }

    /// The template's example with the signs of comment taken away.
    private var example: String {
        let lines = AttributesFile.template.split(separator: "\n", omittingEmptySubsequences: false)
        let start = lines.firstIndex(of: "# attributes:") ?? lines.startIndex
        return lines[start...].filter { $0 != "attributes:" }
            .map { $0.hasPrefix("# ") ? String($0.dropFirst(2)) : String($0) }.joined(separator: "\n")
    }

    @Test func `the shipped file is the template, and declares nothing`() throws {
        let file = repository.appending(path: AttributesFile.path)
        if ProcessInfo.processInfo.environment["NASHRA_RECORD"] == "1" {
            try Data(AttributesFile.template.utf8).write(to: file)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == AttributesFile.template)
        let (schema, findings) = read(AttributesFile.template)
        #expect(findings.isEmpty, "\(findings)")
        #expect(schema == AttributeSchema.none)
    }

    @Test func `the example in the shipped file holds, and shows every type`() throws {
        let (read, findings) = read(example)
        #expect(findings.isEmpty, "\(findings)")
        let schema = try #require(read)
        #expect(schema.attributes.map(\.name) == ["city", "grade", "joined_on", "on_duty", "department"])
        #expect(schema.attributes.map(\.kind.word) == ["enum", "number", "date", "bool", "string"])
        #expect(try schema.canonical("الدَّوحة", for: "city") == "Doha")
        #expect(try schema.canonical("al-khawr", for: "city") == "Al Khor")
        #expect(try schema.canonical("1,234", for: "grade") == "1234")
        #expect(try schema.canonical("٣١/٠١/٢٠٢٦", for: "joined_on") == "2026-01-31")
        #expect(try schema.canonical("نعم", for: "on_duty") == "true")
        #expect(schema.attribute("city")?.label["ar"] == "المدينة")
        #expect(schema.attribute("city")?.headers == ["Town", "البلدة", "Municipality"])
    }

    @Test func `no file, an empty one and a key without more declare what they say`() throws {
        let folder = try TemporaryFolder()
        #expect(try AttributesFile.require(Workspace(root: folder.path)) == AttributeSchema.none)
        #expect(read("# شيء من التعليق\n").schema == AttributeSchema.none)
        let (schema, findings) = read("attributes:\n  city:\n  المدينة: {type: number}\n")
        #expect(findings.isEmpty, "\(findings)")
        #expect(schema?.attribute("city")?.kind == .string)
        #expect(schema?.attribute("المدينة")?.kind == .number)
    }

    @Test func `a new workspace gets the file`() throws {
        let folder = try TemporaryFolder()
        let workspace = try Workspace.create(
            at: folder.path + "/w",
            answers: try WorkspaceAnswers(
                name: "نشرة",
                sender: "bulletin@moi.example",
                relay: "smtp://127.0.0.1:2525",
                languages: ["ar"]
            )
        )
        #expect(try AttributesFile.require(workspace) == AttributeSchema.none)
        #expect(FileManager.default.fileExists(atPath: workspace.path(AttributesFile.path)))
    }

    @Test(arguments: [
        ("atributes:\n", 1, 1, "attributes"),
        ("attributes: city\n", 1, 13, "mapping"),
        ("attributes:\n  city: enum\n", 2, 9, "mapping"),
        ("attributes:\n  city:\n    typ: enum\n", 3, 5, "type"),
        ("attributes:\n  city:\n    type: enumeration\n", 3, 11, "enum"),
        ("attributes:\n  city:\n    type: enum\n", 3, 5, "words"),
        ("attributes:\n  city: {type: enum, words: []}\n", 2, 29, "no word"),
        ("attributes:\n  city: {type: enum, words: [Doha, doha]}\n", 2, 29, "doha"),
        ("attributes:\n  city: {type: enum, words: {Doha: الدوحة, Khor: الدّوحه}}\n", 2, 29, "الدّوحه"),
        ("attributes:\n  City: {type: number}\n", 2, 9, "small letters"),
        ("attributes:\n  email: {type: string}\n", 2, 10, "another name"),
        ("attributes:\n  city: {type: string, date_order: day-first}\n", 2, 24, "date_order"),
        ("attributes:\n  born: {type: date, date_order: month}\n", 2, 34, "month-first"),
        ("attributes:\n  pay: {type: number, decimal: dot}\n", 2, 32, "point"),
        ("attributes:\n  a: {on_error: ignore}\n", 2, 17, "skip"),
        ("attributes:\n  a: {label: {arabic: x}}\n", 2, 15, "arabic"),
        ("attributes:\n  a: {columns: [المدينة]}\n  b: {label: {ar: المدينه}}\n", 3, 6, "المدينه"),
    ])
    func `a fault is found with its line and column, and with what was meant`(
        yaml: String,
        line: Int,
        column: Int,
        words: String
    ) {
        let (schema, findings) = read(yaml)
        #expect(schema == nil)
        #expect(findings.count == 1, "\(findings)")
        #expect(findings.first?.line == line, "\(findings)")
        #expect(findings.first?.column == column, "\(findings)")
        #expect(findings.first.map { "\($0.message) \($0.remedy)".contains(words) } == true, "\(findings)")
    }

    @Test func `all faults of a file come in one error with status 78`() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            AttributesFile.path,
            "attributes:\n  A: {}\n  b: {type: x}\n  c: {type: enum}\n  d: {tipe: bool}\n"
        )
        let error = #expect(throws: UserError.self) {
            try AttributesFile.require(Workspace(root: folder.path))
        }
        #expect(error?.status == .configuration)
        #expect(error?.diagnostics.count == 4, "\(String(describing: error))")
    }
}
