// SPDX-License-Identifier: Apache-2.0
//
// Deliveries, failures and moments for the tests of the queue.
import NashraCore

@testable import NashraEngine

enum Make {
    static let start = Timestamp(rawValue: 1_795_338_000_000)

    static func settings(expiresAfter: Duration? = nil) -> CampaignSettings {
        CampaignSettings(
            fromAddress: "bulletin@moi.example",
            fromName: ["ar": "وزارة الداخلية"],
            envelopeDomain: "bounces.moi.example",
            messageIDDomain: "moi.example",
            listID: "fraud.lists.moi.example",
            listName: ["ar": "نشرات الاحتيال"],
            feedbackSender: "moiexample",
            date: start,
            expiresAt: expiresAfter.map { start + $0 }
        )
    }

    static func delivery(_ id: Int64, attempts: Int = 0) throws -> DueDelivery {
        DueDelivery(
            id: DeliveryID(rawValue: id),
            address: try EmailAddress.parse("subscriber\(id)@example.org"),
            language: .arabic,
            values: ["name": "سارة"],
            attempts: attempts,
            dueAt: start
        )
    }

    static func moment(_ seconds: Double) -> Moment {
        Moment(wall: start + .seconds(seconds), steady: .seconds(1_000) + .seconds(seconds))
    }

    static func failure(
        _ scope: DeliveryFailure.Scope,
        _ remedy: DeliveryFailure.Remedy = .retry,
        stage: SMTPStage = .rcpt,
        reply: SMTPReply? = nil
    ) -> DeliveryFailure {
        DeliveryFailure(stage: stage, scope: scope, remedy: remedy, reply: reply, detail: "as the test says")
    }

    static func queue(
        connections: Int = 4,
        rate: Double? = nil,
        storm: StormGuard.Limits? = nil,
        expiresAfter: Duration? = nil
    ) -> SendQueue {
        SendQueue(
            settings: settings(expiresAfter: expiresAfter),
            connections: connections,
            rate: rate,
            storm: storm
        )
    }
}

extension SendQueue {
    /// Opens a connection and takes the next delivery over it.
    mutating func openAndTake(at seconds: Double = 0) -> DueDelivery? {
        if case .open = next(isOpen: false, isWorn: false, now: Make.moment(seconds)) { opened() }
        return take(at: seconds)
    }

    /// Opens a connection and takes the next delivery over it, or throws when there is none.
    mutating func mustTake() throws -> DueDelivery {
        guard let delivery = openAndTake() else { throw NothingToTake() }
        return delivery
    }

    /// Takes the next delivery over an open connection.
    mutating func take(at seconds: Double = 0) -> DueDelivery? {
        guard case .send(let delivery) = next(isOpen: true, isWorn: false, now: Make.moment(seconds)) else {
            return nil
        }
        return delivery
    }

    /// Ends a try.
    mutating func end(
        _ delivery: DueDelivery,
        _ result: TransferResult,
        intended: Bool = false,
        at seconds: Double = 0
    ) -> DeliveryOutcome.Verdict? {
        finished(delivery, result, intended: intended, now: Make.moment(seconds), random: 0.5)
    }
}

struct NothingToTake: Error {}
