// SPDX-License-Identifier: Apache-2.0
//
// One thread, one connection: carries out the steps that the dispatcher hands it.
// Everything it waits for it waits for here, on a thread of its own.
import Foundation
import NashraCore
import NashraStore

/// What all workers of one send share.
struct SendWorkerContext: Sendable {
    let transport: any MessageTransport
    let dispatcher: Dispatcher
    let ledger: LedgerWriter
    let composer: Composer
    let clock: any WallClock
    let messagesPerConnection: Int
}

/// The body of one worker thread.
struct SendWorker {
    let index: Int
    let context: SendWorkerContext

    /// Starts the thread.
    static func start(_ index: Int, _ context: SendWorkerContext) {
        let thread = Thread { SendWorker(index: index, context: context).run() }
        thread.name = "send-\(index)"
        thread.stackSize = 512 * 1024
        thread.start()
    }

    private func run() {
        let connection = context.transport.makeConnection()
        context.dispatcher.setAbort(worker: index, connection.abort)
        var sent = 0
        var counted = false
        while true {
            if counted, !connection.isOpen {
                context.dispatcher.closed()
                counted = false
            }
            let isWorn = connection.isOpen && sent >= context.messagesPerConnection
            switch context.dispatcher.next(worker: index, isOpen: connection.isOpen, isWorn: isWorn) {
            case .open:
                sent = 0
                counted = open(connection)
            case .send(let delivery):
                sent += 1
                send(delivery, over: connection)
            case .closeIdle:
                connection.close()
            case .stop:
                connection.close()
                if counted { context.dispatcher.closed() }
                context.dispatcher.ended()
                return
            case .wait:
                continue
            }
        }
    }

    private func open(_ connection: any RelayConnection) -> Bool {
        do {
            try connection.open()
            context.dispatcher.opened(worker: index)
            return true
        } catch {
            context.dispatcher.openFailed(worker: index, error)
            return false
        }
    }

    private func send(_ delivery: DueDelivery, over connection: any RelayConnection) {
        let startedAt = context.clock.now()
        var intended = false
        let result = attempt(delivery, over: connection, intended: &intended)
        context.dispatcher.finished(worker: index, delivery, result, intended: intended) { verdict in
            context.ledger.record(
                DeliveryOutcome(
                    delivery: delivery.id,
                    verdict: verdict,
                    relay: context.transport.relay,
                    startedAt: startedAt,
                    finishedAt: context.clock.now()
                )
            )
        }
    }

    private func attempt(
        _ delivery: DueDelivery,
        over connection: any RelayConnection,
        intended: inout Bool
    ) -> TransferResult {
        let message: ComposedMessage
        do {
            message = try context.composer.compose(delivery)
        } catch {
            return .failed(
                DeliveryFailure(
                    stage: .body,
                    scope: .recipient,
                    remedy: .giveUp,
                    detail: "the message could not be composed: \(error)"
                )
            )
        }
        var granted = false
        let result = connection.transfer(message.envelope, message: message.bytes) {
            guard context.dispatcher.mayIntend(worker: index) else { return false }
            let answer = context.ledger.intent(delivery.id)
            granted = answer == .granted
            if !granted { context.dispatcher.intentRefused(answer) }
            return granted
        }
        intended = granted
        return result
    }
}
