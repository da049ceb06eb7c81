// SPDX-License-Identifier: Apache-2.0
//
// The keys about this machine: store, keys, log, and how things are shown.
// Pure values; see ConfigurationKey.

extension ConfigurationKeys {
    static let machine: [ConfigurationKey] = [
        ConfigurationKey(
            "store.path",
            .text,
            .value("var/nashra.db"),
            """
            The database file, from the workspace's folder. DANGER: it must lie on a local disk; network file \
            systems lose its locks and its syncs.
            """
        ),
        ConfigurationKey(
            "store.busy_timeout",
            .text,
            .value("10s"),
            "How long to wait for another process that is writing, such as an import."
        ),
        ConfigurationKey(
            "keys.root",
            .text,
            .value("var/keys/root.key"),
            """
            The root key's file, made by nashra init with mode 0600. DANGER: with another key the links and bounce \
            addresses of mails already sent stop working; who has it can forge them. Back it up apart from the store.
            """
        ),
        ConfigurationKey(
            "log.level",
            .text,
            .value("notice"),
            "How much: trace, debug, info, notice, warning, error or critical."
        ),
        ConfigurationKey(
            "log.file",
            .text,
            .none("the standard error stream"),
            "A file that lines are added to."
        ),
        ConfigurationKey(
            "display.locale",
            .localized,
            .derived("the language itself"),
            "The locale of each language, such as ar-SA or en-GB, for the names of months and the order of dates."
        ),
        ConfigurationKey(
            "display.digits",
            .localized,
            .derived("auto"),
            """
            The digits of each language: auto (as the locale has it), arab (٠١٢٣) or latn (0123). Numbers in links \
            and codes are always 0123.
            """
        ),
        ConfigurationKey(
            "display.hijri",
            .list,
            .value("ar"),
            "The languages whose date line also has the Hijri date (Umm al-Qura); [] for none."
        ),
        ConfigurationKey(
            "display.time_zone",
            .text,
            .value("UTC"),
            "The time zone of dates, such as Asia/Riyadh."
        ),
    ]
}
