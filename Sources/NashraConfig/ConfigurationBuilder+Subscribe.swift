// SPDX-License-Identifier: Apache-2.0
//
// How people say yes to a topic.
// Pure. Rules: docs/config.md, docs/subscriptions.md.
import NashraCore

extension ConfigurationBuilder {
    /// Where a yes is said, how long it counts, how many may be asked.
    func subscribe() -> Configuration.Subscribe? {
        let mailbox = reader.value(
            "subscribe.mailbox",
            form: "an address that holds {token} once left of the @, such as confirm+{token}@moi.example"
        ) { Self.isTokenMailbox($0, length: 53) ? $0 : nil }
        let url = reader.value(
            "subscribe.url",
            form: "an https address that holds {token} once, such as https://moi.example/confirm/{token}"
        ) { Self.isUnsubscribeURL($0) ? $0 : nil }
        let lifetime = reader.duration("subscribe.lifetime", .seconds(3_600) ... .seconds(30 * 86_400))
        let perDay = reader.integer("subscribe.per_day", 1...100)
        let perMonth = reader.integer("subscribe.per_month", 1...1_000)
        let perHour = reader.integer("subscribe.per_hour", 1...100_000)
        guard let lifetime, let perDay, let perMonth, let perHour else { return nil }
        return Configuration.Subscribe(
            mailbox: mailbox,
            url: url,
            lifetime: lifetime,
            perDay: perDay,
            perMonth: perMonth,
            perHour: perHour
        )
    }

    /// An ASCII address with a token of so many characters left of the @, where there is room for 64.
    static func isTokenMailbox(_ text: String, length: Int) -> Bool {
        let parts = text.split(separator: "{token}", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, !parts[0].contains("@") else { return false }
        let sample = try? EmailAddress.parse(parts[0] + String(repeating: "x", count: length) + parts[1])
        return sample?.needsSMTPUTF8 == false
    }
}
