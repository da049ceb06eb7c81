// SPDX-License-Identifier: Apache-2.0
//
// What can be changed of one person: values, state, address.
// Touches the store. Every change has a source, an actor, a time, and leaves an event. Rules: docs/subscriptions.md.
import GRDB
public import NashraCore

/// Changes to one person's values; what is not named stays.
public struct SubscriberChanges: Sendable, Hashable {
    /// A new name; an empty one takes the name away.
    public var name: String?
    /// A new language.
    public var language: Language?
    /// Attributes to set, in their canonical form.
    public var set: [String: String]
    /// Attributes to take away.
    public var unset: [String]
    /// `active` or `unsubscribed`; the topics stay as they are.
    public var state: Subscriber.State?

    /// Makes changes.
    public init(
        name: String? = nil,
        language: Language? = nil,
        set: [String: String] = [:],
        unset: [String] = [],
        state: Subscriber.State? = nil
    ) {
        self.name = name
        self.language = language
        self.set = set
        self.unset = unset
        self.state = state
    }
}

extension Store {
    /// Changes one person's values.
    ///
    /// - Parameters:
    ///   - address: Whose.
    ///   - changes: What.
    ///   - source: Where it comes from, in words.
    ///   - actor: Who does it.
    /// - Returns: Whether anything is different now.
    /// - Throws: `unknownObject` when nobody has the address, `notPermitted` for a person who was erased and for the
    ///   states that have commands of their own.
    @discardableResult
    public func editSubscriber(
        _ address: EmailAddress,
        _ changes: SubscriberChanges,
        source: String,
        actor: String
    ) throws(UserError) -> Bool {
        try write { db in
            let person = try PersonRow.require(db, address)
            var diff = PersonDiff(person)
            if let name = changes.name { diff.set("name", name.isEmpty ? nil : name) }
            if let language = changes.language { diff.set("language", language.rawValue) }
            for (key, value) in changes.set { diff.set("attr.\(key)", value.isEmpty ? nil : value) }
            for key in changes.unset { diff.set("attr.\(key)", nil) }
            if let state = changes.state {
                guard state == .active || state == .unsubscribed else {
                    throw UserError(
                        .notPermitted,
                        "nobody can be made \(state.rawValue)",
                        remedy: "Say active or unsubscribed; `nashra subscribers erase` forgets a person."
                    )
                }
                diff.set("state", state.rawValue)
            }
            guard try diff.write(db, source: source, actor: actor, now: clock.now()) else { return false }
            try audit(
                db,
                actor: actor,
                action: "subscriber.edit",
                object: person.key,
                detail: ["source": source]
            )
            return true
        }
    }

    /// Gives a person another address; the history stays with the person.
    ///
    /// What the person, or an operator, said against the old address counts for the new one. Questions that wait for an
    /// answer end: their tokens went to the old mailbox. Messages that are frozen go to the old address still.
    ///
    /// - Parameters:
    ///   - address: The old one.
    ///   - new: The new one.
    ///   - erasureHashes: The hashes of the new address's key.
    ///   - source: Where it comes from, in words.
    ///   - actor: Who does it.
    /// - Returns: Whether it is another one.
    /// - Throws: `notPermitted` when somebody has the new address, when it is suppressed, or belongs to somebody who was
    ///   erased; `unknownObject` when nobody has the old one.
    @discardableResult
    public func changeAddress(
        _ address: EmailAddress,
        to new: EmailAddress,
        erasureHashes: [[UInt8]] = [],
        source: String,
        actor: String
    ) throws(UserError) -> Bool {
        try write { db in
            let person = try PersonRow.require(db, address)
            guard person.address != new.text else { return false }
            if person.key != new.key {
                try AddressChange.check(db, new, erasureHashes, now: clock.now())
                try AddressChange.carry(db, from: person, to: new, actor: actor, now: clock.now())
            }
            try db.execute(
                sql: """
                    UPDATE subscriber SET address = ?, address_key = ?, domain = ?, updated_at_ms = ? WHERE id = ?
                    """,
                arguments: [new.text, new.key, new.domain, clock.now().rawValue, person.id]
            )
            try SubscriberEvents.record(
                db,
                .edited,
                subscriber: person.id,
                source: source,
                actor: actor,
                detail: ["address": new.text, "address.before": person.address],
                at: clock.now()
            )
            try audit(
                db,
                actor: actor,
                action: "subscriber.readdress",
                object: new.key,
                detail: ["source": source]
            )
            return true
        }
    }
}

/// The steps of a change of address.
private enum AddressChange {
    static func check(_ db: Database, _ new: EmailAddress, _ hashes: [[UInt8]], now: Timestamp) throws {
        guard try PersonRow.find(db, key: new.key) == nil else {
            throw UserError(
                .notPermitted,
                "somebody in the register has the address \(new.text) already",
                remedy: "See both: nashra subscribers show ADDRESS; then remove one of them."
            )
        }
        if let found = try SuppressionQueries.suppression(db, key: new.key, at: now) {
            throw UserError(
                .notPermitted,
                "\(new.text) is suppressed (\(found.reason.rawValue), since \(found.createdAt.iso8601))",
                remedy: "When that is over: nashra suppressions remove \(new.text)"
            )
        }
        if try ErasedPeople.erasedAt(db, hashes) != nil {
            throw UserError(.notPermitted, "\(new.text) belongs to somebody who was erased")
        }
    }

    static func carry(
        _ db: Database,
        from person: PersonRow,
        to new: EmailAddress,
        actor: String,
        now: Timestamp
    ) throws {
        let suppressing = try Suppressing(db, actor: actor, now: now)
        let rows = try Row.fetchAll(
            db,
            sql:
                "SELECT topic_id, reason, origin, note, expires_at_ms FROM suppression WHERE address_key = ?",
            arguments: [person.key]
        )
        for row in rows {
            guard let reason = SuppressionReason(rawValue: row[1]), !reason.isInferred else { continue }
            let expires = (row[4] as Int64?).map(Timestamp.init)
            if let expires, expires <= now { continue }
            _ = try suppressing.suppress(
                SuppressionTarget(key: new.key, topic: row[0], expires: expires),
                reason,
                SuppressionCause(origin: row[2], note: row[3])
            )
        }
        try ConfirmationQueries.withdraw(db, subscriber: person.id, why: "the address changed", now)
        try db.execute(
            sql: """
                UPDATE confirmation SET expires_at_ms = max(asked_at_ms + 1, min(expires_at_ms, ?1))
                WHERE subscriber_id = ?2 AND confirmed_at_ms IS NULL
                """,
            arguments: [now.rawValue, person.id]
        )
    }
}
