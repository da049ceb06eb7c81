// SPDX-License-Identifier: Apache-2.0
//
// Returned mail in a folder on an IMAP server. Blocks; used by one thread. Reads by UID, deletes by UID, and
// only what it is told. Rules: docs/returned-mail.md.
public import NashraCore

/// A folder on an IMAP server.
///
/// Messages are named `UIDVALIDITY.UID`. A connection that is lost is made again; a folder that was made anew
/// in between is an error with status `tryAgain`, and what was known of it is forgotten.
public final class IMAPSource: BounceSource {
    /// How the folder is read, and what becomes of its messages.
    public struct Settings: Sendable, Hashable {
        /// Where and who.
        public var access: MailboxAccess
        /// Where acknowledged messages go, levels separated by `/`; `nil` deletes them.
        public var doneFolder: String?
        /// Where unreadable messages go.
        public var asideFolder = "Nashra/Unparsed"

        /// Reads the folder of `access`.
        ///
        /// - Throws: ``NashraCore/UserError`` with status `configuration` when `access` is not IMAP, or when
        ///   `doneFolder` holds a wildcard, a control character or an empty level.
        public init(access: MailboxAccess, doneFolder: String? = nil) throws(UserError) {
            guard access.url.scheme.isIMAP else {
                throw UserError(
                    .configuration,
                    "\(access.url) is no IMAP mailbox.",
                    remedy: "Write imaps://…."
                )
            }
            if let folder = doneFolder {
                let levels = folder.split(separator: "/", omittingEmptySubsequences: false)
                guard levels.allSatisfy({ !$0.isEmpty }), folder.utf8.count <= 500,
                    folder.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F && $0 != 0x2A && $0 != 0x25 })
                else {
                    throw UserError(
                        .configuration,
                        "\(ServerWords.quoted(folder.utf8)) cannot name a folder.",
                        remedy: "Levels are separated by /, and none holds * or %."
                    )
                }
            }
            self.access = access
            self.doneFolder = doneFolder
        }
    }

    private let settings: Settings
    private var session: IMAPSession?
    private var uidValidity: UInt32?
    /// Found and not yet handed out, ascending.
    private var pending: ArraySlice<UInt32> = []
    /// Where the next search begins; beyond `UInt32.max` when nothing can follow.
    private var nextUID: UInt64 = 1
    /// The greatest UID when the server was last asked.
    private var greatest: UInt64 = 0
    /// Failed while messages were on their way to the caller; it gets those first.
    private var postponed: UserError?
    private var findings: [Diagnostic] = []

    /// Reads by `settings`; connects at the first call of ``next(limit:)``.
    public init(_ settings: Settings) { self.settings = settings }

    /// The address, without a password.
    public var name: String { "\(settings.access.url)" }

    /// Fetches messages, at most `limit` of them and about 32 MiB in one call.
    ///
    /// A message that somebody else has deleted meanwhile is passed over in silence; one that does not come
    /// as announced, twice, is a finding and stays where it is.
    public func next(limit: Int) throws(UserError) -> [ReturnedMail] {
        if let error = postponed {
            postponed = nil
            throw error
        }
        var mails: [ReturnedMail] = []
        var size = 0
        var patience = Patience()
        while mails.count < limit, size < 32 << 20 {
            do throws(IMAPFailure) {
                guard let uid = try upcoming() else { break }
                if let mail = try fetch(uid, &patience) {
                    mails.append(mail)
                    size += mail.bytes.count
                }
            } catch {
                if case .renumbered = error { forgetFolder() }
                session = nil
                guard !mails.isEmpty else { throw error.userError }
                postponed = error.userError
                break
            }
        }
        return mails
    }

    /// Deletes messages, or moves them to the folder for what is done.
    public func acknowledge(_ ids: [String]) throws(UserError) {
        try withMessages(ids) { [settings] session, uids throws(IMAPFailure) in
            if let folder = settings.doneFolder {
                try session.move(uids, to: folder)
            } else {
                try session.delete(uids)
            }
        }
    }

    /// Moves messages to `Nashra/Unparsed`.
    public func setAside(_ ids: [String]) throws(UserError) {
        try withMessages(ids) { [settings] session, uids throws(IMAPFailure) in
            try session.move(uids, to: settings.asideFolder)
        }
    }

    /// Logs out.
    public func close() { session = nil }

    /// Messages that did not come as announced.
    public func takeFindings() -> [Diagnostic] {
        defer { findings = [] }
        return findings
    }
}

