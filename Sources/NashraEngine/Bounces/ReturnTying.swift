// SPDX-License-Identifier: Apache-2.0
//
// Whose delivery a returned message is about: the first thing in it that looks like ours decides, by its MAC.
// Pure. Rules: docs/decisions/0007-bounces.md; docs/threat-model.md, row 9.
import NashraBounce
import NashraCore
import NashraKeys

/// Checks what may tie a message to a delivery.
struct ReturnTying: Sendable {
    private let keyring: Keyring
    /// What stands before and after the token in the address of List-Unsubscribe, in lower case.
    private let unsubscribe: Pattern?
    /// The same for the address that a confirmation mail asks to be written to.
    private let confirmation: Pattern?

    private typealias Pattern = (before: String, after: String)

    init(keyring: Keyring, unsubscribeMailbox: String?, confirmationMailbox: String? = nil) {
        self.keyring = keyring
        unsubscribe = Self.pattern(unsubscribeMailbox)
        confirmation = Self.pattern(confirmationMailbox)
    }

    private static func pattern(_ mailbox: String?) -> Pattern? {
        let parts = mailbox?.lowercased().split(separator: "{token}", omittingEmptySubsequences: false)
        return parts.flatMap { $0.count == 2 ? (String($0[0]), String($0[1])) : nil }
    }

    /// Ties a message.
    ///
    /// Asked in this order: the envelope's recipient, the message's own recipients, envelope senders that it quotes,
    /// Message-IDs of the original, Message-IDs that it answers. The first that looks like ours decides, so that
    /// nobody can put a forged address before a name that he knows.
    ///
    /// - Returns: The tie, and whether it rests on the token of an unsubscribe address.
    func tie(
        _ found: Classification,
        envelopeRecipient: String?
    ) -> (tie: ReturnTie, isUnsubscribe: Bool) {
        let trace = found.trace
        for address in [envelopeRecipient].compactMap(\.self) + trace.recipients {
            // The two addresses may be one: then the token says what it is for.
            let yes = Self.token(in: address, confirmation)
            if let question = yes.flatMap(keyring.confirmation(fromToken:)) {
                return (.confirmation(question.confirmation), false)
            }
            if let token = Self.token(in: address, unsubscribe) {
                guard let delivery = keyring.delivery(fromUnsubscribe: token) else { return (.forged, false) }
                return (.proven(delivery, by: .unsubscribeToken), true)
            }
            if yes != nil { return (.forged, false) }
            if let tie = tie(address: address) { return (tie, false) }
        }
        for address in trace.envelopeSenders {
            if let tie = tie(address: address) { return (tie, false) }
        }
        for name in trace.messageIDs + trace.answered where looksLikeOurs(messageID: name) {
            guard let delivery = keyring.delivery(fromMessageID: name) else { return (.forged, false) }
            return (.proven(delivery, by: .messageID), false)
        }
        return (.untied, false)
    }

    /// Whether an address has the form of our envelope senders.
    func looksLikeOurs(_ address: String) -> Bool {
        Self.form(address, prefix: "b+") || Self.form(address, prefix: "p+")
    }

    private func tie(address: String) -> ReturnTie? {
        if Self.form(address, prefix: "b+") {
            return keyring.delivery(fromEnvelope: address).map { .proven($0, by: .envelope) } ?? .forged
        }
        if Self.form(address, prefix: "p+") {
            return keyring.probe(fromEnvelope: address).map { .probe(ProbeID(rawValue: $0)) } ?? .forged
        }
        return nil
    }

    private func looksLikeOurs(messageID: String) -> Bool {
        Self.form(
            messageID.utf8.first == UInt8(ascii: "<") ? messageID.dropFirst() : messageID[...],
            prefix: "m1"
        )
    }

    /// The prefix, 29 base32 characters, and an `@` or the end.
    private static func form(_ text: some StringProtocol, prefix: String) -> Bool {
        let bytes = text.utf8.prefix(32).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        guard bytes.count >= 31, bytes.starts(with: prefix.utf8) else { return false }
        return bytes[2..<31].allSatisfy { (0x61...0x7A).contains($0) || (0x32...0x37).contains($0) }
            && (bytes.count == 31 || bytes[31] == UInt8(ascii: "@") || bytes[31] == UInt8(ascii: ">"))
    }

    /// What stands where the token would, or `nil` for another address.
    private static func token(in address: String, _ pattern: Pattern?) -> String? {
        guard let pattern else { return nil }
        let address = address.lowercased()
        guard address.hasPrefix(pattern.before), address.hasSuffix(pattern.after),
            address.utf8.count > pattern.before.utf8.count + pattern.after.utf8.count
        else { return nil }
        return String(address.dropFirst(pattern.before.count).dropLast(pattern.after.count))
    }
}
