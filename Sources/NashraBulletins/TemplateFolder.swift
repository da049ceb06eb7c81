// SPDX-License-Identifier: Apache-2.0
//
// The workspace's templates: layouts, partials, the words of each locale, the theme.
// Reads files only; what is wrong with them is found here, before a bulletin is rendered.
import Foundation
public import NashraCore
public import NashraTemplates
import NashraYAML

/// What templates/ holds.
public struct TemplateFolder: Sendable {
    /// The folder, as the user would name it.
    public var folder: String
    /// Layouts that passed their checks, by name.
    public var layouts: [String: Layout]
    /// The fixed words by language.
    public var locales: [Language: LocaleStrings]
    /// Colours and typefaces.
    public var theme: Theme

    /// Reads the folder.
    ///
    /// - Parameter folder: A path such as `templates`.
    /// - Returns: The templates, unless a finding is an error, and the findings.
    public static func read(_ folder: String) -> (templates: TemplateFolder?, diagnostics: [Diagnostic]) {
        var diagnostics: [Diagnostic] = []
        let partials = sources(in: folder + "/partials", into: &diagnostics)
        var layouts: [String: Layout] = [:]
        for (name, source) in sources(in: folder + "/layouts", into: &diagnostics).sorted(by: {
            $0.key < $1.key
        }) {
            let made = Layout.make(source, partials: partials)
            layouts[name] = made.layout
            diagnostics += made.diagnostics
        }
        var locales: [Language: LocaleStrings] = [:]
        for (name, file) in files(in: folder + "/locales", suffix: ".yaml") {
            guard let language = Language(rawValue: name), language.rawValue == name else { continue }
            let strings = texts(in: file, rule: .localeString, into: &diagnostics)
            diagnostics += check(strings, file: file)
            locales[language] = LocaleStrings(language: language, strings: strings.mapValues(\.text))
        }
        let theme = theme(in: folder + "/theme.yaml", into: &diagnostics)
        if layouts.isEmpty, diagnostics.isEmpty {
            diagnostics.append(
                LintRule.layout.diagnostic(
                    file: folder + "/layouts",
                    "there is no layout here",
                    remedy: "Copy templates/ from a new workspace made by “nashra init”."
                )
            )
        }
        // The same partial belongs to every layout; its findings are told once.
        var seen: Set<Diagnostic> = []
        diagnostics = diagnostics.filter { seen.insert($0).inserted }
        guard !diagnostics.contains(where: { $0.severity == .error }) else { return (nil, diagnostics) }
        return (TemplateFolder(folder: folder, layouts: layouts, locales: locales, theme: theme), diagnostics)
    }

    private typealias Text = (text: String, line: Int)

    private static func files(in folder: String, suffix: String) -> [(name: String, file: String)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(suffix) && !$0.hasPrefix(".") }.sorted()
            .map { (String($0.dropLast(suffix.count)), folder + "/" + $0) }
    }

    private static func sources(in folder: String, into diagnostics: inout [Diagnostic]) -> [String:
        TemplateSource]
    {
        var sources: [String: TemplateSource] = [:]
        for (name, file) in files(in: folder, suffix: ".mustache") {
            guard let bytes = contents(of: file, into: &diagnostics) else { continue }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                diagnostics.append(
                    LintRule.unreadableFile.diagnostic(file: file, "the file is not UTF-8 text")
                )
                continue
            }
            sources[name] = TemplateSource(file: file, text: text)
        }
        return sources
    }

    private static func texts(
        in file: String,
        rule: LintRule,
        into diagnostics: inout [Diagnostic]
    ) -> [String: Text] {
        guard let bytes = contents(of: file, into: &diagnostics) else { return [:] }
        var texts: [String: Text] = [:]
        do throws(YAMLFault) {
            let node = try YAMLDocument.parse(bytes, file: file)
            for entry in node.entries ?? [] {
                guard let text = entry.value.text else {
                    diagnostics.append(
                        rule.diagnostic(file: file, line: entry.keyMark.line, "“\(entry.key)” must be a text")
                    )
                    continue
                }
                texts[entry.key] = (text, entry.keyMark.line)
            }
            diagnostics += TextScreen.findings(in: node, file: file)
        } catch {
            diagnostics.append(error.diagnostic)
        }
        return texts
    }

    private static func check(_ strings: [String: Text], file: String) -> [Diagnostic] {
        let missing = LocaleStrings.required.subtracting(strings.keys).sorted().map { key in
            LintRule.localeString.diagnostic(file: file, "the words “\(key)” are missing")
        }
        let unknown = strings.filter { !LocaleStrings.required.contains($0.key) }.sorted { $0.key < $1.key }
        return missing
            + unknown.map { key, value in
                let meant = Suggestion.nearest(to: key, among: LocaleStrings.required.sorted())
                return LintRule.localeString.diagnostic(
                    file: file,
                    line: value.line,
                    "“\(key)” is not a key we know",
                    remedy: meant.map { "Did you mean “\($0)”?" } ?? ""
                )
            }
    }

    private static func theme(in file: String, into diagnostics: inout [Diagnostic]) -> Theme {
        guard FileManager.default.fileExists(atPath: file) else { return .standard }
        let texts = texts(in: file, rule: .theme, into: &diagnostics)
        let made = Theme.make(from: texts.mapValues(\.text))
        diagnostics += made.faults.map { name, message in
            LintRule.theme.diagnostic(file: file, line: texts[name]?.line, message)
        }
        return made.theme
    }

    private static func contents(of file: String, into diagnostics: inout [Diagnostic]) -> [UInt8]? {
        do throws(Diagnostic.Wrapped) {
            return try TextFile.read(file, limitInBytes: BulletinFolder.limitInBytes)
        } catch {
            diagnostics.append(error.diagnostic)
            return nil
        }
    }
}
