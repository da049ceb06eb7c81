// SPDX-License-Identifier: Apache-2.0
//
// The delivery that a returned message is about, and what the message says about its address.
// Reads the store.
import GRDB
import NashraCore

/// A delivery as far as bounces go.
struct TiedDelivery {
    let id: Int64
    let campaign: Int64
    let subscriber: Int64?
    let topic: Int64?
    let address: String
    let key: String
    let domain: String
    /// When the relay took it, or refused it.
    let at: Timestamp
    /// Whether a message about it can come back: accepted, or its fate was unknown once.
    let wasHandedOver: Bool

    /// The delivery with a row number; `nil` when there is none.
    static func find(_ statement: FastStatement, id: Int64) throws -> TiedDelivery? {
        statement.bind(1, id)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        return TiedDelivery(
            id: id,
            campaign: statement.int(0),
            subscriber: statement.optionalInt(1),
            topic: statement.optionalInt(2),
            address: statement.text(3) ?? "",
            key: statement.text(4) ?? "",
            domain: statement.text(5) ?? "",
            at: Timestamp(rawValue: statement.int(6)),
            wasHandedOver: statement.int(7) != 0
        )
    }
}

/// What a report says about one address.
struct BounceFinding {
    let kind: BounceVerdict.Kind
    let action: BounceVerdict.Action?
    let status: EnhancedStatusCode?
    let reason: RefusalReason?
    let diagnostic: String?

    /// What the verdict says about the delivery's own address.
    ///
    /// The report may name others: the person forwards mail, and the report is about where it went. Then the whole counts,
    /// but when it says different things about different addresses, not as the gravest: the message reached somebody, or
    /// still may.
    init(_ verdict: BounceVerdict, for delivery: TiedDelivery) {
        if let own = Self.own(verdict.recipients, delivery) {
            self.init(own)
        } else if verdict.kind == .hard, let milder = Self.milder(verdict.recipients) {
            self.init(milder)
        } else {
            self.init(verdict)
        }
    }

    /// The whole verdict.
    init(_ verdict: BounceVerdict) {
        kind = verdict.kind
        action = verdict.action
        status = verdict.status
        reason = verdict.reason
        diagnostic = verdict.recipients.first { $0.kind == verdict.kind && $0.diagnostic != nil }?.diagnostic
    }

    private init(_ recipient: BounceVerdict.Recipient) {
        kind = recipient.kind
        action = recipient.action
        status = recipient.status
        reason = recipient.reason
        diagnostic = recipient.diagnostic
    }

    private static func own(
        _ recipients: [BounceVerdict.Recipient],
        _ delivery: TiedDelivery
    ) -> BounceVerdict.Recipient? {
        recipients.first { $0.address == delivery.address }
            ?? recipients.first { (try? EmailAddress.parse($0.address))?.key == delivery.key }
    }

    private static func milder(_ recipients: [BounceVerdict.Recipient]) -> BounceVerdict.Recipient? {
        recipients.first { $0.kind == .soft } ?? recipients.first { $0.kind != .hard }
    }
}