extension IMAPSource {
    /// How much trouble one call of ``next(limit:)`` puts up with.
    private struct Patience {
        /// Messages that were gone, each of which ends a connection.
        var gone = 20
        /// Messages that did not come as announced, even the second time.
        var skipped = 3
    }

    private func connected() throws(IMAPFailure) -> IMAPSession {
        if let session { return session }
        let made = try IMAPSession.open(settings.access, expecting: uidValidity)
        uidValidity = made.uidValidity
        session = made
        return made
    }

    private func forgetFolder() {
        uidValidity = nil
        pending = []
        (nextUID, greatest) = (1, 0)
    }

    /// The next message to fetch, or `nil` when there is none now; it stays pending.
    private func upcoming() throws(IMAPFailure) -> UInt32? {
        if let uid = pending.first { return uid }
        let session = try connected()
        if nextUID > greatest { greatest = UInt64(try session.greatestUID()) }
        while pending.isEmpty, nextUID <= greatest {
            let (low, high) = (UInt32(clamping: nextUID), UInt32(clamping: min(nextUID + 499, greatest)))
            pending = try session.uids(in: low...max(low, high))[...]
            nextUID = UInt64(high) + 1
            if pending.isEmpty, greatest >= nextUID, greatest - nextUID > 5000 {
                nextUID = UInt64(try session.firstUID(from: UInt32(clamping: nextUID)))
            }
        }
        return pending.first
    }

    /// Fetches what ``upcoming()`` named, and is done with it whatever happens, but for an error.
    private func fetch(_ uid: UInt32, _ patience: inout Patience) throws(IMAPFailure) -> ReturnedMail? {
        for isLast in [false, true] {
            let session = try connected()
            do throws(IMAPFailure) {
                let (bytes, goesOn) = try session.fetch(uid)
                if !goesOn { self.session = nil }
                pending = pending.dropFirst()
                return ReturnedMail(id: "\(session.uidValidity).\(uid)", bytes: bytes)
            } catch {
                self.session = nil
                switch error {
                case .closed, .renumbered: throw error
                case .gone:
                    try passOverGone(uid, &patience)
                    return nil
                case .lost, .garbled:
                    if isLast { try passOver(uid, error, &patience) }
                }
            }
        }
        return nil
    }

    /// Searches anew from behind a message that is gone: others may be gone as well.
    private func passOverGone(_ uid: UInt32, _ patience: inout Patience) throws(IMAPFailure) {
        pending = []
        nextUID = UInt64(uid) + 1
        patience.gone -= 1
        if patience.gone < 0 {
            throw .lost(
                UserError(
                    .tryAgain,
                    "\(name): messages vanish as fast as they are found; somebody else reads this folder.",
                    remedy: "Let one program alone read the folder for returned mail."
                )
            )
        }
    }

    private func passOver(_ uid: UInt32, _ failure: IMAPFailure, _ patience: inout Patience)
        throws(IMAPFailure)
    {
        patience.skipped -= 1
        guard patience.skipped >= 0 else { throw failure }
        pending = pending.dropFirst()
        findings.append(
            Diagnostic(
                file: name,
                "message \(uid) could not be fetched: \(failure.userError.message)",
                remedy: "It stays where it is and is tried again by the next run."
            )
        )
    }

    /// Does something to messages, once more on a new connection when the first one breaks.
    private func withMessages(
        _ ids: [String],
        _ body: (IMAPSession, [UInt32]) throws(IMAPFailure) -> Void
    ) throws(UserError) {
        let known = ids.compactMap(Self.parse)
        guard !known.isEmpty else { return }
        if uidValidity == nil { uidValidity = known.first?.validity }
        let uids = known.filter { $0.validity == uidValidity }.map(\.uid)
        for isLast in [false, true] where !uids.isEmpty {
            do throws(IMAPFailure) {
                try body(try connected(), uids)
                break
            } catch {
                session = nil
                if case .renumbered = error { forgetFolder() }
                if case .lost = error, !isLast { continue }
                throw error.userError
            }
        }
        guard uids.count == ids.count else {
            throw UserError(
                .tryAgain,
                "\(name): \(ids.count - uids.count) messages have other numbers by now "
                    + "and stay in the folder.",
                remedy: "Run it again: what was recorded already is recognised and then deleted."
            )
        }
    }

    private static func parse(_ id: String) -> (validity: UInt32, uid: UInt32)? {
        let parts = id.utf8.split(separator: UInt8(ascii: "."))
        guard parts.count == 2, let validity = IMAPReply.number(parts[0]),
            let uid = IMAPReply.number(parts[1])
        else { return nil }
        return (validity, uid)
    }
}
