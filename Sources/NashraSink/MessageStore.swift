// SPDX-License-Identifier: Apache-2.0
//
// Where accepted messages go: a Maildir, a ledger, both or neither. Kept before the 250 leaves.
// Writes files; called on the event loops' threads, which is right for a test server and for nothing else.
import Foundation
import NashraCore

/// Keeps messages.
final class MessageStore: Sendable {
    private let maildir: Maildir?
    private let ledger: SinkLedger?
    private let clock: any WallClock

    init(maildir: String?, ledger: String?, clock: any WallClock = SystemClock()) throws(UserError) {
        self.maildir = try maildir.map { path throws(UserError) in try Maildir(at: path) }
        self.ledger = try ledger.map { path throws(UserError) in try SinkLedger(at: path) }
        self.clock = clock
    }

    /// Keeps one message.
    ///
    /// - Returns: Whether it is in all the places it should be in; when not, it is in none.
    func keep(_ message: ReceivedMessage) -> Bool {
        let now = clock.now()
        var file: String?
        if let maildir {
            file = maildir.keep(message, at: now)
            guard file != nil else { return false }
        }
        guard let ledger, !ledger.append(message, at: now) else { return true }
        if let file { unlink(file) }
        return false
    }
}

/// What went wrong in the last system call, in words.
func systemError() -> String { String(cString: strerror(errno)) }
