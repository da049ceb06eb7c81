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
            secret: password(base),
            mechanism: mechanism ?? .password,
            caFile: caFile(base)
        )
        let maildir = reader.text("bounces.maildir")
        let forwarding = forwarding()
        let providers = providers()
        guard let spool = path("bounces.spool"), mechanism != nil, let forwarding else { return nil }
        return BouncesConfiguration(
            maildir: maildir,
            mailbox: mailbox,
            spool: spool,
            forwarding: forwarding,
            providers: providers
        )
    }

    private func providers() -> BouncesConfiguration.Providers {
        let base = "bounces.providers"
        let unsigned = reader.list("\(base).allow_unsigned").filter { name in
            let isKnown = BouncesConfiguration.Providers.signing.contains(name)
            if !isKnown {
                let near = Suggestion.nearest(to: name, among: BouncesConfiguration.Providers.signing)
                reader.fault(
                    "\(base).allow_unsigned",
                    "holds “\(name)”, which is no provider that signs",
                    near.map { "Did you mean “\($0)”?" }
                        ?? "They are: \(BouncesConfiguration.Providers.signing.joined(separator: ", "))."
                )
            }
            return isKnown
        }
        return BouncesConfiguration.Providers(
            snsCertificates: reader.list("\(base).sns_certificates").map(absolute),
            snsTopics: reader.list("\(base).sns_topics"),
            sendGridKey: reader.text("\(base).sendgrid_key"),
            mailgunKey: secret("\(base).mailgun_key", file: "\(base).mailgun_key_file"),
            allowsUnsigned: unsigned
        )
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
