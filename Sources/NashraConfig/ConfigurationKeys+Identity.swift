// SPDX-License-Identifier: Apache-2.0
//
// The keys that say who speaks to whom: organisation, sender, languages, list, unsubscribing.
// Pure values; see ConfigurationKey.

extension ConfigurationKeys {
    static let identity: [ConfigurationKey] = [
        ConfigurationKey(
            "organisation.name",
            .localized,
            .required,
            "The organisation's name in each language. A language without one takes the next of `languages`."
        ),
        ConfigurationKey(
            "organisation.address",
            .localized,
            .none("the footer shows no postal address"),
            "The postal address for the footer, in one line. Several countries require it in bulk mail."
        ),
        ConfigurationKey(
            "languages",
            .list,
            .value("ar, en, fr"),
            """
            The languages of this workspace, and the order in which a missing variant is replaced: a reader whose \
            language a bulletin lacks gets the first of these that it has.
            """
        ),
        ConfigurationKey(
            "sender.address",
            .text,
            .required,
            """
            The From address. DANGER: its domain needs SPF, DKIM and DMARC records that allow the relay, or the \
            mails are taken for forgeries.
            """
        ),
        ConfigurationKey(
            "sender.name",
            .localized,
            .derived("organisation.name"),
            "The name beside the From address, in each language."
        ),
        ConfigurationKey(
            "sender.reply_to",
            .text,
            .none("replies go to sender.address"),
            "Where replies go. People will answer; somebody should read it."
        ),
        ConfigurationKey(
            "sender.envelope_domain",
            .text,
            .derived("the domain of sender.address"),
            """
            The domain of the envelope sender b+TOKEN@DOMAIN, to which bounces come back. DANGER: mail for it must \
            reach a mailbox that Nashra reads, or bounces are lost.
            """
        ),
        ConfigurationKey(
            "sender.message_id_domain",
            .text,
            .derived("the domain of sender.address"),
            "What stands right of the @ in Message-ID."
        ),
        ConfigurationKey(
            "list.id",
            .text,
            .derived("bulletins. and the domain of sender.address"),
            """
            The List-Id, a name in a domain of yours; it need not exist in the DNS. DANGER: people's mail filters \
            hang on it, so do not change it later.
            """
        ),
        ConfigurationKey(
            "list.name",
            .localized,
            .derived("organisation.name"),
            "The name beside the List-Id, in each language."
        ),
        ConfigurationKey(
            "list.owner",
            .text,
            .none("no List-Owner line"),
            "The address of the people who run the list."
        ),
        ConfigurationKey(
            "list.help",
            .text,
            .none("no List-Help line"),
            "A page or an address with help about the list: https://… or mailto:…"
        ),
        ConfigurationKey(
            "unsubscribe.url",
            .text,
            .none("no button in mail programs that want RFC 8058"),
            """
            The page that unsubscribes, an https address that holds {token} once. It must change nothing on GET \
            and unsubscribe on POST.
            """
        ),
        ConfigurationKey(
            "unsubscribe.mailbox",
            .text,
            .none("no mailto line in List-Unsubscribe"),
            "The address that unsubscribes whoever writes to it; it holds {token} once, left of the @."
        ),
        ConfigurationKey(
            "feedback_id.sender",
            .text,
            .value("nashra"),
            """
            Who we are in the Feedback-ID line: 5 to 15 ASCII letters or digits. DANGER: do not change it later, \
            Gmail's statistics hang on it.
            """
        ),
    ]
}
