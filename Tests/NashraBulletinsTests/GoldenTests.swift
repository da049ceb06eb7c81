// SPDX-License-Identifier: Apache-2.0
//
// One bulletin as it goes out, whole: NASHRA_RECORD=1 rewrites the expected files, for review.
import Foundation
import NashraCore
import NashraTemplates
import Testing

@testable import NashraBulletins

@Suite struct GoldenTests {
    private static let folder = Desk.repository + "/Tests/Corpora/bulletins"

    static let values = [
        "name": "نُورة \"<&>\"", "city": "", "email": "nora@example.org",
        "unsubscribe_url": "https://moi.example/u/v1.u.abc?x=1&y=2", "message_id": "<abc@moi.example>",
    ]

    @Test(arguments: ["ar", "en"], ["html", "txt"])
    func `a bulletin renders to the bytes on file`(_ language: String, _ part: String) throws {
        let desk = try Desk()
        desk.organisation.addresses = [
            .arabic: "شارع الحكومة، العاصمة", .english: "Government Street, Capital",
        ]
        let variant = try #require(try desk.check().rendered?.variants[language])
        let bytes = try (part == "html" ? variant.html : variant.text).filled(with: Self.values)
        let file = URL(fileURLWithPath: "\(Self.folder)/\(language).\(part)")
        if ProcessInfo.processInfo.environment["NASHRA_RECORD"] == "1" {
            try FileManager.default.createDirectory(atPath: Self.folder, withIntermediateDirectories: true)
            try Data(bytes).write(to: file)
        }
        let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test func `numbers around an Arabic text keep their order`() throws {
        let variant = try #require(try Desk().check().rendered?.variants["ar"])
        for part in [variant.html, variant.text] {
            let text = String(decoding: try part.filled(with: Self.values), as: UTF8.self)
            #expect(text.contains("النشرة \u{200E}2026-009\u{200E}"))
        }
    }

    @Test func `rendering twice gives the same bytes`() throws {
        let desk = try Desk()
        #expect(try desk.check().rendered == desk.check().rendered)
    }

    @Test(arguments: ["ar", "en", "fr"])
    func `the repository's own bulletins are without findings and of a good size`(_ language: String) throws {
        let (templates, faults) = TemplateFolder.read(Desk.repository + "/templates")
        #expect(faults.isEmpty)
        let folders = BulletinFolder.list(in: Desk.repository + "/bulletins")
        #expect(folders.count >= 3)
        for folder in folders {
            let (bulletin, found) = BulletinFolder.read(folder)
            #expect(found == [])
            let desk = try Desk()
            desk.organisation.names[.french] = "Ministère de l’Intérieur"
            desk.organisation.languages = [.arabic, .english, .french]
            let renderer = Renderer(
                templates: try #require(templates),
                organisation: desk.organisation,
                today: try #require(desk.today)
            )
            let result = renderer.render(try #require(bulletin))
            #expect(result.diagnostics == [])
            let variant = try #require(result.rendered?.variants[language])
            #expect((6_000...14_000).contains(variant.html.fixedByteCount), "\(variant.html.fixedByteCount)")
            #expect(variant.fields.isSubset(of: ["name", "email", "city", "unsubscribe_url"]))
        }
    }

    @Test func `the layout nests its tags, in both directions`() throws {
        let desk = try Desk()
        let rendered = try #require(try desk.check().rendered)
        for language in ["ar", "en"] {
            let bytes = try #require(rendered.variants[language]).html.filled(with: Self.values)
            #expect(try openTags(String(decoding: bytes, as: UTF8.self)) == [])
        }
    }

    @Test func `mandatory mail has no way to unsubscribe and needs no address for it`() throws {
        let desk = try Desk()
        let (templates, _) = TemplateFolder.read(Desk.repository + "/templates")
        let renderer = Renderer(
            templates: try #require(templates),
            organisation: desk.organisation,
            fields: desk.fields,
            today: try #require(desk.today),
            mayUnsubscribe: false
        )
        let rendered = renderer.render(try #require(BulletinFolder.read(desk.folder).bulletin)).rendered
        #expect(try #require(rendered).fields == ["name", "city"])
    }

    /// The tags that are still open at the end, or the first that closes another than the last opened.
    private func openTags(_ html: String) throws -> [String] {
        let void: Set<String> = ["meta", "br", "img", "hr"]
        var open: [String] = []
        var rest = html[...]
        while let start = rest.firstIndex(of: "<") {
            rest = rest[start...].dropFirst()
            if rest.hasPrefix("!--") {
                rest = rest[(try #require(rest.range(of: "-->")?.upperBound))...]
                continue
            }
            let tag = rest.prefix { $0 != ">" }
            rest = rest.dropFirst(tag.count)
            let name = String(tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }).lowercased()
            if tag.hasPrefix("!") || void.contains(name) { continue }
            guard tag.hasPrefix("/") else {
                open.append(name)
                continue
            }
            guard open.popLast() == name else { return ["</\(name)>"] }
        }
        return open
    }
}
