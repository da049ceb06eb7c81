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
        let ended: String?
        let reason: String?
    }
    let schema = "nashra.subscriber.v1"
    let subscriber: SubscriberLine
    let subscriptions: [Membership]
    let suppression: SuppressionLine?

    init(_ detail: SubscriberDetail) {
        subscriber = SubscriberLine(detail.subscriber)
        subscriptions = detail.subscriptions.map {
            Membership(
                topic: $0.topic,
                source: $0.source,
                consent: $0.consentAt.iso8601,
                ended: $0.endedAt?.iso8601,
                reason: $0.endedReason
            )
        }
        suppression = detail.suppression.map(SuppressionLine.init)
    }

    /// A fact a line.
    var text: String {
        var lines = [
            "Address    \(subscriber.address)", "Name       \(subscriber.name ?? "")",
            "Language   \(subscriber.language ?? "not known")", "State      \(subscriber.state.rawValue)",
            "Since      \(subscriber.created)",
        ]
        lines += subscriber.attributes.sorted { $0.key < $1.key }.map { "           \($0.key): \($0.value)" }
        for entry in subscriptions {
            let end = entry.ended.map { ", ended \($0): \(entry.reason ?? "")" } ?? ""
            lines.append("Topic      \(entry.topic), since \(entry.consent) from \(entry.source)\(end)")
        }
        if let suppression {
            lines.append("Suppressed \(suppression.reason) by \(suppression.origin), \(suppression.created)")
        }
        return lines.joined(separator: "\n")
    }
}
