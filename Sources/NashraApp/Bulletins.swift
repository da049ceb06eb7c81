// SPDX-License-Identifier: Apache-2.0
//
// Bulletins as use cases: list, lint, render the exact message for somebody.
// Reads files and, for merge values, the store; connects to nobody.
import Foundation
import NashraBulletins
import NashraConfig
public import NashraCore
import NashraEngine
import NashraStore
import NashraTemplates

/// A bulletin as lists show it.
public struct BulletinLine: Sendable, Encodable {
    /// Its number, or its folder's name when it cannot be read.
    public let bulletin: String
    /// Its folder.
    public let folder: String
    /// What kind it is.
    public let kind: String?
    /// Its date, YYYY-MM-DD.
    public let date: String?
    /// Its languages.
    public let languages: [String]
    /// Its topics.
    public let topics: [String]
    /// Its title in the first of its languages.
    public let title: String?
    /// How many errors reading it gave.
    public let errors: Int
}

/// Bulletins, newest number first.
public struct BulletinList: Sendable, Encodable {
    let schema = "nashra.bulletins.v1"
    /// The bulletins.
    public let bulletins: [BulletinLine]
}

/// What a lint found.
public struct LintResult: Sendable, Encodable {
    let schema = "nashra.lint.v1"
    /// The bulletins that were looked at.
    public let bulletins: [String]
    /// The findings, in the order of files and lines.
    public let findings: [Diagnostic]

    /// Whether one is an error.
    public var hasErrors: Bool { findings.contains { $0.severity == .error } }
}

extension Application {
    /// All bulletins of the workspace, newest number first; those that cannot be read too.
    public func bulletins() -> BulletinList {
        let lines = BulletinFolder.list(in: workspace.bulletins).map { folder in
            let (bulletin, diagnostics) = BulletinFolder.read(folder)
            let errors = diagnostics.count { $0.severity == .error }
            let first = configuration.languages.lazy.compactMap { bulletin?.variants[$0] }.first
            return BulletinLine(
                bulletin: bulletin?.number ?? String(folder.split(separator: "/").last ?? ""),
                folder: workspace.displayed(folder),
                kind: bulletin?.metadata.kind.rawValue,
                date: bulletin?.metadata.date.description,
                languages: bulletin?.languages.map(\.rawValue) ?? [],
                topics: bulletin?.metadata.topics ?? [],
                title: first?.source.title.text,
                errors: errors
            )
        }
        return BulletinList(bulletins: lines.sorted { $0.bulletin > $1.bulletin })
    }

    /// Reads, renders and lints bulletins; all of the workspace when none is named.
    public func lint(_ references: [String]) throws(UserError) -> LintResult {
        let folders =
            references.isEmpty
            ? BulletinFolder.list(in: workspace.bulletins)
            : try references.map { reference throws(UserError) in
                try BulletinFolder.find(reference, in: workspace.bulletins)
            }
        let attributes = try knownAttributes()
        var names: [String] = []
        var findings: [Diagnostic] = []
        for folder in folders {
            let (bulletin, diagnostics) = BulletinFolder.read(folder)
            findings += diagnostics
            names.append(bulletin?.number ?? workspace.displayed(folder))
            guard let bulletin else { continue }
            do {
                findings += try prepare(bulletin, attributes: attributes, mayUnsubscribe: true).warnings
            } catch {
                findings += error.diagnostics
            }
        }
        return LintResult(bulletins: names, findings: findings)
    }

    /// The exact message that somebody would get now, and its size.
    ///
    /// - Parameters:
    ///   - reference: The bulletin.
    ///   - address: For whom.
    ///   - values: Merge values in place of those in the register; `language` chooses the variant.
    /// - Returns: The message, byte for byte.
    /// - Throws: `unknownObject`, or `badData` with the findings.
    public func render(
        _ reference: String,
        to address: EmailAddress,
        values: [String: String]
    ) throws(UserError) -> [UInt8] {
        let (bulletin, _) = try read(bulletin: reference)
        let store = try openStore()
        let (prepared, _) = try prepare(
            bulletin,
            attributes: try store.attributeNames().union(values.keys),
            mayUnsubscribe: true
        )
        let person = try store.subscriber(address)?.subscriber
        var merged = person?.attributes ?? [:]
        merged["name"] = person?.name
        merged.merge(values) { $1 }
        let said = try values["language"].map { text throws(UserError) in
            try Self.language(text, "--set language:")
        }
        let wanted = said ?? person?.language
        guard
            let language = LanguageFallback.variant(
                for: wanted,
                available: prepared.languages,
                chain: configuration.languages
            )
        else { throw UserError(.badData, "\(bulletin.number) has none of the workspace's languages.") }
        merged["email"] = address.text
        merged["language"] = language.rawValue
        let settings = try settings(for: bulletin, isMandatory: false, expires: nil)
        let rehearser = try Rehearser(keyring: try keyring(), settings: settings, bulletin: prepared)
        return try rehearser.message(
            DueDelivery(
                id: DeliveryID(rawValue: 1),
                address: address,
                language: language,
                values: merged,
                attempts: 0,
                dueAt: clock.now()
            )
        ).bytes
    }

    /// The attributes that subscribers have, or `nil` while there are no subscribers to know them from.
    private func knownAttributes() throws(UserError) -> Set<String>? {
        // A clone that only checks texts, such as in continuous integration, has no store and needs none.
        guard access(storePath, F_OK) == 0 else { return nil }
        let store = try openStoreForReading()
        return try store.subscriberCount() == 0 ? nil : try store.attributeNames()
    }
}
