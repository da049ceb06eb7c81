// SPDX-License-Identifier: Apache-2.0
//
// A bulletin in all its languages: rendered, measured and linted, in one call.
// Pure: files were read before, the day comes from the caller. Rules: docs/lint.md.
public import NashraCore
public import NashraTemplates

/// Renders bulletins of one workspace.
public struct Renderer: Sendable {
    /// Layouts, words and theme.
    public var templates: TemplateFolder
    /// Whoever sends.
    public var organisation: Organisation
    /// The fields that may be merged.
    public var fields: MergeFields
    /// The day that expiry is compared with.
    public var today: CalendarDate
    /// Whether readers may unsubscribe; `false` for mandatory topics, whose mails carry no such link.
    public var mayUnsubscribe: Bool

    /// Makes a renderer.
    public init(
        templates: TemplateFolder,
        organisation: Organisation,
        fields: MergeFields = MergeFields(),
        today: CalendarDate,
        mayUnsubscribe: Bool = true
    ) {
        self.templates = templates
        self.organisation = organisation
        self.fields = fields
        self.today = today
        self.mayUnsubscribe = mayUnsubscribe
    }

    /// Renders a bulletin.
    ///
    /// - Returns: The bulletin, unless a finding is an error, and all findings in the order of files and
    ///   lines.
    public func render(_ bulletin: Bulletin) -> (rendered: RenderedBulletin?, diagnostics: [Diagnostic]) {
        let lint = BulletinLint(bulletin: bulletin, organisation: organisation, today: today)
        var diagnostics = lint.metadataFindings()
        guard let layout = templates.layouts[bulletin.metadata.layout] else {
            let known = templates.layouts.keys.sorted()
            let meant = Suggestion.nearest(to: bulletin.metadata.layout, among: known)
            diagnostics.append(
                LintRule.layout.diagnostic(
                    file: bulletin.metadataFile,
                    line: bulletin.metadata.lines["layout"],
                    "there is no layout “\(bulletin.metadata.layout)”",
                    remedy: meant.map { "Did you mean “\($0)”?" }
                        ?? "There are: \(known.joined(separator: ", "))."
                )
            )
            return (nil, diagnostics)
        }
        let renderer = VariantRenderer(layout: layout, theme: templates.theme, fields: fields)
        var rendered = RenderedBulletin(variants: [:])
        for language in bulletin.languages {
            guard let variant = bulletin.variants[language] else { continue }
            guard let strings = templates.locales[language] else {
                diagnostics.append(
                    LintRule.localeString.diagnostic(
                        file: variant.file,
                        "there are no fixed words for the language “\(language)”",
                        remedy: "Add \(templates.folder)/locales/\(language).yaml."
                    )
                )
                continue
            }
            let result = renderer.render(
                variant.source,
                frame: frame(bulletin.metadata, strings),
                strings: strings
            )
            diagnostics += result.diagnostics + lint.findings(in: variant, result)
            rendered.variants[language.rawValue] = result.variant
        }
        diagnostics.sort { ($0.file, $0.line ?? 0, $0.column ?? 0) < ($1.file, $1.line ?? 0, $1.column ?? 0) }
        return (diagnostics.contains { $0.severity == .error } ? nil : rendered, diagnostics)
    }

    private func frame(_ metadata: BulletinMetadata, _ strings: LocaleStrings) -> MailFrame {
        let language = strings.language
        let dates = DateLine(organisation: organisation, language: language)
        var frame = MailFrame(
            organisation: organisation.text(organisation.names, in: language) ?? "",
            number: metadata.number,
            kind: strings.text("kind_" + metadata.kind.rawValue),
            date: date(metadata, strings, dates)
        )
        frame.department = organisation.text(metadata.department, in: language)
        frame.address = organisation.text(organisation.addresses, in: language)
        frame.contact = metadata.contact
        // For the public, “severity: medium” is noise; for alerts and advisories it is the first question.
        if let severity = metadata.severity, metadata.kind == .alert || metadata.kind == .advisory {
            let word = strings.text("severity_" + severity.rawValue)
            frame.severity = strings.text("severity", ["severity": word])
        }
        frame.tlp = metadata.tlp.map { "TLP:" + $0.rawValue }
        frame.tlpMeaning = metadata.tlp.map { strings.text("tlp_" + Self.key($0)) }
        frame.classification = organisation.text(metadata.classification, in: language)
        frame.validUntil = metadata.expires.map {
            strings.text("valid_until", ["date": dates.gregorian($0, short: true)])
        }
        frame.replaces = metadata.supersedes.map { strings.text("replaces", ["number": $0]) }
        frame.report = metadata.report.compactMap { reportLine($0, language) }
        frame.references = metadata.references.map { reference in
            MailFrame.Reference(
                title: organisation.text(reference.title, in: language) ?? reference.url,
                url: reference.url
            )
        }
        frame.mayUnsubscribe = mayUnsubscribe
        return frame
    }

    private func date(_ metadata: BulletinMetadata, _ strings: LocaleStrings, _ dates: DateLine) -> String {
        guard organisation.hijriLanguages.contains(strings.language) else {
            return dates.gregorian(metadata.date)
        }
        let hijri = dates.hijri(metadata.date, adjustmentInDays: metadata.hijriAdjustmentInDays)
        let gregorian = dates.gregorian(metadata.date, short: true)
        return dates.weekday(metadata.date) + " "
            + strings.text("date_both", ["hijri": hijri, "gregorian": gregorian])
    }

    private func reportLine(
        _ line: BulletinMetadata.ReportLine,
        _ language: Language
    ) -> MailFrame.ReportLine? {
        let contact =
            line.phone.map(MailFrame.Contact.phone) ?? line.url.map(MailFrame.Contact.url)
            ?? line.mail.map(MailFrame.Contact.mail)
        return contact.map {
            MailFrame.ReportLine(label: organisation.text(line.label, in: language) ?? "", contact: $0)
        }
    }

    private static func key(_ mark: TrafficLight) -> String {
        switch mark {
        case .red: "red"
        case .amber: "amber"
        case .amberStrict: "amber_strict"
        case .green: "green"
        case .clear: "clear"
        }
    }
}
