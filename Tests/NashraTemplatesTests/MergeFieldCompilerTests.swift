// SPDX-License-Identifier: Apache-2.0
//
// Claims about `{{field|fallback}}` as authors write it.
import NashraCore
import Testing

@testable import NashraTemplates

@Suite struct MergeFieldCompilerTests {
    private func compile(_ text: String, attributes: Set<String>? = ["city"]) -> (MergeTemplate, [Diagnostic])
    {
        var compiler = MergeFieldCompiler(fields: MergeFields(attributes: attributes))
        let compiled = compiler.compile(text, at: SourcePlace(file: "ar.md", line: 10))
        return (compiler.table.cut(compiled, as: .text), compiler.diagnostics)
    }

    private func findings(_ text: String) -> [String] {
        compile(text).1.map { "\($0.code):\($0.line ?? 0):\($0.column ?? 0)" }
    }

    @Test func `fields and fallbacks are taken without the blanks around them`() throws {
        let (template, diagnostics) = compile("السلام عليكم {{ name | قرّاءنا الكرام }}،\n{{city|}}{{email}}")
        #expect(diagnostics.isEmpty)
        let text = try template.filled(with: ["email": "a@example.org"])
        #expect(String(decoding: text, as: UTF8.self) == "السلام عليكم قرّاءنا الكرام،\na@example.org")
    }

    @Test func `an unknown field is found at its line and column, with the one that was meant`() {
        let (_, diagnostics) = compile("نص\nمرحبًا {{nmae|x}}")
        #expect(diagnostics.map(\.code) == ["NSH001"])
        #expect(diagnostics.first?.line == 11)
        #expect(diagnostics.first?.column == 8)
        #expect(diagnostics.first?.remedy == "Did you mean “name”?")
    }

    @Test func `every field but the address needs a fallback`() {
        #expect(findings("{{name}}") == ["NSH002:10:1"])
        #expect(findings("{{language}} {{city}}") == ["NSH002:10:1", "NSH002:10:14"])
        #expect(findings("{{email}}") == [])
    }

    @Test func `fields of the layout are refused in a text`() {
        #expect(findings("{{unsubscribe_url|x}}") == ["NSH001:10:1"])
        #expect(findings("{{message_id}}") == ["NSH001:10:1"])
    }

    @Test func `a field that is not closed or has no name is found`() {
        #expect(findings("a {{name|b\nc}}") == ["NSH003:10:3"])
        #expect(
            findings("{{}} {{{name|x}}} {{#a}} {{na me|x}}").map { $0.prefix(6) }
                == Array(repeating: "NSH003", count: 4)
        )
        #expect(findings("{{name|x} }") == ["NSH003:10:1"])
        #expect(findings("{{") == ["NSH003:10:1"])
    }

    @Test func `a backslash makes two braces of two braces`() throws {
        let (template, diagnostics) = compile("\\{{name}}")
        #expect(diagnostics.isEmpty && template.fields.isEmpty)
    }

    @Test func `any column may be named when the columns are not known`() {
        #expect(compile("{{المدينة|x}} {{city-code|y}}", attributes: nil).1.isEmpty)
        #expect(compile("{{المدينة|x}}").1.count == 1)
    }
}
