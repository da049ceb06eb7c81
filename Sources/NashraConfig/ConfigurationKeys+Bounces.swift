// SPDX-License-Identifier: Apache-2.0
//
// The keys about what comes back: where returned mails wait, and where people's replies go.
// Pure values; see ConfigurationKey.

extension ConfigurationKeys {
    static let bounces: [ConfigurationKey] = [
        ConfigurationKey(
            "bounces.maildir",
            .text,
            .none("bounces ingest reads no Maildir unless one is named"),
            """
            The Maildir that bounces and replies come to. DANGER: whatever bounces ingest has recorded, it deletes \
            there.
            """
        ),
        ConfigurationKey(
            "bounces.mailbox.url",
            .text,
            .none("bounces ingest asks no server unless one is named"),
            """
            The mailbox on a server that bounces and replies come to: imaps://host/INBOX or pop3s://host; imap:// \
            and pop3:// start TLS, and speak plainly to this machine only. DANGER: whatever bounces ingest has \
            recorded, it deletes there.
            """
        ),
        ConfigurationKey(
            "bounces.mailbox.user",
            .text,
            .none("the user in the url"),
            "Whose mailbox it is."
        ),
        ConfigurationKey(
            "bounces.mailbox.password",
            .secret,
            .none("no login"),
            "The password or the token; only from the environment, a credential or bounces.mailbox.password_file."
        ),
        ConfigurationKey(
            "bounces.mailbox.password_file",
            .text,
            .none("the password comes from the environment or a credential"),
            """
            A file with the password or the token in one line, mode 0600. A credential named \
            bounces.mailbox.password and the variable NASHRA_BOUNCES_MAILBOX_PASSWORD go before it.
            """
        ),
        ConfigurationKey(
            "bounces.mailbox.auth",
            .text,
            .value("password"),
            "What the secret is: password, or xoauth2 for an OAuth 2.0 access token that something else renews."
        ),
        ConfigurationKey(
            "bounces.mailbox.ca_file",
            .text,
            .none("the system's certificate authorities"),
            "A PEM file of authorities to trust instead of the system's."
        ),
        ConfigurationKey(
            "bounces.spool",
            .text,
            .value("var/spool"),
            """
            The folder in which mails wait that a pipe, LMTP or SMTP handed over, and in which those are kept that \
            nobody could read. DANGER: it must lie on a local disk.
            """
        ),
        ConfigurationKey(
            "bounces.providers.sns_certificates",
            .list,
            .none("no notification of Amazon SNS is believed"),
            """
            Files with the certificates that Amazon SNS signs with, PEM; their address stands in each notification as \
            SigningCertURL.
            """
        ),
        ConfigurationKey(
            "bounces.providers.sns_topics",
            .list,
            .none("no topic of Amazon SNS is ours"),
            "Our topics at Amazon SNS, as their ARNs: everybody's topics are signed with the same key."
        ),
        ConfigurationKey(
            "bounces.providers.sendgrid_key",
            .text,
            .none("no notification of SendGrid is believed"),
            "SendGrid's verification key, as its settings for the event webhook show it; it is no secret."
        ),
        ConfigurationKey(
            "bounces.providers.mailgun_key",
            .secret,
            .none("no notification of Mailgun is believed"),
            """
            Mailgun's HTTP webhook signing key; only from the environment, a credential or \
            bounces.providers.mailgun_key_file.
            """
        ),
        ConfigurationKey(
            "bounces.providers.mailgun_key_file",
            .text,
            .none("the key comes from the environment or a credential"),
            "A file with Mailgun's HTTP webhook signing key in one line, mode 0600."
        ),
        ConfigurationKey(
            "bounces.providers.allow_unsigned",
            .list,
            .none("what should be signed must be"),
            """
            Providers that sign (ses, sendgrid, mailgun) and whose notifications are taken without a signature. DANGER: \
            whoever can put a file there can say anything about a message whose Message-ID he has.
            """
        ),
        ConfigurationKey(
            "replies.forward_to",
            .text,
            .value("issuer"),
            """
            Where replies of people are forwarded as they are, with no envelope sender so that nothing can answer a \
            machine: issuer (the contact in bulletin.yaml), none, or an address. They are kept in any case: \
            nashra replies.
            """
        ),
    ]
}
