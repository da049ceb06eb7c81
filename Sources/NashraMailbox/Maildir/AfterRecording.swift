// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a returned message in its mailbox once it is in the store.
// Pure.

/// What becomes of a message that was recorded.
public enum AfterRecording: String, Sendable, Hashable, CaseIterable {
    /// It leaves the mailbox: what it said is in the store.
    case delete
    /// It stays. In a Maildir it is moved from `new/` to `cur/` and marked as seen, as a mail reader would do; an mbox
    /// file is not touched at all.
    case keep
}
