// SPDX-License-Identifier: Apache-2.0
//
// Deliveries that a connection broke with, again and again: when is the message to blame and not the relay?
// Pure. Rules: docs/decisions/0002-ledger.md (a connection's fault charges nobody, but nothing may go on for ever).
import NashraCore

/// How often connections broke with which delivery in hand.
///
/// A scanner in the path, or a bug in a relay, may drop the line whenever it sees a certain message. Such a fault reaches
/// no further than its connection, so nobody is charged for it and the delivery is tried again. Without a bound that
/// would go on until the campaign's end, at a connection each time.
struct Suspects: Sendable {
    /// So many faults with one delivery in hand, while others get through, make it the delivery's own.
    static let limit = 5
    /// So many suffice when nothing is left that could be tried instead.
    static let limitAmongSuspects = 3

    private struct Record: Sendable {
        var faults = 0
        /// How many others had got through before the first fault.
        let workedBefore: Int
    }

    private var records: [DeliveryID: Record] = [:]
    /// How many tries got an answer of the relay about one message.
    private var worked = 0

    /// The relay took or refused a delivery for its own sake.
    mutating func gotThrough(_ delivery: DeliveryID) {
        worked += 1
        forget(delivery)
    }

    /// A delivery ended in another way, or is somebody else's now.
    mutating func forget(_ delivery: DeliveryID) {
        if !records.isEmpty { records[delivery] = nil }
    }

    /// A connection broke with a delivery in hand.
    ///
    /// - Returns: How often that was so, from 1.
    mutating func broke(_ delivery: DeliveryID) -> Int {
        var record = records[delivery] ?? Record(workedBefore: worked)
        record.faults += 1
        records[delivery] = record
        return record.faults
    }

    /// Whether the faults are the delivery's and not the relay's.
    ///
    /// They are when others got through meanwhile; and when all that is left fails like this, although the relay works:
    /// it took others before, or this one was put off before.
    ///
    /// - Parameters:
    ///   - delivery: The one that a connection just broke with.
    ///   - others: All that could be tried instead.
    /// - Returns: Whether to put it off at its own cost.
    func blames(_ delivery: DueDelivery, others: some Sequence<DeliveryID>) -> Bool {
        guard let record = records[delivery.id] else { return false }
        if record.faults >= Self.limit, worked > record.workedBefore { return true }
        guard record.faults >= Self.limitAmongSuspects, worked > 0 || delivery.attempts > 0 else {
            return false
        }
        return others.allSatisfy { records[$0] != nil }
    }

    /// What is charged to a delivery that is to blame.
    func failure(_ delivery: DeliveryID, last: DeliveryFailure) -> DeliveryFailure {
        DeliveryFailure(
            stage: last.stage,
            scope: .recipient,
            remedy: .retry,
            detail:
                "\(records[delivery]?.faults ?? 1) connections in a row broke with this message in hand, and the"
                + " relay works for others; the last: \(last)"
        )
    }
}
