// SPDX-License-Identifier: Apache-2.0
//
// Claims about reading templates/: what is missing or wrong is found before anything is rendered.
import Foundation
import NashraCore
import NashraTemplates
import Testing

@testable import NashraBulletins

@Suite struct TemplateFolderTests {
    /// A copy of the repository's templates, with one file changed.
    private func findings(_ file: String, _ old: String, _ new: String) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.path + "/nashra-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.copyItem(atPath: Desk.repository + "/templates", toPath: folder)
        let url = URL(fileURLWithPath: folder + "/" + file)
        let text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        try #require(text.contains(old))
        let parts = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        try Data(parts.joined(separator: new).utf8).write(to: url)
        let (templates, diagnostics) = TemplateFolder.read(folder)
        #expect((templates == nil) == diagnostics.contains { $0.severity == .error })
        return diagnostics.map { "\($0.code) \($0.file.dropFirst(folder.count + 1))" }
    }

    @Test func `the shipped templates are without findings, in three languages`() {
        let (templates, diagnostics) = TemplateFolder.read(Desk.repository + "/templates")
        #expect(diagnostics == [])
        #expect(templates?.locales.keys.map(\.rawValue).sorted() == ["ar", "en", "fr"])
        #expect(templates?.layouts.keys.sorted() == ["official"])
        #expect(templates?.theme == .standard)
    }

    @Test func `words that are missing, unknown or hostile are found`() throws {
        #expect(
            try findings("locales/ar.yaml", "unsubscribe:", "unsubscibe:") == [
                "NSH071 locales/ar.yaml", "NSH071 locales/ar.yaml",
            ]
        )
        #expect(try findings("locales/ar.yaml", "إلغاء", "\\u202Eإلغاء") == ["NSH020 locales/ar.yaml"])
    }

    @Test func `a colour that is none and a partial that skips escaping are found once`() throws {
        #expect(try findings("theme.yaml", "\"#0b5c8a\"", "\"blue\"") == ["NSH072 theme.yaml"])
        #expect(
            try findings("partials/footer.mustache", "{{why}}", "{{{why}}}") == [
                "NSH070 partials/footer.mustache"
            ]
        )
    }

    @Test func `a folder without layouts says so`() {
        let (templates, diagnostics) = TemplateFolder.read("/nowhere")
        #expect(templates == nil && diagnostics.map(\.code) == ["NSH070"])
    }
}
