// SPDX-License-Identifier: Apache-2.0
//
// The keys that say how mails leave: the relay, its timeouts, retries, the storm guard.
// Pure values; see ConfigurationKey.

extension ConfigurationKeys {
    static let delivery: [ConfigurationKey] = relay + timeouts + sending

    private static let relay: [ConfigurationKey] = [
        ConfigurationKey(
            "relays.*.url",
            .text,
            .required,
            """
            Where it is: smtp://host:port, or smtps://host:port for TLS from the first byte. Without a port, 25 \
            and 465 are meant. An IPv6 address stands in brackets.
            """
        ),
        ConfigurationKey(
            "relays.*.tls",
            .text,
            .derived(
                "starttls for smtp:// (but none when the host is localhost, 127.0.0.0/8 or ::1), implicit for smtps://"
            ),
            """
            starttls: no mail leaves unless STARTTLS and the certificate are good. implicit: TLS from the first \
            byte. none: plain text. DANGER: with none, everyone on the way can read and change the mails. \
            Certificates are always verified.
            """
        ),
        ConfigurationKey(
            "relays.*.ca_file",
            .text,
            .none("the system's authorities"),
            "A PEM file with the only authorities to trust, for a relay with a private certificate authority."
        ),
        ConfigurationKey(
            "relays.*.user",
            .text,
            .none("no AUTH"),
            """
            The user name for AUTH. When it is set, no mail leaves unless the relay accepted it. The password comes \
            from one of: the environment variable NASHRA_RELAYS_<NAME>_PASSWORD; the credential \
            relays.<name>.password (systemd's LoadCredential); password_file. Never from this file.
            """
        ),
        ConfigurationKey(
            "relays.*.password",
            .secret,
            .none("no AUTH"),
            "The password for AUTH, from the environment or a credential only; in the file it is an error."
        ),
        ConfigurationKey(
            "relays.*.password_file",
            .text,
            .none("no password"),
            "A file that holds the password in its first line; its mode must be 0600 or 0400, its owner we or root."
        ),
        ConfigurationKey(
            "relays.*.auth",
            .text,
            .value("either"),
            "The mechanism for AUTH: plain, login, or either, whichever the relay offers."
        ),
        ConfigurationKey(
            "relays.*.ehlo_name",
            .text,
            .derived("this machine's name when it has a dot, else the domain of sender.address"),
            "The name with which we greet the relay: a host name, or an address in brackets."
        ),
        ConfigurationKey(
            "relays.*.connections",
            .text,
            .value("20"),
            """
            The most connections at once, 1 to 200. DANGER: after a crash at most one message per connection is \
            sent twice; and relays punish more connections than they like.
            """
        ),
        ConfigurationKey(
            "relays.*.messages_per_connection",
            .text,
            .value("1000"),
            "After how many messages a connection is made anew, 1 to 1000000."
        ),
        ConfigurationKey(
            "relays.*.rate",
            .text,
            .value("0"),
            "The most messages: 50/s, 3000/min, or a plain number per second. 0 means no limit."
        ),
    ]

    private static let timeouts: [ConfigurationKey] = [
        ConfigurationKey("relays.*.timeouts.connect", .text, .value("30s"), "Name resolution and TCP."),
        ConfigurationKey("relays.*.timeouts.greeting", .text, .value("5m"), "The greeting."),
        ConfigurationKey("relays.*.timeouts.ehlo", .text, .value("5m"), "The reply to EHLO."),
        ConfigurationKey(
            "relays.*.timeouts.starttls",
            .text,
            .value("1m"),
            "STARTTLS and the handshake after it."
        ),
        ConfigurationKey("relays.*.timeouts.auth", .text, .value("1m"), "Each reply to AUTH."),
        ConfigurationKey("relays.*.timeouts.mail", .text, .value("5m"), "The reply to MAIL."),
        ConfigurationKey("relays.*.timeouts.rcpt", .text, .value("5m"), "The reply to RCPT."),
        ConfigurationKey("relays.*.timeouts.data", .text, .value("2m"), "The reply to DATA."),
        ConfigurationKey(
            "relays.*.timeouts.body",
            .text,
            .value("3m"),
            "Until the next part of a body is taken."
        ),
        ConfigurationKey(
            "relays.*.timeouts.dot",
            .text,
            .value("10m"),
            "The reply to the final dot. DANGER: less than 10m makes duplicates when the relay is slow."
        ),
        ConfigurationKey("relays.*.timeouts.rset", .text, .value("1m"), "The reply to RSET."),
        ConfigurationKey(
            "relays.*.timeouts.quit",
            .text,
            .value("2s"),
            "The reply to QUIT; nothing depends on it."
        ),
    ]

    private static let sending: [ConfigurationKey] = [
        ConfigurationKey(
            "sending.lane",
            .text,
            .value("normal"),
            "Who goes first when a bulletin does not say: urgent, normal or digest."
        ),
        ConfigurationKey(
            "sending.ambiguous",
            .text,
            .value("resend"),
            """
            What happens to a delivery whose fate a crash or a lost connection left unknown: resend (once more, the \
            same bytes; a lost warning is worse than a double one) or hold (until campaigns resolve).
            """
        ),
        ConfigurationKey(
            "sending.retry.waits",
            .list,
            .value("5m, 15m, 30m, 1h, 2h, 4h, 6h"),
            "The waits after the first, second, … try; the last one repeats."
        ),
        ConfigurationKey(
            "sending.retry.jitter",
            .text,
            .value("20%"),
            "How far a wait may stray either way, 0% to 90%, so that retries do not come in crowds."
        ),
        ConfigurationKey(
            "sending.retry.lifetime",
            .text,
            .value("5d"),
            "How long after the campaign's start we go on trying, when the bulletin has no `expires`."
        ),
        ConfigurationKey(
            "sending.storm_guard.window",
            .text,
            .value("500"),
            "How many of the last results count, 10 to 100000."
        ),
        ConfigurationKey(
            "sending.storm_guard.permanent_percent",
            .text,
            .value("10%"),
            "It trips when more than this share of them are permanent refusals."
        ),
        ConfigurationKey(
            "sending.storm_guard.same_text_percent",
            .text,
            .value("5%"),
            "It trips when more than this share of them are refusals with one and the same reply."
        ),
        ConfigurationKey(
            "sending.storm_guard.minimum",
            .text,
            .value("20"),
            "It never trips for fewer refusals than this. DANGER: a large number switches it off."
        ),
        ConfigurationKey(
            "sending.drain_timeout",
            .text,
            .value("1m"),
            "How long, after an interrupt, replies to messages already handed over are waited for."
        ),
        ConfigurationKey(
            "sending.relay_patience",
            .text,
            .value("1m"),
            "How long the relay may stay away before a run ends, to be resumed later."
        ),
    ]
}
