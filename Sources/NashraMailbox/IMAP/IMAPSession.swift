// SPDX-License-Identifier: Apache-2.0
//
// One session with one IMAP folder: what is there, fetching, flagging, moving, deleting.
// Blocks; used by one thread. Never reconnects by itself. Rules: RFC 3501, 4315, 6851; docs/returned-mail.md.
import NashraCore

/// Why a command on a folder did not work.
enum IMAPFailure: Error {
    /// The folder cannot be opened; trying at once again would not help, and might lock the account.
    case closed(UserError)
    /// The connection is gone, or must not be used any more; a new session may do better.
    case lost(UserError)
    /// The folder was made anew: its UIDs mean other messages now.
    case renumbered(UserError)
    /// This message is no longer there.
    case gone
    /// This message came in a way that makes no sense.
    case garbled(String)

    /// The error for people.
    var userError: UserError {
        switch self {
        case .closed(let error), .lost(let error), .renumbered(let error): error
        case .gone: UserError(.tryAgain, "A message was deleted by somebody else meanwhile.")
        case .garbled(let why): UserError(.unavailable, "The server's answer makes no sense: \(why).")
        }
    }
}

/// One session with one folder.
final class IMAPSession {
    private let access: MailboxAccess
    private let curl: CurlSession
    private(set) var capabilities: Set<String> = []
    /// How many messages the folder holds, as far as the server has said.
    private(set) var exists: UInt32 = 0
    /// What makes UIDs unique over time.
    private(set) var uidValidity: UInt32 = 0
    /// Of the folders' levels, once asked.
    private var naming: (prefix: String, separator: Character)?

    private init(_ access: MailboxAccess, _ curl: CurlSession) {
        (self.access, self.curl) = (access, curl)
    }

    /// Connects, logs in and selects the folder.
    ///
    /// `expected` is the UIDVALIDITY that UIDs of an earlier session belong to, if there was one.
    static func open(_ access: MailboxAccess, expecting expected: UInt32?) throws(IMAPFailure) -> IMAPSession
    {
        let first = CurlCommand(text: "CAPABILITY")
        let curl: CurlSession
        let answer: CurlAnswer
        do throws(CurlError) {
            (curl, answer) = try login(access, first)
        } catch {
            throw .closed(MailboxFailure.error(error, access, doing: "connecting"))
        }
        let session = IMAPSession(access, curl)
        session.note(answer.lines)
        let name = try session.wireName(access.url.folder)
        session.path = PercentEncoding.encoded(name)
        try session.run("NOOP", doing: "selecting the folder")
        guard session.uidValidity > 0 else {
            throw .closed(
                UserError(
                    .unavailable,
                    "\(access.url): the server gives the folder no UIDVALIDITY, "
                        + "so its messages have no lasting names.",
                    remedy: "Fetch this mailbox by POP3, or from a Maildir."
                )
            )
        }
        if let expected, expected != session.uidValidity { throw .renumbered(session.renumberedError) }
        session.path += ";UIDVALIDITY=\(session.uidValidity)/"
        return session
    }

    private static func login(
        _ access: MailboxAccess,
        _ first: CurlCommand
    ) throws(CurlError) -> (CurlSession, CurlAnswer) {
        try CurlSession.logIn(access, first) { lines in
            // Servers of old know the LOGIN command only.
            lines.contains {
                ServerWords.contains($0, "AUTH=PLAIN") || ServerWords.contains($0, "AUTH=LOGIN")
                    || ServerWords.contains($0, "LOGINDISABLED")
            }
        }
    }

    /// The folder's path in URLs, with its UIDVALIDITY once that is known.
    private var path = ""

    private var renumberedError: UserError {
        UserError(
            .tryAgain,
            "\(access.url): the folder was made anew while it was read, so its messages have new numbers.",
            remedy: "Nothing was deleted. Run it again: what was recorded already is recognised."
        )
    }

    @discardableResult
    private func run(_ command: String, onFolder: Bool = true, doing: String) throws(IMAPFailure)
        -> [IMAPReply]
    {
        let answer = try perform(CurlCommand(path: onFolder ? path : "", text: command), doing: doing)
        return answer.lines.map(IMAPReply.init)
    }

    private func perform(_ command: CurlCommand, doing: String) throws(IMAPFailure) -> CurlAnswer {
        let expected = uidValidity
        let result: Result<CurlAnswer, CurlError>
        do throws(CurlError) {
            let answer = try curl.perform(command)
            note(answer.lines)
            result = .success(answer)
        } catch {
            note(error.lines)
            result = .failure(error)
        }
        if expected > 0, uidValidity != expected { throw .renumbered(renumberedError) }
        switch result {
        case .success(let answer):
            guard answer.isCut || answer.lines.last.map({ IMAPReply($0).isDone }) == true else {
                throw .lost(MailboxFailure.error(Self.unfinished(answer), access, doing: doing))
            }
            return answer
        case .failure(let error):
            if command.text == nil, let answer = try withoutContent(error) { return answer }
            throw .lost(MailboxFailure.error(error, access, doing: doing))
        }
    }

    /// An answer that does not end as it must, whatever libcurl thinks of it.
    private static func unfinished(_ answer: CurlAnswer) -> CurlError {
        CurlError(code: 8, message: "the answer has no end", lines: answer.lines)
    }

    /// What libcurl's error means when it came instead of a message.
    private func withoutContent(_ error: CurlError) throws(IMAPFailure) -> CurlAnswer? {
        if error.code == 78, error.lines.last.map({ IMAPReply($0).isDone }) == true { throw .gone }
        guard error.code == 8 else { return nil }
        guard FetchedMessage.isEmpty(error.lines) else { throw .garbled(error.message) }
        return CurlAnswer(lines: error.lines, body: [], linesBeforeBody: 0, isCut: true)
    }

