// SPDX-License-Identifier: Apache-2.0
//
// Returned mails, accesses and a small IMAP server that tests can make lie.
import NashraCore
import NashraMailbox
import NashraTestKit
import Synchronization

/// A returned mail in Arabic, told apart by a number.
func returnedMail(_ number: Int, body: String = "صندوق البريد ممتلئ\r\n") -> [UInt8] {
    Array(
        """
        From: MAILER-DAEMON@example.org\r
        Subject: لم تصل الرسالة \(number)\r
        Content-Type: text/plain; charset=utf-8\r
        \r
        \(body)
        """.utf8
    )
}

/// Lines of a body that look like the words of a server.
let protocolText = """
    A001 OK done\r
    A002 OK done\r
    A003 OK done\r
    A004 OK FETCH completed\r
    A005 NO [TRYCREATE] no\r
    )\r
    * BYE وداعا\r
    * 2 FETCH (UID 2 BODY[] {5}\r
    * SEARCH 1 2 3 4\r
    +OK\r
    ..\r
    .\r
    -ERR\r

    """

func access(
    _ url: String,
    login: MailboxAccess.Login = .password(Secret(DovecotInstance.password)),
    caFile: String? = nil
) throws -> MailboxAccess {
    var access = try MailboxAccess(url: MailboxURL(url), login: login)
    access.caFile = caFile
    return access
}

/// An access to a scripted server, with patience for a second.
func hasty(_ url: String, total: Duration = .seconds(4)) throws -> MailboxAccess {
    var access = try MailboxAccess(url: MailboxURL(url), user: "bounces", login: .password(Secret("geheim")))
    access.timeouts.idle = .seconds(1)
    access.timeouts.total = total
    return access
}

/// A server with one folder; `override` may answer before it does.
final class SmallIMAP: Sendable {
    struct State {
        var messages: [UInt32: [UInt8]] = [:]
        var deleted: Set<UInt32> = []
        var uidValidity: UInt32 = 77
        var capabilities = "IMAP4rev1 SASL-IR AUTH=PLAIN UIDPLUS MOVE"
        /// The greatest number of fetches, after which fetching does what `override` says; for counting.
        var fetches = 0
    }

    let state: Mutex<State>
    private let override: @Sendable (Int, String, inout State) -> [ScriptedMailServer.Act]?

    init(
        _ messages: [[UInt8]],
        override: @escaping @Sendable (Int, String, inout State) -> [ScriptedMailServer.Act]? = { _, _, _ in
            nil
        }
    ) {
        var state = State()
        for (index, bytes) in messages.enumerated() { state.messages[UInt32(index + 1)] = bytes }
        self.state = Mutex(state)
        self.override = override
    }

    func start() -> ScriptedMailServer {
        ScriptedMailServer { [self] connection, line in
            state.withLock { state in
                // The tag is not the override's business: `{tag}` in its lines stands for it.
                let words = line.split(separator: " ", maxSplits: 1).map(String.init)
                let command = words.count == 2 ? words[1] : ""
                let acts = override(connection, command, &state) ?? Self.answer(command, &state)
                return acts.map { act in
                    guard case .line(let text) = act, let tag = words.first else { return act }
                    return .line(text.replacing("{tag}", with: tag))
                }
            }
        }
    }

    private static func answer(_ command: String, _ state: inout State) -> [ScriptedMailServer.Act] {
        let live = state.messages.keys.sorted()
        let words = command.split(separator: " ").map(String.init)
        switch words.first?.uppercased() {
        case nil: return [.line("* OK ready")]
        case "CAPABILITY": return [.line("* CAPABILITY \(state.capabilities)"), .line("{tag} OK")]
        case "SELECT":
            return [
                .line("* \(live.count) EXISTS"), .line("* OK [UIDVALIDITY \(state.uidValidity)] valid"),
                .line("{tag} OK [READ-WRITE] selected"),
            ]
        case "LIST": return [.line("* LIST (\\HasNoChildren) \"/\" \"\""), .line("{tag} OK")]
        case "EXPUNGE":
            for uid in state.deleted { state.messages[uid] = nil }
            return [.line("{tag} OK")]
        case "UID": return uid(Array(words.dropFirst()), &state)
        default: return [.line("{tag} OK")]
        }
    }

    private static func uid(_ words: [String], _ state: inout State) -> [ScriptedMailServer.Act] {
        let live = state.messages.keys.sorted()
        switch words.first?.uppercased() {
        case "SEARCH":
            return [.line("* SEARCH " + search(Array(words.dropFirst()), live, state)), .line("{tag} OK")]
        case "FETCH":
            state.fetches += 1
            guard words.count > 1, let uid = UInt32(words[1]), let bytes = state.messages[uid] else {
                return [.line("{tag} OK")]
            }
            return [
                .line("* 1 FETCH (UID \(uid) BODY[] {\(bytes.count)}"), .bytes(bytes),
                .line(" FLAGS (\\Seen))"), .line("{tag} OK"),
            ]
        case "STORE":
            if words.count > 1 { state.deleted.formUnion(set(words[1])) }
            return [.line("{tag} OK")]
        case "EXPUNGE":
            if words.count > 1 {
                for uid in set(words[1]) where state.deleted.contains(uid) { state.messages[uid] = nil }
            }
            return [.line("{tag} OK")]
        case "MOVE":
            if words.count > 1 { for uid in set(words[1]) { state.messages[uid] = nil } }
            return [.line("{tag} OK")]
        default: return [.line("{tag} OK")]
        }
    }

    private static func search(_ words: [String], _ live: [UInt32], _ state: State) -> String {
        if words.count == 1, let place = Int(words[0]) {
            return live.indices.contains(place - 1) ? "\(live[place - 1])" : ""
        }
        if words.first == "DELETED" {
            let ours = set(words.last ?? "")
            return live.filter { state.deleted.contains($0) && !ours.contains($0) }.map(String.init).joined(
                separator: " "
            )
        }
        let range = words.count > 1 ? bounds(words[1]) : nil
        return live.filter { range?.contains($0) == true && !state.deleted.contains($0) }.map(String.init)
            .joined(separator: " ")
    }

    private static func bounds(_ text: String) -> ClosedRange<UInt32>? {
        let ends = text.split(separator: ":").compactMap { UInt32($0) }
        guard let low = ends.first, let high = ends.last, low <= high else { return nil }
        return low...high
    }

    private static func set(_ text: String) -> Set<UInt32> {
        Set(text.split(separator: ",").compactMap { bounds(String($0)) }.joined())
    }
}
