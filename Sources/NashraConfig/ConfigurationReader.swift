// SPDX-License-Identifier: Apache-2.0
//
// Texts become values: each key is asked for once, its default is filled in, its origin is kept, and whatever is wrong
// is reported where it was written.
// Not Sendable: one reader makes one configuration. Forms: ScalarText.
import NashraCore
import NashraYAML

/// Reads values by key path.
final class ConfigurationReader {
    let source: ConfigurationSource
    private(set) var diagnostics: [Diagnostic]
    private var shown: [String: ConfigurationEntry] = [:]

    init(_ source: ConfigurationSource) {
        self.source = source
        diagnostics = source.diagnostics
    }

    /// What was found, by line; what has no line comes last.
    var findings: [Diagnostic] {
        diagnostics.enumerated().sorted {
            ($0.element.line ?? .max, $0.offset) < ($1.element.line ?? .max, $1.offset)
        }.map(\.element)
    }

    /// All keys that were asked for, in the order of the table.
    var entries: [ConfigurationEntry] {
        let order = ConfigurationKeys.all.map(\.path)
        func rank(_ path: String) -> Int {
            let key = ConfigurationKeys.key(for: path) ?? ConfigurationKeys.key(for: parent(path))
            return key.flatMap { order.firstIndex(of: $0.path) } ?? .max
        }
        return shown.values.map { (rank($0.key), $0) }
            .sorted { ($0.0, $0.1.key) < ($1.0, $1.1.key) }.map(\.1)
    }

    /// A value in a form of its own, or the default's value.
    func value<Value>(_ path: String, form: String, _ read: (String) -> Value?) -> Value? {
        guard let text = text(path) else { return nil }
        if let value = read(text) { return value }
        fault(path, "is “\(text)”, not \(form)")
        return nil
    }

    /// The text, or the default's.
    func text(_ path: String) -> String? {
        if let raw = source.raws[path], let text = raw.texts.first {
            show(path, text, raw.origin)
            if let why = Self.blemish(text) {
                fault(path, why)
                return nil
            }
            return text
        }
        switch ConfigurationKeys.key(for: path)?.standard {
        case .value(let text):
            show(path, text, .standard)
            return text
        case .required:
            missing(path)
            return nil
        default:
            show(path, "", .standard)
            return nil
        }
    }

    /// The items of a list, or the default's.
    func list(_ path: String) -> [String] {
        if let raw = source.raws[path] {
            show(path, "[\(raw.texts.joined(separator: ", "))]", raw.origin)
            return raw.texts
        }
        guard case .value(let text) = ConfigurationKeys.key(for: path)?.standard else {
            show(path, "", .standard)
            return []
        }
        show(path, "[\(text)]", .standard)
        return text.split(separator: ", ").map(String.init)
    }

    /// The texts by language.
    func localized(_ path: String) -> [Language: String] {
        var texts: [Language: String] = [:]
        for (rawPath, raw) in source.raws where parent(rawPath) == path {
            guard let language = Language(rawValue: String(rawPath.dropFirst(path.count + 1))) else {
                continue
            }
            if let text = text(rawPath) { texts[language] = text }
            _ = raw
        }
        if texts.isEmpty && !source.raws.keys.contains(where: { parent($0) == path }) {
            if case .required = ConfigurationKeys.key(for: path)?.standard {
                missing(path)
            } else {
                show(path, "", .standard)
            }
        }
        return texts
    }