    private func note(_ lines: [[UInt8]]) {
        for line in lines {
            switch IMAPReply(line).news {
            case .exists(let count): exists = count
            case .expunged: exists -= exists > 0 ? 1 : 0
            case .uidValidity(let number): uidValidity = number
            case .capabilities(let names): capabilities = names
            case .bye, nil: break
            }
        }
    }
}

extension IMAPSession {
    /// The greatest UID, 0 when the folder is empty; the server is asked for what is new.
    func greatestUID() throws(IMAPFailure) -> UInt32 {
        try run("NOOP", doing: "looking for new messages")
        guard exists > 0, let uid = try uid(at: exists) else { return 0 }
        return uid
    }

    /// The UID of the message at a place, counted from 1.
    private func uid(at place: UInt32) throws(IMAPFailure) -> UInt32? {
        try run("UID SEARCH \(place)", doing: "searching").compactMap(\.found).joined().first
    }

    /// The UIDs in a range, ascending, without those that are marked as deleted.
    ///
    /// Ranges of 500 at most: libcurl cuts long lines.
    func uids(in range: ClosedRange<UInt32>) throws(IMAPFailure) -> [UInt32] {
        let replies = try run(
            "UID SEARCH UID \(range.lowerBound):\(range.upperBound) UNDELETED",
            doing: "searching"
        )
        return Set(replies.compactMap(\.found).joined()).filter(range.contains).sorted()
    }

    /// The smallest UID of `least` or above, over a gap of any size; `least` when it cannot be told.
    func firstUID(from least: UInt32) throws(IMAPFailure) -> UInt32 {
        var (low, high) = (UInt32(1), max(1, exists))
        while low < high {
            let middle = low + (high - low) / 2
            guard let found = try uid(at: middle) else { return least }
            if found >= least { high = middle } else { low = middle + 1 }
        }
        guard let found = try uid(at: low) else { return least }
        return max(least, found)
    }

    /// Fetches one whole message, which sets its `\Seen`.
    ///
    /// - Returns: Its bytes, and whether the session goes on: one that had to be cut does not.
    func fetch(_ uid: UInt32) throws(IMAPFailure) -> (bytes: [UInt8], goesOn: Bool) {
        let command = CurlCommand(path: "\(path);UID=\(uid)", bodyLimit: ReturnedMail.maximumBytes)
        let answer = try perform(command, doing: "fetching message \(uid)")
        if let fault = FetchedMessage.fault(answer, uid: uid) { throw .garbled(fault) }
        return (answer.body, !answer.isCut)
    }

    /// Deletes messages for good.
    ///
    /// Where the server cannot expunge by UID, it is done only as long as nobody else has marked messages:
    /// theirs would go too. Ours stay marked then, which hides them.
    func delete(_ uids: [UInt32]) throws(IMAPFailure) {
        for set in UIDSet.texts(uids) {
            try run("UID STORE \(set) +FLAGS.SILENT (\\Deleted)", doing: "deleting")
            if capabilities.contains("UIDPLUS") { try run("UID EXPUNGE \(set)", doing: "deleting") }
        }
        guard !capabilities.contains("UIDPLUS") else { return }
        let sets = UIDSet.texts(uids)
        guard sets.count == 1, let ours = sets.first else { return }
        let foreign = try run("UID SEARCH DELETED NOT UID \(ours)", doing: "deleting").compactMap(\.found)
            .joined()
        if foreign.isEmpty { try run("EXPUNGE", doing: "deleting") }
    }

    /// Moves messages to another folder, which is made when it is missing.
    func move(_ uids: [UInt32], to folder: String) throws(IMAPFailure) {
        let name = Self.quoted(try wireName(folder))
        let listed = try run(
            "LIST \"\" \(name)",
            onFolder: false,
            doing: "looking for the folder “\(folder)”"
        )
        if !listed.contains(where: \.isList) {
            try run("CREATE \(name)", onFolder: false, doing: "making the folder “\(folder)”")
        }
        for set in UIDSet.texts(uids) {
            if capabilities.contains("MOVE") {
                try run("UID MOVE \(set) \(name)", doing: "moving to “\(folder)”")
            } else {
                try run("UID COPY \(set) \(name)", doing: "copying to “\(folder)”")
            }
        }
        if !capabilities.contains("MOVE") { try delete(uids) }
    }

    /// A folder's name as the server writes it: its own separator, its prefix, modified UTF-7.
    private func wireName(_ folder: String) throws(IMAPFailure) -> String {
        guard folder != "INBOX" else { return folder }
        let (prefix, separator) = if let naming { naming } else { try askNaming() }
        let name = folder.split(separator: "/").joined(separator: String(separator))
        let isComplete = prefix.isEmpty || name.hasPrefix(prefix) || name.hasPrefix("INBOX\(separator)")
        return ModifiedUTF7.encoded(isComplete ? name : prefix + name)
    }

    private func askNaming() throws(IMAPFailure) -> (String, Character) {
        let separator =
            try run("LIST \"\" \"\"", onFolder: false, doing: "asking for the folders' separator")
            .compactMap(\.separator).last ?? "/"
        var prefix = ""
        if capabilities.contains("NAMESPACE") {
            prefix =
                try run("NAMESPACE", onFolder: false, doing: "asking for the folders' prefix")
                .compactMap(\.personalPrefix).last ?? ""
        }
        naming = (prefix, separator)
        return (prefix, separator)
    }

    private static func quoted(_ name: String) -> String {
        let escaped = name.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"\(String(escaped))\""
    }
}
