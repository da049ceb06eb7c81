// SPDX-License-Identifier: Apache-2.0
//
// Addresses of mailboxes, names of folders, sets of numbers.
import NashraCore
import Testing

@testable import NashraMailbox

@Suite struct MailboxURLTests {
    @Test func `an address is read, with what it leaves out`() throws {
        let url = try MailboxURL(
            "IMAPS://bounces@example.org@mail.example.org/Bounces/%D9%85%D8%B1%D8%AA%D8%AC%D8%B9"
        )
        #expect(url.scheme == .imaps)
        #expect(url.user == "bounces@example.org")
        #expect(url.host == "mail.example.org")
        #expect(url.port == 993)
        #expect(url.folder == "Bounces/مرتجع")
        #expect("\(url)" == "imaps://bounces@example.org@mail.example.org/Bounces/مرتجع")
        #expect(try MailboxURL("pop3://[::1]:1110").isLoopback)
        #expect(try MailboxURL("pop3://[::1]:1110").port == 1110)
        #expect(try MailboxURL("imap://127.0.0.1/inbox").folder == "INBOX")
        #expect(try MailboxURL("imap://بريد.example/").host == "xn--ngbof4h.example")
        #expect(try !MailboxURL("imap://mail").isLoopback)
        #expect(try MailboxURL("imaps://a%3Ab%40c@mail").user == "a:b@c")
    }

    @Test(arguments: [
        "", "imaps:/x", "http://u@h", "imaps://", "imaps://@h", "imaps://u@h:0", "imaps://u@h:99999",
        "imaps://u@h:x",
        "imaps://u@h/INBOX;UID=1", "imaps://u@h/a?b", "imaps://u@h/a#b", "imaps://u@h//a",
        "imaps://u@h/a%0D%0Ab",
        "imaps://u@h/%zz", "imaps://u@h/%", "pop3s://u@h/Folder", "imaps://[::1", "imaps://[1]",
        "imaps://::1/",
        "imaps://u;AUTH=NTLM@h", "imaps://u@h h", "imaps://u@h/%FF", "imaps://u\u{0}@h",
    ])
    func `what is no address says why`(_ text: String) {
        let error = #expect(throws: UserError.self) { try MailboxURL(text) }
        #expect(error?.status == .usage)
        #expect(error?.remedy.isEmpty == false)
    }

    @Test func `a password in an address is refused, not repeated, and told where it belongs`() {
        let error = #expect(throws: UserError.self) { try MailboxURL("imaps://user:geheim@host/INBOX") }
        #expect(error?.description.contains("geheim") == false)
        #expect(error?.remedy.contains("file") == true)
    }

    @Test func `a secret with a line break is refused before it reaches the wire`() throws {
        let url = try MailboxURL("imaps://u@h")
        for login in [
            MailboxAccess.Login.password(Secret("a\r\nA1 LOGOUT")), .token(Secret("")),
            .token(Secret("x\u{0}")),
        ] {
            let error = #expect(throws: UserError.self) { try MailboxAccess(url: url, login: login) }
            #expect(error?.status == .configuration)
        }
        #expect(throws: UserError.self) {
            try MailboxAccess(url: MailboxURL("imaps://h"), login: .token(Secret("x")))
        }
    }

    /// The first is RFC 3501's own example.
    @Test(arguments: [
        ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"), ("A&B", "A&-B"),
        ("مرتجع", "&BkUGMQYqBiwGOQ-"),
        ("😀", "&2D3eAA-"), ("Hi Mom -☺-!", "Hi Mom -&Jjo--!"), ("", ""),
    ])
    func `names of folders are written in modified UTF-7`(_ name: String, _ wire: String) {
        #expect(ModifiedUTF7.encoded(name) == wire)
    }

    @Test func `sets of numbers are short, sorted and complete`() {
        #expect(UIDSet.texts([9, 1, 2, 3, 7, 9]) == ["1:3,7,9"])
        #expect(UIDSet.texts([UInt32.max, UInt32.max - 1]) == ["4294967294:4294967295"])
        #expect(UIDSet.texts([] as [UInt32]).isEmpty)
        let odd = (0..<1000).map { UInt32($0 * 2 + 4_000_000_000) }
        let sets = UIDSet.texts(odd)
        #expect(sets.allSatisfy { $0.utf8.count <= 900 })
        #expect(sets.joined(separator: ",").split(separator: ",").compactMap { UInt32($0) } == odd)
    }

    @Test func `no line of a server traps`() {
        let lines = [
            "", "*", "* ", "* 99999999999 EXISTS", "* OK [UIDVALIDITY", "* OK [UIDVALIDITY x]",
            "* SEARCH -1 x 7 4294967296",
            "* LIST ()", "* LIST () \"", "* LIST () \"\\", "* NAMESPACE", "* NAMESPACE ((\"", "[CAPABILITY",
            "* CAPABILITY",
            "* 1 FETCH (BODY[] {", "* 1 FETCH (BODY[] {99999999999}", "(UID ", "\u{0}\u{7F}",
        ]
        for line in lines.map({ Array($0.utf8) }) {
            let reply = IMAPReply(line)
            _ = (reply.news, reply.found, reply.separator, reply.personalPrefix, reply.isList)
            let answer = CurlAnswer(lines: [line, line], body: [], linesBeforeBody: 0, isCut: false)
            #expect(FetchedMessage.fault(answer, uid: 1) != nil)
        }
        #expect(IMAPReply(Array("* SEARCH -1 x 7 4294967296".utf8)).found == [7])
        #expect(IMAPReply(Array("* LIST (\\Noselect) \"\\\\\" \"\"".utf8)).separator == "\\")
        #expect(IMAPReply(Array("* NAMESPACE ((\"INBOX.\" \".\")) NIL NIL".utf8)).personalPrefix == "INBOX.")
    }
}
