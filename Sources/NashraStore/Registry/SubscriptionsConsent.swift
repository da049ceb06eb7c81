// SPDX-License-Identifier: Apache-2.0
//
// The words that people agreed to, kept for ever under a version.
// Touches the store. Written in config/consent.yaml (NashraConfig reads it).
import GRDB
public import NashraCore

extension Store {
    /// Keeps a version of the text that people agree to, so that it can be shown word for word later.
    ///
    /// The same again changes nothing; a language may be added later.
    ///
    /// - Throws: `badData` when the version is kept with other words: people agreed to those.
    public func keepConsentText(_ consent: ConsentText) throws(UserError) {
        try write { db in try ConsentQueries.keep(db, consent, now: clock.now()) }
    }

    /// The words of a version by language; `nil` when it is not kept.
    public func consentText(_ version: String) throws(UserError) -> ConsentText? {
        try read { db in
            let texts = try ConsentQueries.texts(db, version)
            return texts.isEmpty ? nil : ConsentText(version: version, texts: texts)
        }
    }
}

/// How consent texts are kept.
enum ConsentQueries {
    static func keep(_ db: Database, _ consent: ConsentText, now: Timestamp) throws {
        let known = try texts(db, consent.version)
        for (language, text) in consent.texts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            if let kept = known[language] {
                guard kept != text else { continue }
                throw UserError(
                    .badData,
                    "the consent text \(consent.version) in “\(language)” is not the one that people agreed to",
                    remedy:
                        "Give the new words a new version in config/consent.yaml, and leave the old one as it was."
                )
            }
            try db.execute(
                sql: "INSERT INTO consent_text (version, language, text, created_at_ms) VALUES (?, ?, ?, ?)",
                arguments: [consent.version, language.rawValue, text, now.rawValue]
            )
        }
    }

    static func texts(_ db: Database, _ version: String) throws -> [Language: String] {
        let rows = try Row.fetchAll(
            db,
            sql: "SELECT language, text FROM consent_text WHERE version = ?",
            arguments: [version]
        )
        return rows.reduce(into: [:]) {
            if let language = Language(rawValue: $1[0]) { $0[language] = $1[1] }
        }
    }

    static func require(_ db: Database, _ version: String) throws {
        guard try texts(db, version).isEmpty else { return }
        throw UserError(
            .unknownObject,
            "there is no consent text \(version)",
            remedy: "Write it into config/consent.yaml, or name a version that was used before."
        )
    }
}
