// SPDX-License-Identifier: Apache-2.0
//
// The register as use cases: topics, subscribers, imports, suppressions; and as JSON carries them.
// Reads and changes the store.
public import NashraCore
public import NashraEngine
public import NashraStore

extension Application {
    /// Imports files one after another.
    ///
    /// - Parameters:
    ///   - files: Their paths; `-` is standard input.
    ///   - topic: The topic to subscribe everybody to.
    ///   - renamed: Which column stands for which field.
    ///   - source: Where the people come from; the file's name when `nil`.
    ///   - isDryRun: Say what would happen, and leave no trace.
    /// - Returns: One summary a file.
    /// - Throws: What makes going on senseless; what was imported before stays.
    public func importSubscribers(
        _ files: [String],
        topic: String?,
        renamed: [String: String],
        source: String?,
        isDryRun: Bool
    ) throws(UserError) -> [ImportSummary] {
        let store = try openStore()
        let importer = SubscriberImport(renamed: renamed)
        var summaries: [ImportSummary] = []
        for file in files {
            let destination = SubscriberImport.Destination(
                topic: topic,
                source: source ?? "file \(file)",
                actor: actor,
                isDryRun: isDryRun
            )
            summaries.append(try importer.run(path: file, into: store, destination))
        }
        return summaries
    }

    /// Registers one person who asked for it.
    public func addSubscriber(
        _ address: String,
        name: String?,
        language: String?,
        attributes: [String: String],
        topic: String?,
        source: String
    ) throws(UserError) -> RowOutcome {
        let tag = try language.map { text throws(UserError) in
            guard let tag = Language(rawValue: text) else {
                throw UserError(.usage, "\(text) is not a language.", remedy: "Say ar, en or fr.")
            }
            return tag
        }
        let row = ImportRow(
            address: try Self.address(address),
            name: name,
            language: tag,
            attributes: attributes
        )
        return try openStore().addSubscriber(row, topic: topic, source: source, actor: actor)
    }

    /// One person, or an error that says there is none.
    public func subscriber(_ address: String) throws(UserError) -> SubscriberDetail {
        guard let found = try openStoreForReading().subscriber(try Self.address(address)) else {
            throw UserError(
                .unknownObject,
                "There is no subscriber \(address).",
                remedy: "nashra subscribers list shows them."
            )
        }
        return found
    }

    /// An address as it was typed, checked.
    public static func address(_ text: String) throws(UserError) -> EmailAddress {
        do {
            return try EmailAddress.parse(text)
        } catch {
            throw UserError(.badData, "\(text) is not an address: \(error).")
        }
    }
}
