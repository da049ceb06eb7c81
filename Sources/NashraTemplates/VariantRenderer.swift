// SPDX-License-Identifier: Apache-2.0
//
// One language of a bulletin, from Markdown to merge templates: the first of the two stages of rendering.
// Pure; one call per bulletin and language. Rules: docs/decisions/0003-two-stage-rendering.md.
public import NashraCore

/// What the author of a variant wrote.
public struct VariantSource: Sendable, Hashable {
    /// A text with its place.
    public struct Text: Sendable, Hashable {
        /// The text.
        public var text: String
        /// Where it begins.
        public var place: SourcePlace
        /// Takes a text.
        public init(_ text: String, at place: SourcePlace) {
            self.text = text
            self.place = place
        }
    }

    /// Its language.
    public var language: Language
    /// The title: the mail's one h1.
    public var title: Text
    /// The subject.
    public var subject: Text
    /// What mail programs show behind the subject; may be empty.
    public var preheader: Text
    /// The text, in Markdown.
    public var body: Text

    /// Takes a variant.
    public init(language: Language, title: Text, subject: Text, preheader: Text, body: Text) {
        self.language = language
        self.title = title
        self.subject = subject
        self.preheader = preheader
        self.body = body
    }
}

/// Renders variants in one layout.
public struct VariantRenderer: Sendable {
    /// The layout.
    public var layout: Layout
    /// Its colours and typefaces.
    public var theme: Theme
    /// The fields that may be merged.
    public var fields: MergeFields

    /// Makes a renderer.
    public init(layout: Layout, theme: Theme = .standard, fields: MergeFields = MergeFields()) {
        self.layout = layout
        self.theme = theme
        self.fields = fields
    }

    /// A rendered variant and what was found on the way.
    public struct Result: Sendable {
        /// The variant; `nil` when a finding is an error.
        public var variant: RenderedVariant?
        /// The findings.
        public var diagnostics: [Diagnostic]
        /// The links and images of the text, for lint.
        public var links: [LinkUse]
    }

    /// Renders a variant.
    ///
    /// - Parameters:
    ///   - source: What was written.
    ///   - frame: What stands around it, in the same language.
    ///   - strings: The fixed words of that language.
    /// - Returns: The variant, unless a finding is an error, and the findings.
    public func render(_ source: VariantSource, frame: MailFrame, strings: LocaleStrings) -> Result {
        var compiler = MergeFieldCompiler(fields: fields)
        let title = compiler.compile(source.title.text, at: source.title.place)
        let subject = compiler.compile(source.subject.text, at: source.subject.place)
        let preheader = compiler.compile(source.preheader.text, at: source.preheader.place)
        let body = compiler.compile(source.body.text, at: source.body.place)
        let names = MergeFields.system.union(["email"]).sorted()
        let tokens = Dictionary(uniqueKeysWithValues: names.map { ($0, compiler.systemToken($0)) })
        var document = MarkdownParser.parse(body)
        let firstLine = source.body.place.line
        for index in document.links.indices { document.links[index].line += firstLine - 1 }
        let diagnostics =
            compiler.diagnostics
            + document.faults.map { fault in
                Self.diagnostic(fault, file: source.body.place.file, firstLine: firstLine)
            }
        var result = Result(variant: nil, diagnostics: diagnostics, links: document.links)
        guard !diagnostics.contains(where: { $0.severity == .error }) else { return result }

        let direction = source.language.direction
        let page = html(title, preheader, document.blocks, direction, tokens, frame: frame, strings: strings)
        var plain = PlainText(direction: direction)
        let textLayout = TextLayout(
            frame: frame,
            strings: strings,
            direction: direction,
            unsubscribe: tokens["unsubscribe_url"] ?? ""
        )
        let text = textLayout.text(title: title, body: plain.text(document.blocks))
        result.variant = RenderedVariant(
            language: source.language,
            subject: compiler.table.cut(Self.oneLine(subject), as: .header),
            text: compiler.table.cut(text, as: .text),
            html: compiler.table.cut(page, as: .html)
        )
        return result
    }

    private func html(
        _ title: String,
        _ preheader: String,
        _ blocks: [Block],
        _ direction: Language.Direction,
        _ tokens: [String: String],
        frame: MailFrame,
        strings: LocaleStrings
    ) -> String {
        // Markup of ours goes through Mustache as one private-use character, so that nothing needs an
        // unescaped tag.
        let fragments = [
            HTMLText.marked(title, in: direction),
            MailHTML.render(blocks, direction: direction, theme: theme),
        ]
        let values = LayoutValues(frame: frame, strings: strings, theme: theme, direction: direction).values(
            parts: [
                "title": title, "preheader": preheader, "heading": "\u{E003}0\u{E001}",
                "body": "\u{E003}1\u{E001}",
            ],
            tokens: tokens
        )
        return Self.filled(layout.render(values), with: fragments)
    }

    /// Puts our own markup in the place of its tokens.
    private static func filled(_ page: String, with fragments: [String]) -> String {
        var output = String.UnicodeScalarView()
        var rest = page.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            guard scalar == "\u{E003}" else {
                output.append(scalar)
                continue
            }
            let digits = String(String.UnicodeScalarView(rest.prefix { $0 != "\u{E001}" }))
            rest = rest.dropFirst(digits.unicodeScalars.count + 1)
            guard let number = Int(digits), fragments.indices.contains(number) else { continue }
            output.append(contentsOf: fragments[number].unicodeScalars)
        }
        return String(output)
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    private static func diagnostic(_ fault: MarkdownFault, file: String, firstLine: Int) -> Diagnostic {
        let line = fault.line + firstLine - 1
        switch fault.kind {
        case .rawHTML:
            return LintRule.rawHTML.diagnostic(
                file: file,
                line: line,
                "HTML is not carried into mails",
                remedy: "Write it in Markdown; for a literal “<” write “\\<”."
            )
        case .tooDeep:
            return LintRule.markdownLimit.diagnostic(
                file: file,
                line: line,
                "quotes and lists are nested deeper than \(MarkdownParser.depthLimit) levels"
            )
        case .tooLarge:
            return LintRule.markdownLimit.diagnostic(
                file: file,
                "the text is longer than \(MarkdownParser.limitInBytes / 1024) KB"
            )
        }
    }
}
