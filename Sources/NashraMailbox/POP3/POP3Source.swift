// SPDX-License-Identifier: Apache-2.0
//
// Returned mail in a POP3 mailbox. Blocks; used by one thread. Messages are named by UIDL and deleted at
// QUIT. Rules: RFC 1939; docs/returned-mail.md.
public import NashraCore

/// A mailbox on a POP3 server.
///
/// Deleting takes effect when the session ends: that is when ``next(limit:)`` finds no more, and at
/// ``close()``. Until then a crash or a lost connection brings acknowledged messages back, and they are
/// deleted again.
public final class POP3Source: BounceSource {
    private let access: MailboxAccess
    private var session: POP3Session?
    /// Listed in this session and not yet handed out.
    private var pending: ArraySlice<(name: String, number: UInt32)> = []
    /// Names that were handed out or passed over, as long as the server lists them.
    private var done: Set<String> = []
    /// Acknowledged, and the server has not yet confirmed that they are deleted.
    private var owed: Set<String> = []
    /// Could not be fetched once; they get a second chance in another session.
    private var failedOnce: Set<String> = []
    private var postponed: UserError?
    private var findings: [Diagnostic] = []

    /// Reads the mailbox of `access`; connects at the first call of ``next(limit:)``.
    ///
    /// - Throws: ``NashraCore/UserError`` with status `configuration` when `access` is not POP3.
    public init(_ access: MailboxAccess) throws(UserError) {
        guard !access.url.scheme.isIMAP else {
            throw UserError(.configuration, "\(access.url) is no POP3 mailbox.", remedy: "Write pop3s://….")
        }
        self.access = access
    }

    /// The address, without a password.
    public var name: String { "\(access.url)" }

    /// Fetches messages, at most `limit` of them and about 32 MiB in one call.
    ///
    /// When there is none, the session has ended and what was acknowledged is deleted.
    public func next(limit: Int) throws(UserError) -> [ReturnedMail] {
        if let error = postponed {
            postponed = nil
            throw error
        }
        var batch = Batch()
        do throws(POP3Failure) {
            repeat {
                while batch.count < limit, batch.size < 32 << 20 {
                    let session = try connected()
                    guard let message = pending.first else { break }
                    try fetch(message, session, &batch)
                }
            } while try !prove(&batch)
            if batch.mails.isEmpty { try finish() }
        } catch {
            session = nil
            doubt(&batch)
            guard !batch.mails.isEmpty else { throw error.userError }
            postponed = error.userError
        }
        return batch.mails
    }

    /// Marks messages; they are deleted when the session ends.
    public func acknowledge(_ ids: [String]) throws(UserError) {
        owed.formUnion(ids)
        for isLast in [false, true] {
            do throws(POP3Failure) {
                let before = session
                let now = try connected()
                // A new session marks all that is owed by itself.
                if now === before { try mark(ids, now) }
                return
            } catch {
                session = nil
                if case .lost = error, !isLast { continue }
                throw error.userError
            }
        }
    }

    /// Leaves messages where they are, since POP3 has no folders; they are not handed out again, and are
    /// findings.
    public func setAside(_ ids: [String]) throws(UserError) {
        for id in ids {
            findings.append(
                Diagnostic(
                    .warning,
                    file: name,
                    "message \(id) could not be read and stays in the mailbox, for POP3 has no folders",
                    remedy: "Look at it with a mail program, and delete it there."
                )
            )
        }
    }

    /// Ends the session and deletes what was acknowledged, if the server is still there.
    public func close() {
        try? finish()
        session = nil
    }

    /// Messages that could not be fetched, and such as were set aside.
    public func takeFindings() -> [Diagnostic] {
        defer { findings = [] }
        return findings
    }
}

extension POP3Source {
    private func connected() throws(POP3Failure) -> POP3Session {
        if let session { return session }
        let made = try POP3Session.open(access)
        session = made
        let listed = Set(made.messages.map(\.name))
        done.formIntersection(listed)
        owed.formIntersection(listed)
        try mark(owed, made)
        var seen = done.union(owed)
        pending = made.messages.filter { seen.insert($0.name).inserted }[...]
        return made
    }

    private func mark(_ names: some Sequence<String>, _ session: POP3Session) throws(POP3Failure) {
        for name in names where try !session.markDeleted(name) { owed.remove(name) }
    }

    private func finish() throws(POP3Failure) {
        guard let session else { return }
        defer { self.session = nil }
        try session.quit()
        done.subtract(owed)
        owed = []
    }

    /// What one call of ``next(limit:)`` has gathered.
    private struct Batch {
        /// Whole messages.
        var mails: [ReturnedMail] = []
        /// The last one, which is whole when the session goes on behind it.
        var last: ReturnedMail?
        /// How many failures it puts up with.
        var patience = 6

        var count: Int { mails.count + (last == nil ? 0 : 1) }
        var size: Int { mails.reduce(last?.bytes.count ?? 0) { $0 + $1.bytes.count } }

        mutating func settle() {
            if let last { mails.append(last) }
            last = nil
        }
    }

    /// Fetches a message; when that fails it is tried once more in another session, and is a finding then.
    private func fetch(
        _ message: (name: String, number: UInt32),
        _ session: POP3Session,
        _ batch: inout Batch
    ) throws(POP3Failure) {
        pending = pending.dropFirst()
        do throws(POP3Failure) {
            let (bytes, goesOn) = try session.fetch(message.number)
            batch.settle()
            batch.last = ReturnedMail(id: message.name, bytes: bytes)
            done.insert(message.name)
            if !goesOn {
                // It was cut by us, so nothing can be missing that we would have kept.
                batch.settle()
                self.session = nil
            }
        } catch {
            try endure(error, blaming: batch.last?.id ?? message.name, &batch)
        }
    }

    /// Makes sure of the last message.
    ///
    /// - Returns: `false` when it has to be fetched again.
    private func prove(_ batch: inout Batch) throws(POP3Failure) -> Bool {
        guard let last = batch.last else { return true }
        do throws(POP3Failure) {
            try session?.prove()
            batch.settle()
            return true
        } catch {
            try endure(error, blaming: last.id, &batch)
            return false
        }
    }

    /// Ends the session after a failure, and goes on as long as there is patience.
    private func endure(_ failure: POP3Failure, blaming name: String, _ batch: inout Batch)
        throws(POP3Failure)
    {
        session = nil
        doubt(&batch)
        batch.patience -= 1
        guard batch.patience >= 0 else { throw failure }
        guard !failedOnce.insert(name).inserted else { return }
        done.insert(name)
        findings.append(
            Diagnostic(
                file: self.name,
                "message \(name) could not be fetched: \(failure.userError.message)",
                remedy: "It stays where it is and is tried again by the next run."
            )
        )
    }

    /// Takes back the last message, for the connection ended behind it and perhaps in it; it comes again.
    private func doubt(_ batch: inout Batch) {
        guard let last = batch.last else { return }
        batch.last = nil
        done.remove(last.id)
    }
}
