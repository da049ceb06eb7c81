// SPDX-License-Identifier: Apache-2.0
//
// Renders a Markdown text in a layout that is as small as a layout can be.
import NashraCore
import NashraTemplates
import Testing

/// One rendered text, filled.
struct Rendering {
    var html = ""
    var text = ""
    var diagnostics: [Diagnostic] = []
    var variant: RenderedVariant?

    /// Renders, and fills with `values`.
    init(
        _ body: String,
        _ language: Language = .english,
        title: String = "Title",
        values: [String: String] = ["name": "Ali"],
        layout: String = "{{title}}|{{heading}}\n{{body}}"
    ) throws {
        let made = Layout.make(TemplateSource(file: "layout", text: layout), partials: [:])
        let layout = try #require(made.layout, "\(made.diagnostics)")
        let place = SourcePlace(file: "x.md")
        let source = VariantSource(
            language: language,
            title: .init(title, at: place),
            subject: .init(title, at: place),
            preheader: .init("", at: place),
            body: .init(body, at: place)
        )
        let frame = MailFrame(organisation: "وزارة", number: "2026-001", kind: "تنبيه", date: "1 March 2026")
        let strings = LocaleStrings(
            language: language,
            strings: Dictionary(uniqueKeysWithValues: LocaleStrings.required.map { ($0, "(\($0))") })
        )
        let result = VariantRenderer(layout: layout).render(source, frame: frame, strings: strings)
        diagnostics = result.diagnostics
        variant = result.variant
        guard let variant else { return }
        let all = values.merging(["unsubscribe_url": "https://moi.example/u", "email": "a@example.org"]) {
            $1
        }
        html = String(decoding: try variant.html.filled(with: all), as: UTF8.self)
        text = String(decoding: try variant.text.filled(with: all), as: UTF8.self)
    }
}
