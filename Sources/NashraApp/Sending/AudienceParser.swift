// SPDX-License-Identifier: Apache-2.0
//
// From what was typed after --to, --language and --domain to an audience query.
// Reads the store only to name the topics that are there.
import NashraConfig
import NashraCore
import NashraSegments
import NashraStore

struct AudienceParser {
    let application: Application
    let store: Store

    /// Checks and assembles the query, and says whether nobody in it may unsubscribe.
    func query(
        _ request: SendRequest,
        defaultTopics: [String]
    ) throws(UserError) -> (query: AudienceQuery, isMandatory: Bool) {
        var query = AudienceQuery()
        let targets = request.targets.isEmpty ? defaultTopics.map { "topic:\($0)" } : request.targets
        guard !targets.isEmpty else {
            throw UserError(
                .usage,
                "It is not said whom to reach, and the bulletin names no topics.",
                remedy: "Say --to topic:NAME, or an address."
            )
        }
        for target in targets { try add(target, to: &query) }
        var topics = try checkedTopics(query.topics, areTyped: !request.targets.isEmpty)
        if !query.segments.isEmpty {
            // A segment reaches its people through those of the bulletin's own topics that this workspace has.
            let all = try store.topics()
            let own = all.filter { defaultTopics.contains($0.name) && $0.archivedAt == nil }
            topics += own
            for index in query.segments.indices { query.segments[index].topics = own.map(\.name) }
        }
        for tag in request.languages {
            query.languages.append(try Application.language(tag, "--language"))
        }
        for name in request.domains {
            do {
                query.domains.append(try DomainName.aLabels(Array(name.utf8)))
            } catch {
                throw UserError(.usage, "--domain \(name) is not a domain: \(error)")
            }
        }
        // A segment without topics of its own reaches people through any.
        let isMandatory =
            !topics.isEmpty && topics.allSatisfy { $0.visibility == .mandatory }
            && query.segments.allSatisfy { !$0.topics.isEmpty }
        return (query, isMandatory)
    }

    private func add(_ target: String, to query: inout AudienceQuery) throws(UserError) {
        if target.hasPrefix("topic:") {
            query.topics.append(String(target.dropFirst("topic:".count)))
            return
        }
        if target.hasPrefix("segment:") {
            let saved = try application.savedSegment(String(target.dropFirst("segment:".count)), store)
            query.segments.append(
                AudienceSegment(
                    name: saved.name,
                    query: saved.expression.text,
                    topics: [],
                    attributes: try application.attributes,
                    timeZone: application.configuration.display.timeZone
                )
            )
            return
        }
        guard !target.hasSuffix(".csv") else {
            throw UserError(
                .usage,
                "--to \(target): topics, segments and addresses can be reached, files cannot.",
                remedy: "For a file: nashra subscribers import FILE --topic NAME, then --to topic:NAME."
            )
        }
        do {
            query.addresses.append(try EmailAddress.parse(target))
        } catch {
            throw UserError(
                .usage,
                "--to \(target) is neither topic:NAME, segment:NAME nor an address: \(error).",
                remedy: "For example: --to topic:public"
            )
        }
    }

    private func checkedTopics(_ wanted: [String], areTyped: Bool) throws(UserError) -> [Topic] {
        guard !wanted.isEmpty else { return [] }
        let all = try store.topics()
        let known = all.map(\.name)
        for name in wanted where !known.contains(name) {
            let near = Suggestion.nearest(to: name, among: known)
            throw UserError(
                .unknownObject,
                "There is no topic \(name)\(areTyped ? "" : ", which the bulletin names as its own").",
                remedy: near.map { "Did you mean \($0)?" }
                    ?? (known.isEmpty
                        ? "Add it with: nashra topics add \(name)"
                        : areTyped
                            ? "There are: \(known.joined(separator: ", "))."
                            : "Say another with --to topic:NAME, or add it: nashra topics add \(name)")
            )
        }
        return all.filter { wanted.contains($0.name) }
    }
}
