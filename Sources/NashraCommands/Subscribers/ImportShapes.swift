// SPDX-License-Identifier: Apache-2.0
//
// An import as JSON and CSV carry it.
// Pure values.
import NashraCore
import NashraEngine
import NashraStore

/// What one or several imports did.
struct ImportResult: Encodable {
    let schema = "nashra.import.v1"
    let isDryRun: Bool
    let files: [ImportLine]

    private enum CodingKeys: String, CodingKey {
        case schema
        case isDryRun = "dry_run"
        case files
    }

    var rows: [[String]] {
        [["file"] + (files.first?.counts.map(\.name) ?? [])]
            + files.map { [$0.file] + $0.counts.map { String($0.count) } }
    }
}

/// What the import of one file did.
struct ImportLine: Encodable {
    let file: String
    let counts: [(name: String, count: Int)]
    private let summary: ImportSummary

    init(_ summary: ImportSummary) {
        file = summary.file
        counts = summary.counts
        self.summary = summary
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: ImportKey.self)
        try container.encode(file, forKey: "file")
        try container.encode(summary.format, forKey: "format")
        try container.encode(summary.importID, forKey: "import")
        try container.encode(summary.isResumed, forKey: "resumed")
        for (name, count) in counts { try container.encode(count, forKey: ImportKey(name)) }
        try container.encode(summary.tally.fields, forKey: "fields")
        try container.encode(summary.members, forKey: "members")
        try container.encode(summary.settings, forKey: "settings")
        try container.encode(summary.encoding.map(ImportEncodingShape.init), forKey: "encoding")
        try container.encode(summary.mapping.columns.map(ImportColumnShape.init), forKey: "columns")
        try container.encode(summary.head, forKey: "sample")
        try container.encode(summary.remarks, forKey: "remarks")
        try container.encode(summary.madeTopics, forKey: "made_topics")
        try container.encode(ImportFindingsShape(summary.notes), forKey: "findings")
        let samples = summary.samples.map { ($0.key.rawValue, $0.value.samples.map(ImportSampleShape.init)) }
        try container.encode(Dictionary(samples) { first, _ in first }, forKey: "samples")
        try container.encode(summary.rejects, forKey: "rejects")
    }
}

/// Any name as a key.
struct ImportKey: CodingKey, ExpressibleByStringLiteral {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init(stringLiteral name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

private struct ImportEncodingShape: Encodable {
    let name: String
    let sureness: String
    let evidence: String
    let warning: String
    let sample: String

    init(_ encoding: ImportSummary.Encoding) {
        name = encoding.name
        sureness = encoding.sureness
        evidence = encoding.evidence
        warning = encoding.warning
        sample = encoding.sample
    }
}

private struct ImportColumnShape: Encodable {
    let number: Int
    let header: String
    let field: String?
    let rule: String

    init(_ column: ColumnMapping.Column) {
        number = column.number
        header = column.header
        field = column.field
        rule = column.rule.rawValue
    }
}

private struct ImportSampleShape: Encodable {
    let line: Int
    let text: String

    init(_ sample: ImportSamples.Sample) {
        line = sample.line
        text = sample.text
    }
}

private struct ImportFindingsShape: Encodable {
    struct Sample: Encodable {
        let line: Int
        let address: String
        let kind: String
        let suggestion: String?
    }
    struct LeftOut: Encodable {
        let count: Int
        let line: Int
        let reason: String
    }
    let cleaned: Int
    let odd: [String: Int]
    let samples: [Sample]
    let leftOut: [String: LeftOut]

    private enum CodingKeys: String, CodingKey {
        case cleaned, odd, samples
        case leftOut = "left_out"
    }

    init(_ notes: RowNotes) {
        cleaned = notes.cleaned.values.reduce(0, +)
        odd = Dictionary(notes.odd.map { ($0.key.rawValue, $0.value) }) { first, _ in first }
        samples = notes.samples.map {
            Sample(
                line: $0.line,
                address: $0.address,
                kind: $0.finding.kind.rawValue,
                suggestion: $0.finding.suggestion
            )
        }
        leftOut = notes.leftOut.mapValues {
            LeftOut(count: $0.count, line: $0.firstLine, reason: $0.reason)
        }
    }
}

/// The record of one import.
struct ImportRecordShape: Encodable {
    let id: Int64
    let file: String
    let format: String
    let topic: String?
    let isSync: Bool
    let source: String
    let actor: String
    let state: String
    let position: Int
    let counts: [String: Int]
    let settings: [String: String]
    let started: String
    let finished: String?
    let undone: String?
    let undoneBy: String?

    private enum CodingKeys: String, CodingKey {
        case id = "import"
        case file, format, topic
        case isSync = "sync"
        case source, actor, state, position, counts, settings, started, finished, undone
        case undoneBy = "undone_by"
    }

    init(_ record: ImportRecord) {
        id = record.id
        file = record.file
        format = record.format
        topic = record.topic
        isSync = record.isSync
        source = record.source
        actor = record.actor
        state = record.state.rawValue
        position = record.position
        counts = record.counts
        settings = record.settings
        started = record.startedAt.iso8601
        finished = record.finishedAt?.iso8601
        undone = record.undoneAt?.iso8601
        undoneBy = record.undoneBy
    }
}
