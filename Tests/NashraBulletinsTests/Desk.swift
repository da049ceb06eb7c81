// SPDX-License-Identifier: Apache-2.0
//
// A bulletin on disk that a test may spoil, and what is found in it.
import Foundation
import NashraCore
import NashraTemplates
import Testing

@testable import NashraBulletins

/// A temporary folder with one good bulletin, removed with its owner.
final class Desk {
    let root: String
    let folder: String
    var organisation = Organisation(
        names: [.arabic: "وزارة الداخلية", .english: "Ministry of Interior"],
        languages: [.arabic, .english]
    )
    var today = CalendarDate("2026-03-02")
    var fields = MergeFields(attributes: ["city"])

    static let repository = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// The repository's own templates, read once.
    static let templates = TemplateFolder.read(repository + "/templates")

    static let metadata = """
        nashra: "1"
        number: "2026-014"
        kind: alert
        category: phishing
        severity: high
        tlp: GREEN
        lane: urgent
        topics: [fraud]
        issuer:
          department: {ar: "إدارة التوعية", en: "Awareness Office"}
          contact: awareness@moi.example
        date: "2026-03-01"
        expires: "2026-04-01"
        supersedes: "2026-009"
        links: {allow: [moi.example]}
        report:
          - label: {ar: "خط البلاغات", en: "Fraud line"}
            phone: "+999 55 501 19"
          - label: {ar: "عبر الإنترنت", en: "Online"}
            url: "https://moi.example/report"
        references:
          - title: {ar: "كيف تتحقق", en: "How to check"}
            url: "https://www.moi.example/genuine"

        """

    static let arabic = """
        ---
        title: "احذروا رسائل تنتحل اسم الوزارة"
        subject: "تنبيه: رسائل تنتحل اسم الوزارة"
        preheader: "لا تعطوا رمز التحقق لأحد."
        summary: "رسائل مزيفة."
        ---
        السلام عليكم {{name|قرّاءنا الكرام}}،

        وصلت رسائل من sender@evil.example إلى **كثيرين** في {{city|مدينتكم}}.

        ## افعلوا

        - اتصلوا على +999 55 501 19.
        - اقرؤوا [دليلنا](https://moi.example/guide?n={{name|x}}).

        > `hxxps://evil[.]example/login`

        | العلامة | المعنى |
        |---|---|
        | مهلة 2 ساعة | خداع |

        """

    static let english = """
        ---
        title: "Messages that pose as the ministry"
        subject: "Alert: messages that pose as the ministry"
        preheader: "Give your code to nobody."
        summary: "Fake messages."
        ---
        Dear {{name|reader}},

        many in {{city|your town}} got messages from sender@evil.example & others.

        ## Do

        - Call +999 55 501 19.
        - Read [our guide](https://moi.example/guide?n={{name|x}}).

        > `hxxps://evil[.]example/login`

        | Sign | Meaning |
        |---|---|
        | 2 hours' notice | a trick |

        """

    init() throws {
        root = FileManager.default.temporaryDirectory.path + "/nashra-\(UUID().uuidString)"
        folder = root + "/bulletins/2026-014-fake-messages"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try write("bulletin.yaml", Self.metadata)
        try write("ar.md", Self.arabic)
        try write("en.md", Self.english)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Writes a file of the bulletin.
    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    /// Replaces a text in a file of the bulletin; the text must be there.
    func spoil(_ name: String, _ old: String, _ new: String) throws {
        let text = String(
            decoding: try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)),
            as: UTF8.self
        )
        try #require(text.contains(old))
        try write(name, text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new))
    }

    /// Everything that is found in the bulletin.
    func check() throws -> (rendered: RenderedBulletin?, diagnostics: [Diagnostic]) {
        let read = BulletinFolder.read(folder)
        guard let bulletin = read.bulletin else { return (nil, read.diagnostics) }
        let (templates, faults) = Self.templates
        let renderer = Renderer(
            templates: try #require(templates, "\(faults)"),
            organisation: organisation,
            fields: fields,
            today: try #require(today)
        )
        let result = renderer.render(bulletin)
        return (result.rendered, read.diagnostics + result.diagnostics)
    }

    /// The findings, as `code file:line`.
    func findings() throws -> [String] {
        try check().diagnostics.map { finding in
            "\(finding.code) \(finding.file.dropFirst(folder.count + 1))"
                + (finding.line.map { ":\($0)" } ?? "")
        }
    }
}
