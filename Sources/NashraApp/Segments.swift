// SPDX-License-Identifier: Apache-2.0
//
// Segments as use cases: saved ones and typed ones become questions to the store.
// Reads subscribers/segments.yaml, the declared attributes and the store.
import NashraBulletins
import NashraConfig
public import NashraCore
public import NashraSegments
public import NashraStore

/// A segment that was asked for: saved under a name, or typed.
public struct AskedSegment: Sendable {
    /// The saved segment; `nil` for a typed query.
    public var saved: SavedSegment?
    /// The question.
    public var question: SegmentQuestion
}

extension Application {
    /// The names that queries of this workspace may use.
    public func segmentVocabulary(_ store: Store) throws(UserError) -> SegmentVocabulary {
        let folder = workspace.bulletins
        return SegmentVocabulary(
            schema: try attributes,
            attributes: .init(
                contains: { (try? store.hasAttribute($0)) ?? true },
                all: { ((try? store.attributeNames()) ?? []).sorted() }
            ),
            topics: .init(try store.topicNames()),
            bulletins: .init(
                contains: { number in
                    if (try? store.bulletinNumbers().contains(number)) ?? true { return true }
                    guard let found = try? BulletinFolder.find(number, in: folder) else { return false }
                    return BulletinFolder.read(found).bulletin?.number == number
                },
                all: { (try? store.bulletinNumbers()) ?? [] }
            )
        )
    }

    /// The saved segments, in the order of the file.
    ///
    /// - Throws: `configuration` with all faults of the file.
    public func savedSegments(_ store: Store) throws(UserError) -> [SavedSegment] {
        try SegmentsFile.require(workspace, vocabulary: try segmentVocabulary(store))
    }

    /// Checks the file of segments as far as the workspace is there to check it against.
    public func checkSegments() throws(UserError) {
        if let store = try? openStoreForReading() {
            _ = try savedSegments(store)
        } else {
            _ = try SegmentsFile.require(workspace, vocabulary: SegmentVocabulary(schema: try attributes))
        }
    }

    /// A saved segment, or an error that names the nearest.
    public func savedSegment(_ name: String, _ store: Store) throws(UserError) -> SavedSegment {
        let all = try savedSegments(store)
        if let found = all.first(where: { $0.name == name }) { return found }
        let near = Suggestion.nearest(to: name, among: all.map(\.name))
        throw UserError(
            .unknownObject,
            "There is no segment \(name).",
            remedy: near.map { "Did you mean \($0)?" }
                ?? (all.isEmpty
                    ? "Write it into \(SegmentsFile.path)."
                    : "There are: \(all.map(\.name).joined(separator: ", ")).")
        )
    }

    /// A segment by its name, or a query as it was typed.
    ///
    /// - Parameters:
    ///   - text: `NAME`, `segment:NAME` or a query.
    ///   - store: What it is asked of.
    /// - Returns: The segment.
    /// - Throws: `unknownObject` for a name that is not there, `badData` with the place for a query that is wrong.
    public func segment(_ text: String, _ store: Store) throws(UserError) -> AskedSegment {
        let isPrefixed = text.hasPrefix("segment:")
        let name = isPrefixed ? String(text.dropFirst("segment:".count)) : text
        if isPrefixed || SegmentsFile.isName(name) {
            let saved = try savedSegment(name, store)
            return AskedSegment(saved: saved, question: question(saved.expression))
        }
        return AskedSegment(question: try segmentQuery(text, store))
    }

    /// A query as it was typed.
    ///
    /// - Throws: `badData`, with the line and a mark at the place.
    public func segmentQuery(_ text: String, _ store: Store) throws(UserError) -> SegmentQuestion {
        let vocabulary = try segmentVocabulary(store)
        do throws(SegmentFault) {
            return question(try SegmentParser.parse(text, vocabulary: vocabulary))
        } catch {
            let place =
                error.line > 1 ? "line \(error.line), column \(error.column)" : "column \(error.column)"
            throw UserError(
                .badData,
                ["the query, \(place): \(error.message)", error.excerpt].filter { !$0.isEmpty }
                    .joined(separator: "\n"),
                remedy: error.remedy
            )
        }
    }

    private func question(_ expression: SegmentExpression) -> SegmentQuestion {
        SegmentQuestion(expression, timeZone: configuration.display.timeZone, at: clock.now())
    }
}
