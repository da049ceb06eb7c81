// SPDX-License-Identifier: Apache-2.0
//
// What comes back: where it waits, who may fetch it, where replies go.
// Reads the secret's file or credential. Rules: docs/config.md.
import NashraCore

extension ConfigurationBuilder {
    /// The ways in and the way on.
    func bounces() -> BouncesConfiguration? {
        let base = "bounces.mailbox"
        let url = mailboxURL("\(base).url")
        let mechanism = reader.word("\(base).auth", BouncesConfiguration.Mailbox.Mechanism.self)
        let mailbox = BouncesConfiguration.Mailbox(
            url: url,
            user: reader.text("\(base).user"),
            secret: password(base, isWanted: url != nil),
            mechanism: mechanism ?? .password,
            caFile: caFile(base)
        )
        let maildir = reader.text("bounces.maildir")
        let forwarding = forwarding()
        guard let spool = path("bounces.spool"), mechanism != nil, let forwarding else { return nil }
        return BouncesConfiguration(maildir: maildir, mailbox: mailbox, spool: spool, forwarding: forwarding)
    }

    private func mailboxURL(_ key: String) -> String? {
        guard let text = reader.text(key) else { return nil }
        if Self.isMailboxURL(text) { return text }
        // The text is not repeated: it may hold a password.
        reader.fault(
            key,
            "is no address of a mailbox, or holds more than one may",
            "Write it as imaps://host/INBOX or pop3s://host, without a password."
        )
        return nil
    }

    private func forwarding() -> BouncesConfiguration.Forwarding? {
        switch reader.text("replies.forward_to") {
        case "issuer": .issuer
        case "none": BouncesConfiguration.Forwarding.none
        case nil: nil
        default: reader.address("replies.forward_to").map { .address($0) }
        }
    }

    /// A known scheme, and nothing before the last `@` that could be a password.
    private static func isMailboxURL(_ text: String) -> Bool {
        guard let scheme = ["imaps://", "imap://", "pop3s://", "pop3://"].first(where: text.hasPrefix) else {
            return false
        }
        let place = text.dropFirst(scheme.count).prefix { $0 != "/" }
        guard let at = place.lastIndex(of: "@") else { return !place.isEmpty }
        return !place[..<at].contains(":")
    }
}