    /// One of the words of an enumeration.
    func word<Word: RawRepresentable & CaseIterable>(_ path: String, _ type: Word.Type) -> Word?
    where Word.RawValue == String {
        guard let text = text(path) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue)
        let near = Suggestion.nearest(to: text, among: words)
        fault(
            path,
            "is “\(text)”, not one of: \(words.joined(separator: ", "))",
            near.map { "Did you mean “\($0)”?" } ?? ""
        )
        return nil
    }

    /// A whole number within a range.
    func integer(_ path: String, _ range: ClosedRange<Int>) -> Int? {
        value(path, form: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            ScalarText.integer(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A duration within a range.
    func duration(_ path: String, _ range: ClosedRange<Duration>) -> Duration? {
        let bounds = "\(ScalarText.text(range.lowerBound)) to \(ScalarText.text(range.upperBound))"
        return value(path, form: "a duration such as 250ms, 30s, 5m, 6h or 5d, from \(bounds)") { text in
            ScalarText.duration(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A share in percent within a range.
    func percent(_ path: String, _ range: ClosedRange<Double>) -> Double? {
        value(path, form: "a share from \(Int(range.lowerBound))% to \(Int(range.upperBound))%, such as 10%")
        {
            ScalarText.percent($0).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// An e-mail address whose local part is ASCII, because it goes into every message and not every relay takes others.
    func address(_ path: String) -> EmailAddress? {
        guard let text = text(path) else { return nil }
        do throws(AddressFault) {
            let address = try EmailAddress.parse(text)
            if !address.needsSMTPUTF8 { return address }
            fault(path, "has letters left of the @ that not every relay takes", "Use ASCII letters there.")
        } catch {
            fault(path, "is no e-mail address: \(error)")
        }
        return nil
    }

    /// A domain as A-labels.
    func domain(_ path: String) -> String? {
        guard let text = text(path) else { return nil }
        do throws(AddressFault) {
            return try DomainName.aLabels(text.utf8)
        } catch {
            fault(path, "is no domain: \(error)")
            return nil
        }
    }

    /// Keeps the value that followed from other keys, for `config show`.
    func derive(_ path: String, _ value: String) { show(path, value, .standard) }

    /// Keeps where a secret came from, and dots for it.
    func secret(_ path: String, _ origin: ConfigurationOrigin) {
        show(path, Secret("").description, origin)
    }

    /// Reports that a value will not do, where it was written.
    func fault(
        _ path: String,
        _ message: String,
        _ remedy: String = "",
        severity: Diagnostic.Severity = .error
    ) {
        let message = "“\(path)” \(message)"
        switch source.raws[path]?.origin {
        case .file(let file, let line):
            diagnostics.append(
                Diagnostic(
                    severity,
                    file: file,
                    line: line,
                    column: source.raws[path]?.column,
                    message,
                    remedy: remedy
                )
            )
        case .environment(let name):
            diagnostics.append(
                Diagnostic(severity, file: "environment", "\(name): \(message)", remedy: remedy)
            )
        default:
            let mark = nearestSection(path)
            diagnostics.append(
                Diagnostic(
                    severity,
                    file: source.file,
                    line: mark?.line,
                    column: mark?.column,
                    message,
                    remedy: remedy
                )
            )
        }
    }

    private func missing(_ path: String) {
        fault(path, "is missing", "Add it, or set \(ConfigurationKey.variable(path)).")
    }

    private func show(_ path: String, _ value: String, _ origin: ConfigurationOrigin) {
        shown[path] = ConfigurationEntry(key: path, value: value, origin: origin)
    }

    private func nearestSection(_ path: String) -> YAMLMark? {
        var path = path
        while !path.isEmpty {
            if let mark = source.sections[path] { return mark }
            path = parent(path)
        }
        return nil
    }

    private func parent(_ path: String) -> String {
        path.lastIndex(of: ".").map { String(path[..<$0]) } ?? ""
    }

    /// What may not stand in any of our values: controls, and marks that turn the direction of a line and never back.
    private static func blemish(_ text: String) -> String? {
        var isolates = 0
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029:
                return "holds a line break or another control character"
            case 0x202A...0x202E: return "holds a bidi embedding or override, which can disguise what it says"
            case 0x2066...0x2068: isolates += 1
            case 0x2069: isolates -= 1
            default: break
            }
        }
        return isolates == 0 ? nil : "holds bidi isolates that are not paired"
    }
}
