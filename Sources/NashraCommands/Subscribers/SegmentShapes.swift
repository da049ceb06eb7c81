// SPDX-License-Identifier: Apache-2.0
//
// Segments as JSON, CSV and people see them.
// Pure values.
import NashraApp
import NashraCore
import NashraSegments
import NashraStore

struct SegmentLine: Encodable {
    let segment: String
    let title: [String: String]
    let description: [String: String]
    let query: String

    init(_ saved: SavedSegment) {
        segment = saved.name
        title = Self.texts(saved.title)
        description = Self.texts(saved.description)
        query = saved.expression.text
    }

    private static func texts(_ texts: [Language: String]) -> [String: String] {
        Dictionary(texts.map { ($0.key.rawValue, $0.value) }) { first, _ in first }
    }

    var titles: String { title.sorted { $0.key < $1.key }.map(\.value).joined(separator: " / ") }
}

struct SegmentList: Encodable {
    let schema = "nashra.segments.v1"
    let segments: [SegmentLine]

    static let header = ["segment", "title", "query"]
    var rows: [[String]] { [Self.header] + segments.map { [$0.segment, $0.titles, $0.query] } }
}

struct SegmentCounted: Encodable {
    let schema = "nashra.segment-count.v1"
    let segment: String?
    let query: String
    let members: Int

    var rows: [[String]] { [["segment", "query", "members"], [segment ?? "", query, String(members)]] }
}

struct SegmentShown: Encodable {
    struct Term: Encodable {
        let term: String
        let members: Int
    }

    struct Explanation: Encodable {
        let sql: String
        let parameters: [String: String]
        let plan: [String]
        let terms: [Term]
    }

    let schema = "nashra.segment.v1"
    let segment: String?
    let title: [String: String]?
    let description: [String: String]?
    let query: String
    let explanation: Explanation?
    private let names: [String]

    private enum CodingKeys: String, CodingKey {
        case schema, segment, title, description, query, explanation
    }

    init(_ asked: AskedSegment, _ explanation: SegmentExplanation?) {
        let line = asked.saved.map(SegmentLine.init)
        segment = line?.segment
        title = line?.title
        description = line?.description
        query = asked.question.expression.text
        names = explanation?.parameters.map(\.name) ?? []
        self.explanation = explanation.map { found in
            Explanation(
                sql: found.sql,
                parameters: Dictionary(found.parameters.map { ($0.name, $0.value) }) { first, _ in first },
                plan: found.plan,
                terms: found.terms.map { Term(term: $0.text, members: $0.members) }
            )
        }
    }

    /// The question, and how it is answered.
    var text: String {
        var lines: [String] = []
        if let segment { lines.append("Segment  \(segment)") }
        for (language, text) in (title ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append("Title    \(language): \(TerminalText.isolated(text))")
        }
        for (language, text) in (description ?? [:]).sorted(by: { $0.key < $1.key }) {
            lines.append("About    \(language): \(TerminalText.isolated(text))")
        }
        lines.append("Query    \(TerminalText.isolated(query))")
        guard let explanation else { return lines.joined(separator: "\n") }
        let terms = explanation.terms.map { [$0.term, Quantity.grouped($0.members)] }
        lines += ["", Table(["term", "people"], terms).text, "", explanation.sql]
        lines += names.map { "  :\($0) = \(TerminalText.isolated(explanation.parameters[$0] ?? ""))" }
        return (lines + [""] + explanation.plan).joined(separator: "\n")
    }
}
