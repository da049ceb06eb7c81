// SPDX-License-Identifier: Apache-2.0
//
// A layout in Mustache with its partials, read once and checked: unescaped tags, other delimiters and unknown
// names are refused before anything is rendered.
// Pure. swift-mustache's own HTML escaping is never used; every part is read under our content type.
import Mustache
public import NashraCore

/// One file of Mustache.
public struct TemplateSource: Sendable, Hashable {
    /// The file, as the user would name it.
    public var file: String
    /// Its text.
    public var text: String
    /// Takes a text.
    public init(file: String, text: String) {
        self.file = file
        self.text = text
    }
}

/// A layout that passed its checks.
public struct Layout: Sendable {
    private let template: MustacheTemplate
    private let library: MustacheLibrary
    private let file: String

    /// Reads a layout.
    ///
    /// - Parameters:
    ///   - source: The layout.
    ///   - partials: Its partials by name.
    /// - Returns: The layout, `nil` when something is wrong with it, and what that is.
    public static func make(
        _ source: TemplateSource,
        partials: [String: TemplateSource]
    ) -> (layout: Layout?, diagnostics: [Diagnostic]) {
        var diagnostics: [Diagnostic] = []
        let names = Set(partials.keys)
        let template = read(source, partials: names, into: &diagnostics)
        var templates: [String: MustacheTemplate] = [:]
        for (name, partial) in partials.sorted(by: { $0.key < $1.key }) {
            templates[name] = read(partial, partials: names, into: &diagnostics)
        }
        if let name = cycle(in: partials) {
            diagnostics.append(
                LintRule.layout.diagnostic(
                    file: partials[name]?.file ?? name,
                    "the partial “\(name)” includes itself, which never ends"
                )
            )
        }
        let bodies = ([source] + partials.values).flatMap { MustacheTags.tags(in: $0.text) }
            .count { $0.kind == .variable && $0.name == "body" }
        if bodies != 1 {
            diagnostics.append(
                LintRule.layout.diagnostic(file: source.file, "{{body}} must stand in a layout exactly once")
            )
        }
        guard let template, diagnostics.isEmpty else { return (nil, diagnostics) }
        let library = MustacheLibrary(templates: templates)
        return (Layout(template: template, library: library, file: source.file), [])
    }

    /// The layout with its names filled; every value is escaped.
    func render(_ values: [String: Any]) -> String {
        template.render(values, library: library)
    }

    private static func read(
        _ source: TemplateSource,
        partials: Set<String>,
        into diagnostics: inout [Diagnostic]
    ) -> MustacheTemplate? {
        let found = MustacheTags.tags(in: source.text).compactMap { fault(of: $0, partials: partials) }
        diagnostics += found.map { tag, message, remedy in
            LintRule.layout.diagnostic(
                file: source.file,
                line: tag.line,
                column: tag.column,
                message,
                remedy: remedy
            )
        }
        guard found.isEmpty else { return nil }
        _ = NHTMLContentType.registered
        do {
            return try MustacheTemplate(
                string: "{{% CONTENT_TYPE: \(NHTMLContentType.name)}}" + withoutIndentation(source.text)
            )
        } catch let error as MustacheTemplate.ParserError {
            diagnostics.append(
                LintRule.layout.diagnostic(
                    file: source.file,
                    line: error.context.lineNumber,
                    "the layout cannot be read: \(error.error)"
                )
            )
        } catch {
            diagnostics.append(
                LintRule.layout.diagnostic(file: source.file, "the layout cannot be read: \(error)")
            )
        }
        return nil
    }

    /// A partial that reaches itself, or `nil`.
    private static func cycle(in partials: [String: TemplateSource]) -> String? {
        let uses = partials.mapValues { source in
            MustacheTags.tags(in: source.text).filter { $0.kind == .partial }.map(\.name)
        }
        return partials.keys.sorted().first { start in
            var reached: Set<String> = []
            var next = uses[start] ?? []
            while let name = next.popLast() {
                if name == start { return true }
                if reached.insert(name).inserted { next += uses[name] ?? [] }
            }
            return false
        }
    }

    private static func fault(
        of tag: MustacheTags.Tag,
        partials: Set<String>
    ) -> (tag: MustacheTags.Tag, message: String, remedy: String)? {
        switch tag.kind {
        case .comment, .end: return nil
        case .unescaped:
            return (
                tag, "unescaped tags are not allowed",
                "Write {{\(tag.name)}}; the body comes escaped already."
            )
        case .other:
            return (tag, "this kind of tag is not allowed in layouts", "Use {{name}}, sections and partials.")
        case .partial:
            guard !partials.contains(tag.name) else { return nil }
            return (tag, "there is no partial “\(tag.name)”", meant(tag.name, among: partials))
        case .variable, .section:
            if tag.name.hasPrefix("t.") {
                let key = String(tag.name.dropFirst(2))
                guard !LocaleStrings.required.contains(key) else { return nil }
                return (tag, "no locale has the words “\(key)”", meant(key, among: LocaleStrings.required))
            }
            if tag.name.hasPrefix("theme.") {
                let key = String(tag.name.dropFirst(6))
                guard Theme.defaults[key] == nil else { return nil }
                return (tag, "the theme has no token “\(key)”", meant(key, among: Set(Theme.defaults.keys)))
            }
            guard !LayoutValues.names.contains(tag.name) else { return nil }
            return (tag, "layouts know no “\(tag.name)”", meant(tag.name, among: LayoutValues.names))
        }
    }

    private static func meant(_ word: String, among known: Set<String>) -> String {
        Suggestion.nearest(to: word, among: known.sorted()).map { "Did you mean “\($0)”?" }
            ?? "Known: \(known.sorted().joined(separator: ", "))."
    }

    /// Indentation is for the layout's authors; in twenty thousand mails it is only weight.
    private static func withoutIndentation(_ text: String) -> String {
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        return lines.map {
            String(decoding: $0.drop { $0 == 0x20 || $0 == 0x09 }.filter { $0 != 0x0D }, as: UTF8.self)
        }
        .joined(separator: "\n")
    }
}
