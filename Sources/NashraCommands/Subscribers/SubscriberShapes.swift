// SPDX-License-Identifier: Apache-2.0
//
// Subscribers as JSON, CSV and people see them.
// Pure values.
import NashraCore
import NashraStore

struct SubscriberLine: Encodable {
    let id: Int64
    let address: String
    let name: String?
    let language: String?
    let state: Subscriber.State
    let attributes: [String: String]
    let created: String

    init(_ person: Subscriber) {
        id = person.id.rawValue
        address = person.address
        name = person.name
        language = person.language?.rawValue
        state = person.state
        attributes = person.attributes
        created = person.createdAt.iso8601
    }
}

struct SubscriberList: Encodable {
    let schema = "nashra.subscribers.v1"
    let total: Int
    let subscribers: [SubscriberLine]

    static let header = ["number", "address", "name", "language", "state", "attributes"]

    var rows: [[String]] {
        [Self.header]
            + subscribers.map {
                [
                    String($0.id), $0.address, $0.name ?? "", $0.language ?? "", $0.state.rawValue,
                    $0.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(
                        separator: "; "
                    ),
                ]
            }
    }
}

struct SubscriberShown: Encodable {
    struct Membership: Encodable {
        let topic: String
        let source: String
        let consent: String
        let consentText: String?
        let ended: String?
        let reason: String?
        let pending: Bool
        let frequency: String
        let paused: Bool
        let pausedFrom: String?
        let pausedUntil: String?
        let importID: Int64?

        enum CodingKeys: String, CodingKey {
            case topic, source, consent
            case consentText = "consent_text"
            case ended, reason, pending, frequency, paused
            case pausedFrom = "paused_from"
            case pausedUntil = "paused_until"
            case importID = "import"
        }

        init(_ entry: Subscription, now: Timestamp) {
            topic = entry.topic
            source = entry.source
            consent = entry.consentAt.iso8601
            consentText = entry.consentText
            ended = entry.endedAt?.iso8601
            reason = entry.endedReason
            pending = entry.isPending
            frequency = entry.frequency.rawValue
            paused = entry.isPaused(at: now)
            pausedFrom = entry.pausedFrom?.iso8601
            pausedUntil = entry.pausedUntil?.iso8601
            importID = entry.importID
        }

        var text: String {
            var parts = [
                "\(topic), \(pending ? "not confirmed, asked for" : "since") \(consent) from \(source)"
            ]
            if let consentText { parts.append("agreed to text \(consentText)") }
            if frequency != Subscription.Frequency.immediate.rawValue { parts.append(frequency) }
            if let pausedFrom {
                parts.append("\(paused ? "paused" : "pause") \(pausedFrom) to \(pausedUntil ?? "resume")")
            }
            if let ended { parts.append("ended \(ended): \(reason ?? "")") }
            return parts.joined(separator: ", ")
        }
    }
    let schema = "nashra.subscriber.v1"
    let subscriber: SubscriberLine
    let subscriptions: [Membership]
    let suppression: SuppressionLine?
    let importID: Int64?
    let importFile: String?

    enum CodingKeys: String, CodingKey {
        case schema, subscriber, subscriptions, suppression
        case importID = "import"
        case importFile = "import_file"
    }

    init(_ detail: SubscriberDetail, now: Timestamp) {
        subscriber = SubscriberLine(detail.subscriber)
        subscriptions = detail.subscriptions.map { Membership($0, now: now) }
        suppression = detail.suppression.map(SuppressionLine.init)
        importID = detail.importID
        importFile = detail.importFile
    }

    /// A fact a line.
    var text: String {
        var lines = [
            "Address    \(subscriber.address)", "Name       \(subscriber.name ?? "")",
            "Language   \(subscriber.language ?? "not known")", "State      \(subscriber.state.rawValue)",
            "Since      \(subscriber.created)",
        ]
        if let importID { lines.append("Import     \(importID)\(importFile.map { " of \($0)" } ?? "")") }
        lines += subscriber.attributes.sorted { $0.key < $1.key }.map { "           \($0.key): \($0.value)" }
        lines += subscriptions.map { "Topic      \($0.text)" }
        if let suppression {
            lines.append(
                "Suppressed \(suppression.reason) by \(suppression.origin), \(suppression.created), \(suppression.scope)"
            )
        }
        return lines.joined(separator: "\n")
    }
}
