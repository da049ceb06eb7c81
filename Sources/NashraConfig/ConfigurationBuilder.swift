// SPDX-License-Identifier: Apache-2.0
//
// The checked value, section by section; every fault of every section is found in one run.
// Asks the machine for its name and looks whether named files are there. Rules: docs/config.md.
import Foundation
import NashraCore
import NashraYAML

/// Makes a configuration out of what was written.
struct ConfigurationBuilder {
    let reader: ConfigurationReader
    /// The workspace's folder; relative paths begin there.
    let root: String
    /// The environment, for the folder of credentials.
    let environment: [String: String]

    /// Reads everything.
    ///
    /// - Returns: `nil` when something required is missing or wrong; what, the reader knows.
    func build() -> Configuration? {
        let organisation = Configuration.Organisation(
            name: reader.localized("organisation.name"),
            address: reader.localized("organisation.address")
        )
        let languages = languages()
        let sender = sender(organisation)
        let list = list(organisation, sender)
        let unsubscribe = unsubscribe()
        let subscribe = subscribe()
        let feedbackSender = feedbackSender()
        let relay = relay(fallbackEHLO: sender?.address.domain)
        let sending = sending()
        let bounces = bounces()
        let privacy = privacy()
        let store = store()
        let rootKeyPath = path("keys.root")
        let log = Configuration.Log(
            level: reader.word("log.level", Configuration.Log.Level.self) ?? .notice,
            file: reader.text("log.file")
        )
        let display = display()
        guard let sender, let list, let subscribe, let feedbackSender, let relay, let sending, let bounces,
            let store,
            let rootKeyPath, !languages.isEmpty
        else { return nil }
        return Configuration(
            organisation: organisation,
            languages: languages,
            sender: sender,
            list: list,
            unsubscribe: unsubscribe,
            subscribe: subscribe,
            feedbackSender: feedbackSender,
            relay: relay,
            sending: sending,
            bounces: bounces,
            privacy: privacy,
            store: store,
            rootKeyPath: rootKeyPath,
            log: log,
            display: display,
            entries: reader.entries
        )
    }

    private func languages() -> [Language] {
        let languages = languages("languages")
        if reader.list("languages").isEmpty {
            reader.fault("languages", "is an empty list", "Name at least one.")
        }
        return languages
    }

    private func languages(_ path: String) -> [Language] {
        var languages: [Language] = []
        for text in reader.list(path) {
            guard let language = Language(rawValue: text), language.rawValue == text else {
                reader.fault(
                    path,
                    "holds “\(text)”, which is no language tag",
                    "Use tags such as ar, en or fr."
                )
                continue
            }
            if languages.contains(language) {
                reader.fault(path, "holds “\(text)” twice")
            } else {
                languages.append(language)
            }
        }
        return languages
    }

    private func sender(_ organisation: Configuration.Organisation) -> Configuration.Sender? {
        let address = reader.address("sender.address")
        var name = reader.localized("sender.name")
        if name.isEmpty {
            name = organisation.name
            reader.derive("sender.name", "organisation.name")
        }
        let replyTo = reader.address("sender.reply_to")
        let envelope = derived("sender.envelope_domain", reader.domain, address?.domain)
        let messageID = derived("sender.message_id_domain", reader.domain, address?.domain)
        guard let address, let envelope, let messageID else { return nil }
        return Configuration.Sender(
            address: address,
            name: name,
            replyTo: replyTo,
            envelopeDomain: envelope,
            messageIDDomain: messageID
        )
    }

    private func list(
        _ organisation: Configuration.Organisation,
        _ sender: Configuration.Sender?
    ) -> Configuration.List? {
        let id = derived("list.id", reader.domain, sender.map { "bulletins.\($0.address.domain)" })
        var name = reader.localized("list.name")
        if name.isEmpty {
            name = organisation.name
            reader.derive("list.name", "organisation.name")
        }
        let owner = reader.address("list.owner")
        let help = reader.value("list.help", form: "an address that begins with https:// or mailto:") {
            text in
            (text.hasPrefix("https://") || text.hasPrefix("mailto:")) && Self.isURLText(text) ? text : nil
        }
        return id.map { Configuration.List(id: $0, name: name, owner: owner, help: help) }
    }

    private func unsubscribe() -> Configuration.Unsubscribe {
        let url = reader.value(
            "unsubscribe.url",
            form: "an https address that holds {token} once, such as https://moi.example/u/{token}"
        ) { Self.isUnsubscribeURL($0) ? $0 : nil }
        let mailbox = reader.value(
            "unsubscribe.mailbox",
            form: "an address that holds {token} once left of the @, such as leave+{token}@moi.example"
        ) { Self.isTokenMailbox($0, length: 50) ? $0 : nil }
        return Configuration.Unsubscribe(url: url, mailbox: mailbox)
    }

    /// An https address with a host, and the token behind it.
    static func isUnsubscribeURL(_ text: String) -> Bool {
        let parts = text.split(separator: "{token}", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts[0].hasPrefix("https://"), isURLText(parts[0] + parts[1]) else {
            return false
        }
        let afterScheme = parts[0].dropFirst("https://".count)
        let host = afterScheme.prefix { !"/?#".contains($0) }
        return !host.isEmpty && host.count < afterScheme.count
    }

    private func feedbackSender() -> String? {
        reader.value("feedback_id.sender", form: "5 to 15 ASCII letters or digits") { text in
            let fits = text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            }
            return fits && (5...15).contains(text.utf8.count) ? text : nil
        }
    }

    private func store() -> Configuration.Store? {
        guard let file = path("store.path"),
            let timeout = reader.duration("store.busy_timeout", .milliseconds(1) ... .seconds(600))
        else { return nil }
        return Configuration.Store(path: file, busyTimeout: timeout)
    }

    private func display() -> Configuration.Display {
        let locale = reader.localized("display.locale")
        for (language, tag) in locale {
            let isTag = tag.utf8.allSatisfy { byte in
                byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte)
            }
            if !isTag || Language(rawValue: tag) != language {
                reader.fault(
                    "display.locale.\(language)",
                    "is “\(tag)”, not a locale of “\(language)”",
                    "Write it as \(language)-XX, with the country's two letters."
                )
            }
        }
        var digits: [Language: Configuration.Display.Digits] = [:]
        for language in reader.localized("display.digits").keys {
            digits[language] = reader.word("display.digits.\(language)", Configuration.Display.Digits.self)
        }
        let zone = reader.value(
            "display.time_zone",
            form: "a time zone that this machine knows, such as Asia/Riyadh"
        ) {
            TimeZone(identifier: $0) == nil ? nil : $0
        }
        return Configuration.Display(
            locale: locale,
            digits: digits,
            hijri: Set(languages("display.hijri")),
            timeZone: zone ?? "UTC"
        )
    }

    /// A path of a file, from the workspace or absolute.
    func path(_ key: String) -> String? {
        reader.value(key, form: "a path of a file") { $0.hasSuffix("/") || $0.utf8.count > 4000 ? nil : $0 }
    }

    /// A value of its own, or one that follows from others.
    func derived(_ path: String, _ read: (String) -> String?, _ other: @autoclosure () -> String?) -> String?
    {
        if reader.source.raws[path] != nil { return read(path) }
        let value = other()
        reader.derive(path, value ?? "")
        return value
    }

    /// Printable ASCII without what breaks out of angle brackets in a header.
    private static func isURLText(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x21...0x7E).contains($0) && !"<>\"\\^`{|},".utf8.contains($0) }
    }
}
