// SPDX-License-Identifier: Apache-2.0
//
// What a vendor's reader makes of one JSON object, before its trust is settled.
// Pure values.
import NashraCore

/// What a vendor's reader makes of one JSON object.
enum RawEvent {
    /// An event about a message.
    struct Told {
        /// The provider's own name for it; `nil` when it has none, and its bytes name it then.
        var id: String?
        var verdict: BounceVerdict
        var isUnsubscribe = false
        var envelopeSender: String?
        var messageIDs: [String] = []
        var at: Timestamp?
    }

    /// It tells what became of a message.
    case told(Told)
    /// It is of a kind that says nothing about that.
    case ignored
    /// It is none of this provider's events; why.
    case fault(String)
}
