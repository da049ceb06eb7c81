// SPDX-License-Identifier: Apache-2.0
//
// The register as use cases: topics, subscribers, imports, suppressions; and as JSON carries them.
// Reads and changes the store.
import Foundation
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
    ///   - onSummary: Called after each file, also when a later one fails.
    /// - Throws: What makes going on senseless; what was imported before stays. A file that is not there is found
    ///   before the first is read.
    public func importSubscribers(
        _ files: [String],
        topic: String?,
        renamed: [String: String],
        source: String?,
        isDryRun: Bool,
        onSummary: (ImportSummary) -> Void
    ) throws(UserError) {
        let store = try openStore()
        for file in files where file != "-" && access(file, R_OK) != 0 {
            throw UserError(
                .noInput,
                "\(file): cannot be read: \(String(cString: strerror(errno))).",
                remedy: files.count > 1 ? "Nothing was imported, from the other files neither." : ""
            )
        }
        let importer = SubscriberImport(renamed: renamed)
        for file in files {
            let destination = SubscriberImport.Destination(
                topic: topic,
                source: source ?? "file \(file)",
                actor: actor,
                isDryRun: isDryRun
            )
            onSummary(try importer.run(path: file, into: store, destination))
        }
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

    /// A language as it was typed, checked.
    ///
    /// - Parameters:
    ///   - text: What was typed.
    ///   - option: Where.
    /// - Returns: The language.
    /// - Throws: `usage` when it is none.
    public static func language(_ text: String, _ option: String) throws(UserError) -> Language {
        if let language = Language(rawValue: text) { return language }
        throw UserError(
            .usage,
            "\(option) \(text) is not a language.",
            remedy: "Say a tag such as ar, en or fr."
        )
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
