// SPDX-License-Identifier: Apache-2.0
//
// The keys about how long personal data is kept.
// Pure values; see ConfigurationKey.

extension ConfigurationKeys {
    static let privacy: [ConfigurationKey] = [
        ConfigurationKey(
            "privacy.retention.returned_bytes",
            .text,
            .none("kept for ever"),
            "The bytes of returned messages that could not be read or came from strangers."
        ),
        ConfigurationKey(
            "privacy.retention.returned",
            .text,
            .none("kept for ever"),
            "What returned messages say of people: sender, subject, recipients, the server's words. Counts stay."
        ),
        ConfigurationKey(
            "privacy.retention.replies",
            .text,
            .none("kept for ever"),
            "What people wrote back: the letter, its sender and its subject. That there was one stays."
        ),
        ConfigurationKey(
            "privacy.retention.attempts",
            .text,
            .none("kept for ever"),
            "Each try to hand a message over, counted from the end of its campaign."
        ),
        ConfigurationKey(
            "privacy.retention.deliveries",
            .text,
            .none("kept for ever"),
            """
            Whom a campaign went to: address, merge values and the link to the register, counted from the end of the \
            campaign. Reports stay as they are. DANGER: nobody can be told afterwards what he was sent, and a segment \
            cannot ask for it.
            """
        ),
        ConfigurationKey(
            "privacy.retention.import_changes",
            .text,
            .none("kept for ever"),
            "Which values an import changed, and what they were. DANGER: such an import cannot be undone any more."
        ),
        ConfigurationKey(
            "privacy.retention.unconfirmed",
            .text,
            .value("30d"),
            "People who were asked to confirm and never did; they are forgotten, and may be asked again."
        ),
        ConfigurationKey(
            "privacy.retention.unsubscribed",
            .text,
            .none("kept for ever"),
            """
            People who have left everything, counted from the last thing that they left. They are erased for ever; what \
            remains keeps a later file from bringing them back.
            """
        ),
    ]
}
