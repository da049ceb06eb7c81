// SPDX-License-Identifier: Apache-2.0
//
// One session with one POP3 mailbox: the listing, fetching, marking as deleted, and the QUIT that deletes.
// Blocks; used by one thread. Never reconnects: numbers of messages hold within one session only. Rules: RFC
// 1939.
import NashraCore

/// Why a command on a mailbox did not work.
enum POP3Failure: Error {
    /// The mailbox cannot be opened; trying at once again would not help.
    case closed(UserError)
    /// The session is over.
    case lost(UserError)
    /// The server refused this one command.
    case refused(UserError)

    /// The error for people.
    var userError: UserError {
        switch self {
        case .closed(let error), .lost(let error), .refused(let error): error
        }
    }
}

/// One session with one mailbox.
final class POP3Session {
    /// The most bytes of a listing: some 800,000 messages.
    private static let maximumListing = 64 << 20

    private let access: MailboxAccess
    private let curl: CurlSession
    /// What there is: the lasting name of each message and its number in this session, in the server's order.
    ///
    /// Of messages with the same name, which identical ones may have (RFC 1939, section 7), the first.
    let messages: [(name: String, number: UInt32)]
    private let numbers: [String: UInt32]

    private init(_ access: MailboxAccess, _ curl: CurlSession, _ messages: [(name: String, number: UInt32)]) {
        self.access = access
        self.curl = curl
        self.messages = messages
        numbers = Dictionary(messages.map { ($0.name, $0.number) }) { first, _ in first }
    }

    /// Connects, logs in and lists the mailbox.
    static func open(_ access: MailboxAccess) throws(POP3Failure) -> POP3Session {
        let first = CurlCommand(text: "UIDL", bodyLimit: maximumListing)
        let curl: CurlSession
        let answer: CurlAnswer
        do throws(CurlError) {
            (curl, answer) = try login(access, first)
        } catch {
            throw .closed(openingError(error, access))
        }
        guard !answer.isCut else {
            throw .closed(UserError(.unavailable, "\(access.url): the listing is longer than 64 MiB."))
        }
        guard let messages = listing(answer.body) else {
            throw .closed(
                UserError(
                    .unavailable,
                    "\(access.url): the server's listing of lasting names (UIDL) makes no sense."
                )
            )
        }
        return POP3Session(access, curl, messages)
    }

    private static func openingError(_ error: CurlError, _ access: MailboxAccess) -> UserError {
        guard error.code == 8, error.lines.contains(where: isRefusal) else {
            return MailboxFailure.error(error, access, doing: "connecting")
        }
        return UserError(
            .unavailable,
            "\(access.url): the server gives messages no lasting names (UIDL), "
                + "without which none can be deleted safely.",
            remedy: "Use IMAP, or a Maildir."
        )
    }

    private static func isRefusal(_ line: [UInt8]) -> Bool { line.starts(with: Array("-ERR".utf8)) }

    private static func login(
        _ access: MailboxAccess,
        _ first: CurlCommand
    ) throws(CurlError) -> (CurlSession, CurlAnswer) {
        try CurlSession.logIn(access, first) { lines in
            lines.contains { line in
                line.starts(with: Array("SASL".utf8))
                    && (ServerWords.contains(line, "PLAIN") || ServerWords.contains(line, "LOGIN"))
            }
        }
    }

    /// Reads lines of a number and a name of 1 to 70 characters; `nil` when one is nothing of the kind.
    private static func listing(_ body: [UInt8]) -> [(name: String, number: UInt32)]? {
        var messages: [(name: String, number: UInt32)] = []
        for line in body.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let words = line.split(separator: 0x20)
            guard words.count == 2, let number = IMAPReply.number(words[0]), number > 0,
                words[1].count <= 255,
                words[1].allSatisfy({ (0x21...0x7E).contains($0) })
            else { return nil }
            messages.append((String(decoding: words[1], as: UTF8.self), number))
        }
        return messages
    }

    /// Fetches one whole message.
    ///
    /// - Returns: Its bytes, and whether the session goes on: one that had to be cut does not, and what was
    ///   marked in it is not deleted.
    func fetch(_ number: UInt32) throws(POP3Failure) -> (bytes: [UInt8], goesOn: Bool) {
        let command = CurlCommand(path: "\(number)", bodyLimit: ReturnedMail.maximumBytes)
        let answer = try perform(command, doing: "fetching message \(number)")
        return (answer.body, !answer.isCut)
    }

    /// Proves that the session still stands, and with it that what was fetched before is whole.
    ///
    /// Libcurl takes the end of a connection for the end of a message.
    func prove() throws(POP3Failure) {
        try perform(CurlCommand(text: "NOOP", isAnsweredInOneLine: true), doing: "going on")
    }

    /// Marks a message as deleted.
    ///
    /// - Returns: `false` when it is not in the mailbox.
    func markDeleted(_ name: String) throws(POP3Failure) -> Bool {
        guard let number = numbers[name] else { return false }
        try perform(CurlCommand(text: "DELE \(number)", isAnsweredInOneLine: true), doing: "deleting")
        return true
    }

    /// Ends the session; what was marked is deleted when the server says so.
    func quit() throws(POP3Failure) {
        let answer = try perform(
            CurlCommand(text: "QUIT", isAnsweredInOneLine: true),
            doing: "deleting at the end"
        )
        guard answer.lines.last?.starts(with: Array("+OK".utf8)) == true else {
            throw .lost(
                UserError(.unavailable, "\(access.url): the server did not confirm the end of the session.")
            )
        }
    }

    @discardableResult
    private func perform(_ command: CurlCommand, doing: String) throws(POP3Failure) -> CurlAnswer {
        do throws(CurlError) {
            let answer = try curl.perform(command)
            guard answer.lines.first?.starts(with: Array("+OK".utf8)) == true else {
                throw CurlError(code: 8, message: "the answer has no end", lines: [])
            }
            return answer
        } catch {
            guard error.code == 8, error.lines.contains(where: Self.isRefusal) else {
                throw .lost(MailboxFailure.error(error, access, doing: doing))
            }
            var refusal = error
            refusal.code = 21
            throw .refused(MailboxFailure.error(refusal, access, doing: doing))
        }
    }
}
