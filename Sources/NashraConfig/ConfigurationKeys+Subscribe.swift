// SPDX-License-Identifier: Apache-2.0
//
// The keys about joining by an own yes: where it is said, how long it counts, how many may be asked.
// Pure values; see ConfigurationKey.

extension ConfigurationKeys {
    static let subscribe: [ConfigurationKey] = [
        ConfigurationKey(
            "subscribe.mailbox",
            .text,
            .none("the mail asks to be answered, and somebody runs nashra subscribers confirm TOKEN"),
            """
            The address that takes a yes from whoever writes to it; it holds {token} once, left of the @. Mail for it \
            must reach a mailbox that bounces ingest reads.
            """
        ),
        ConfigurationKey(
            "subscribe.url",
            .text,
            .none("the mail has no link to a page"),
            """
            The page that takes a yes, an https address that holds {token} once. It must change nothing on GET and \
            hand the token to nashra subscribers confirm on POST. DANGER: Nashra itself serves no such page yet.
            """
        ),
        ConfigurationKey(
            "subscribe.lifetime",
            .text,
            .value("7d"),
            "How long a yes is waited for, from 1h to 30d."
        ),
        ConfigurationKey(
            "subscribe.per_day",
            .text,
            .value("1"),
            """
            Confirmation mails to one person in 24 hours, at most. DANGER: strangers type addresses of others to have \
            them flooded; these three limits are what stands in the way.
            """
        ),
        ConfigurationKey(
            "subscribe.per_month",
            .text,
            .value("3"),
            "Confirmation mails to one person in 30 days, at most."
        ),
        ConfigurationKey(
            "subscribe.per_hour",
            .text,
            .value("500"),
            "Confirmation mails to all people together in an hour, at most."
        ),
    ]
}
