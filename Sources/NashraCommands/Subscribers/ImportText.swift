// SPDX-License-Identifier: Apache-2.0
//
// The plan of an import for people: what the file is, what it does, what deserves a look.
// Pure.
import NashraCore
import NashraEngine
import NashraStore

/// One import in words.
struct ImportText {
    private let summary: ImportSummary

    init(_ summary: ImportSummary) { self.summary = summary }

    /// The whole plan.
    var plan: String {
        (fileLines + columnLines + countLines + changeLines + findingLines + sampleLines + lastLines)
            .joined(separator: "\n")
    }

    private var fileLines: [String] {
        var settings = summary.settings.sorted { $0.key < $1.key }
            .filter { $0.key != "encoding" }.map { "\($0.key) \($0.value)" }
        if let encoding = summary.encoding {
            settings.insert("\(encoding.name) (\(encoding.sureness): \(encoding.evidence))", at: 0)
        }
        var lines = ["\(summary.file): \(([summary.format] + settings).joined(separator: ", "))"]
        if let encoding = summary.encoding {
            if !encoding.sample.isEmpty { lines.append("  reads as: \(encoding.sample)") }
            if !encoding.warning.isEmpty { lines.append("  but: \(encoding.warning)") }
        }
        lines += summary.remarks.map { "  \($0)" }
        if summary.isResumed {
            lines.append("  goes on with import \(summary.importID ?? 0), which was cut off")
        }
        if !summary.madeTopics.isEmpty {
            lines.append("  topics made: \(summary.madeTopics.joined(separator: ", "))")
        }
        return lines
    }

    private var columnLines: [String] {
        summary.mapping.columns.map { column in
            let target = column.field ?? "left out"
            let why =
                switch column.rule {
                case .map: "by --map"
                case .name: "by its name"
                case .attribute: "by config/attributes.yaml"
                case .word: "a word for it"
                case .own: "an attribute of its own"
                case .skipped: "no name, or by --map"
                }
            return "  column \(column.number) \(column.header) -> \(target) (\(why))"
        }
    }

    private var countLines: [String] {
        summary.counts.filter { name, count in
            count > 0 || ["rows", "added", "updated", "unchanged"].contains(name)
                || (name == "left" && summary.members != nil)
        }.map { name, count in
            let label = Self.labels[name] ?? name
            return "  \(label)\(String(repeating: " ", count: max(1, 14 - label.count)))\(count)"
        }
    }

    private static let labels = ["refused": "rejected", "left": "leave"]

    private var changeLines: [String] {
        guard !summary.tally.fields.isEmpty else { return [] }
        let fields = summary.tally.fields.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return ["  changed: \(fields.joined(separator: ", "))"]
    }

    private var findingLines: [String] {
        let notes = summary.notes
        var lines: [String] = []
        let cleaned = notes.cleaned.values.reduce(0, +)
        if cleaned > 0 { lines.append("  addresses cleaned of what does not belong to them: \(cleaned)") }
        for (kind, count) in notes.odd.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines.append("  look at: \(Self.words(kind)), \(count)")
            for sample in notes.samples.filter({ $0.finding.kind == kind }).prefix(3) {
                lines.append("    line \(sample.line): \(sample.address) \(sample.finding.words)")
            }
        }
        for (name, entry) in notes.leftOut.sorted(by: { $0.key < $1.key }) {
            lines.append(
                "  left out: \(name) \(entry.reason); \(entry.count) rows, first line \(entry.firstLine)"
            )
        }
        return lines
    }

    private static func words(_ kind: AddressFinding.Kind) -> String {
        switch kind {
        case .typo: "addresses that may be mistyped"
        case .lookalike: "domains that look like others"
        case .role: "addresses of offices"
        case .tag: "addresses with a tag"
        }
    }

    private var sampleLines: [String] {
        ImportSummary.Kind.allCases.compactMap { kind in
            guard let samples = summary.samples[kind]?.samples, !samples.isEmpty else { return nil }
            let words = samples.map { kind == .left ? $0.text : "line \($0.line) \($0.text)" }
            return "  \(kind == .left ? "leave" : kind.rawValue): \(words.joined(separator: ", "))"
        }
    }

    private var lastLines: [String] {
        var lines: [String] = []
        if let members = summary.members {
            let percent = members == 0 ? 0 : (1000 * Double(summary.left) / Double(members)).rounded() / 10
            lines.append("  of \(members) people in the topic, \(summary.left) leave (\(percent) %)")
        }
        if let rejects = summary.rejects { lines.append("  rows that were not taken: \(rejects)") }
        if let id = summary.importID {
            lines.append("  import \(id); take it back with: nashra imports undo \(id)")
        }
        return lines
    }
}
