// SPDX-License-Identifier: Apache-2.0
//
// What the send queue answers: the next step of a worker, and why nothing more begins.
// Pure values; part of SendQueue.
import NashraCore

extension SendQueue {
    /// What a worker does next.
    enum Step: Hashable, Sendable {
        /// Open your connection, and tell how it went.
        case open
        /// Send this, and tell what became of it.
        case send(DueDelivery)
        /// Close your connection; nothing has been due for a while.
        case closeIdle
        /// Ask again when woken, or at this steady time.
        case wait(until: Duration?)
        /// Close your connection and end.
        case stop
    }

    /// Why nothing more is started.
    enum StopReason: Hashable, Sendable {
        /// Somebody asked (SIGINT, SIGTERM).
        case drained
        /// Nothing is due any more.
        case idle
        /// The campaign must be held; why, in words, and whether our own settings are at fault.
        case hold(String, DeliveryFailure.Scope)
        /// The campaign is not to be sent any more: another process paused or cancelled it.
        case withdrawn
        /// Another process has become the campaign's sender.
        case replaced
        /// The relay stayed away.
        case relayAway(String)
        /// The store failed; nothing may be sent that cannot be recorded.
        case storeBroken
    }
}
