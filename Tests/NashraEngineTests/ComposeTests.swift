// SPDX-License-Identifier: Apache-2.0
//
// What the composer promises: exact headers, the right words for each reader, the same bytes on every retry,
// and an error before anything is sent when settings cannot make a message.
import NashraCore
import NashraEngine
import NashraKeys
import NashraMIME
import NashraTemplates
import NashraTestKit
import Testing

private let publicHeaders = [
    "Date", "From", "To", "Reply-To", "Subject", "Message-ID", "Content-Language", "List-Id", "List-Help",
    "List-Owner", "List-Post", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence", "Auto-Submitted",
    "X-Auto-Response-Suppress", "Feedback-ID", "MIME-Version", "Content-Type",
]

private func read(_ message: ComposedMessage) throws -> PythonMail {
    try #require(try PythonMail.read([message.bytes]).first)
}

@Test func `a message to a public list has exactly the headers of the contract`() throws {
    let keys = try Compose.keyring()
    let message = try Compose.composer().compose(Compose.due(42, .english, values: ["name": "Ali Hasan"]))
    let mail = try read(message)
    let token = keys.unsubscribeToken(for: DeliveryID(rawValue: 42))
    #expect(mail.defects.isEmpty)
    #expect(mail.headers.map(\.name) == publicHeaders)
    #expect(mail.header("date") == "Tue, 22 Sep 2026 09:15:00 +0000")
    #expect(mail.header("from") == "Awareness Office <bulletin@moi.example>")
    #expect(mail.header("to") == "Ali Hasan <reader@example.org>")
    #expect(mail.header("reply-to") == "contact@moi.example")
    #expect(mail.header("message-id") == message.messageID)
    #expect(mail.header("content-language") == "en")
    #expect(mail.header("list-id") == "Fraud alerts <fraud.lists.moi.example>")
    #expect(mail.header("list-help") == "<https://moi.example/help>")
    #expect(mail.header("list-owner") == "<mailto:owner@moi.example>")
    #expect(mail.header("list-post") == "NO")
    let links = "<https://n.moi.example/u/\(token)>, <mailto:u+\(token)@moi.example?subject=unsubscribe>"
    #expect(mail.header("list-unsubscribe") == links)
    #expect(mail.header("list-unsubscribe-post") == "List-Unsubscribe=One-Click")
    #expect(mail.header("precedence") == "bulk")
    #expect(mail.header("auto-submitted") == "auto-generated")
    #expect(mail.header("x-auto-response-suppress") == "OOF, AutoReply")
    #expect(mail.header("feedback-id") == "c-2026-0007:fraud.lists.moi.example:bulletin:moiaware")
    #expect(mail.types == ["multipart/alternative", "text/plain", "text/html"])
}

@Test func `a mandatory list offers no way to leave`() throws {
    let composer = try Compose.composer(Compose.mandatory) {
        $0.unsubscribeURL = nil
        $0.unsubscribeMailbox = nil
    }
    let mail = try read(composer.compose(Compose.due()))
    #expect(mail.headers.map(\.name) == publicHeaders.filter { !$0.hasPrefix("List-Unsubscribe") })
    #expect(mail.defects.isEmpty)
}

@Test func `with a mailbox only, leaving is by mail and one click is not promised`() throws {
    let composer = try Compose.composer { $0.unsubscribeURL = nil }
    let mail = try read(composer.compose(Compose.due(7)))
    let token = try Compose.keyring().unsubscribeToken(for: DeliveryID(rawValue: 7))
    let link = "mailto:u+\(token)@moi.example?subject=unsubscribe"
    #expect(mail.headers.map(\.name) == publicHeaders.filter { $0 != "List-Unsubscribe-Post" })
    #expect(mail.header("list-unsubscribe") == "<\(link)>")
    #expect(mail.text?.contains(link) == true)
}

@Test func `optional headers are left out when their settings are`() throws {
    let composer = try Compose.composer {
        $0.replyTo = nil
        $0.helpURL = nil
        $0.ownerAddress = nil
        $0.fromName = [:]
        $0.listName = [:]
    }
    let mail = try read(composer.compose(Compose.due()))
    #expect(
        mail.headers.map(\.name)
            == publicHeaders.filter { !["Reply-To", "List-Help", "List-Owner"].contains($0) }
    )
    #expect(mail.header("from") == "bulletin@moi.example")
    #expect(mail.header("list-id") == "<fraud.lists.moi.example>")
}

@Test func `each reader gets their language, their name and their own links`() throws {
    let composer = try Compose.composer()
    let names = ["مُحَمَّدٌ بْنُ عَلِيّ", "O\"<>&,;", "Zoë", "", "ليلى\u{200D}", "李小龍", "A. B.", "a  b"]
    var sent: [(due: DueDelivery, message: ComposedMessage)] = []
    for id in Int64(1)...300 {
        let language: Language = [.arabic, .english, .french][Int(id % 3)]
        let due = try Compose.due(id, language, values: ["name": names[Int(id) % names.count]])
        sent.append((due, try composer.compose(due)))
    }
    for (mail, sent) in zip(try PythonMail.read(sent.map(\.message.bytes)), sent) {
        let name = sent.due.values["name"] ?? ""
        let variant = try #require(Compose.bulletin.variants[sent.due.language.rawValue])
        #expect(mail.defects.isEmpty)
        #expect(mail.headers.map(\.name) == publicHeaders)
        #expect(mail.mailboxes["to"]?.first?.name == HeaderValue(cleaning: name).description)
        #expect(mail.mailboxes["to"]?.map(\.address) == ["reader@example.org"])
        #expect(mail.header("subject").map { Array($0.utf8) } == (try variant.subject.filled(with: [:])))
        let token = try Compose.keyring().unsubscribeToken(for: sent.due.id)
        let values = [
            "name": name, "email": "reader@example.org",
            "unsubscribe_url": "https://n.moi.example/u/\(token)",
            "message_id": String(sent.message.messageID.dropFirst().dropLast()),
        ]
        #expect(mail.text.map { Array($0.utf8) } == CanonicalText.crlf(try variant.text.filled(with: values)))
        #expect(mail.html.map { Array($0.utf8) } == CanonicalText.crlf(try variant.html.filled(with: values)))
    }
}

@Test func `a retry has the same bytes, whoever makes it`() throws {
    let due = try Compose.due(5, .french, values: ["name": "Zoë", "city": "Tunis"])
    var again = due
    again.attempts = 3
    again.dueAt = again.dueAt + .seconds(3600)
    let first = try Compose.composer().compose(due)
    #expect(try Compose.composer().compose(again) == first)
    #expect(try Compose.composer().compose(Compose.due(6, .french)).messageID != first.messageID)
}

@Test func `the envelope and the link lead back to the delivery`() throws {
    let keys = try Compose.keyring()
    let message = try Compose.composer().compose(Compose.due(77))
    let parts = message.envelope.sender.split(separator: "@")
    #expect(parts.count == 2 && parts.last == "bounces.moi.example")
    #expect(keys.delivery(fromEnvelope: String(parts[0])) == DeliveryID(rawValue: 77))
    #expect(message.envelope.recipient.text == "reader@example.org")
    #expect(message.messageID.hasPrefix("<") && message.messageID.hasSuffix("@moi.example>"))
}

@Test(arguments: [
    "\r\nBcc: evil@example.org", "a\nBcc: evil@example.org", "a\r\n\u{301}\r\nBcc: evil@example.org",
    "نشرة\u{2028}Bcc: evil@example.org", "\0\r\n.\r\nMAIL FROM:<evil@example.org>",
    "=?utf-8?q?=0D=0ABcc:_evil@example.org?=",
    "%0d%0aBcc: evil@example.org", "\" <evil@example.org>, \"", "</p><script>alert(1)</script>",
    "\"\u{301} onmouseover=x",
    "\u{202E}lave", "a\u{85}b",
])
func `a hostile name stays a name`(_ name: String) throws {
    let message = try Compose.composer().compose(Compose.due(9, .english, values: ["name": name]))
    let mail = try read(message)
    #expect(mail.headers.map(\.name) == publicHeaders)
    #expect(mail.mailboxes["to"]?.map(\.address) == ["reader@example.org"])
    #expect(mail.html?.utf8.firstRange(of: Array("<script".utf8)) == nil)
    #expect(mail.html?.utf8.firstRange(of: Array("Dear \"".utf8)) == nil)
    try MessageWriter.check(message.bytes)
    #expect(message.bytes.allSatisfy { $0 < 0x80 })
}

@Test func `a subject with a merge field is filled, cleaned and encoded`() throws {
    var bulletin = Compose.bulletin
    bulletin.variants["ar"]?.subject = MergeTemplate(segments: [
        .bytes(Array("تنبيه إلى ".utf8)),
        .slot(field: "city", fallback: Array("الجميع".utf8), escaping: .header),
    ])
    let composer = try Compose.composer(bulletin)
    let values = ["city": "عدن\r\nBcc: x@example.org"]
    let mails = try PythonMail.read([
        composer.compose(Compose.due(1, values: values)).bytes, composer.compose(Compose.due(2)).bytes,
    ])
    #expect(mails.map { $0.header("subject") } == ["تنبيه إلى عدن Bcc: x@example.org", "تنبيه إلى الجميع"])
    #expect(mails.allSatisfy { $0.headers.map(\.name) == publicHeaders && $0.defects.isEmpty })
}

@Test func `an address that is not ASCII stands in To as it is on the wire`() throws {
    let message = try Compose.composer().compose(Compose.due(1, address: "محمد@مثال.إختبار"))
    let line = Array("To: محمد@xn--mgbh0fb.xn--kgbechtv\r\n".utf8)
    #expect(message.bytes.firstRange(of: line) != nil)
}

@Test func `a missing variant or value is a fault that names it`() throws {
    #expect(throws: ComposeFault.noVariant(try #require(Language(rawValue: "de")))) {
        try Compose.composer().compose(Compose.due(1, #require(Language(rawValue: "de"))))
    }
    var bulletin = Compose.bulletin
    bulletin.variants["en"]?.text = MergeTemplate(segments: [
        .slot(field: "city", fallback: nil, escaping: .text)
    ])
    let composer = try Compose.composer(bulletin)
    #expect(throws: ComposeFault.merge(.missingValue(field: "city"))) {
        try composer.compose(Compose.due(1, .english))
    }
}

/// A change that spoils one setting, and the key that the error must name.
private struct BadSetting: Sendable, CustomTestStringConvertible {
    let key: String
    let change: @Sendable (inout CampaignSettings) -> Void
    var testDescription: String { key }

    init(_ key: String, _ change: @escaping @Sendable (inout CampaignSettings) -> Void) {
        self.key = key
        self.change = change
    }
}

@Test(
    arguments: [
        BadSetting("sender.address", { $0.fromAddress = "a b@moi.example" }),
        BadSetting("sender.address", { $0.fromAddress = "نشرة@moi.example" }),
        BadSetting("sender.reply_to", { $0.replyTo = "x\r\nBcc: y@moi.example" }),
        BadSetting("sender.envelope_domain", { $0.envelopeDomain = "-" }),
        BadSetting("sender.message_id_domain", { $0.messageIDDomain = "a>b.example" }),
        BadSetting("list.help", { $0.helpURL = "ftp://moi.example" }),
        BadSetting("list.owner", { $0.ownerAddress = "nobody" }),
        BadSetting("unsubscribe.url", { $0.unsubscribeURL = "https://moi.example/u" }),
        BadSetting("unsubscribe.url", { $0.unsubscribeURL = "http://moi.example/{token}" }),
        BadSetting("unsubscribe.url", { $0.unsubscribeURL = "https://moi.example/{token}/{token}" }),
        BadSetting("unsubscribe.mailbox", { $0.unsubscribeMailbox = "u@moi.example" }),
        BadSetting("unsubscribe.mailbox", { $0.unsubscribeMailbox = "u+{token}@" }),
        BadSetting("feedback_id.sender", { $0.feedbackSender = "a:b:c" }),
        BadSetting("unsubscribe.mailbox", { $0.unsubscribeMailbox = "unsubscribe-me+{token}@moi.example" }),
        BadSetting("feedback_id.sender", { $0.feedbackSender = "abcd" }),
    ]
)
private func `a setting that no message can carry is refused by its name`(_ bad: BadSetting) {
    let fault = #expect(throws: UserError.self) { try Compose.composer(Compose.bulletin, bad.change) }
    #expect(fault?.status == .configuration)
    #expect(fault?.message.hasPrefix(bad.key) == true, "\(fault?.message ?? "")")
    #expect(fault?.remedy.contains(bad.key) == true)
}

@Test func `names and list identifiers that no header can carry are refused before anything is sent`() {
    for change in [
        { $0.fromName["ar"] = "a\r\nBcc: x" }, { $0.listName["ar"] = "a\u{2028}" }, { $0.listID = "a b" },
    ] as [(inout CampaignSettings) -> Void] {
        let fault = #expect(throws: UserError.self) { try Compose.composer(Compose.bulletin, change) }
        #expect(fault?.message.isEmpty == false)
    }
}

@Test func `a link for leaving that leads nowhere is refused before anything is sent`() {
    let fault = #expect(throws: UserError.self) {
        try Compose.composer {
            $0.unsubscribeURL = nil
            $0.unsubscribeMailbox = nil
        }
    }
    #expect(fault?.status == .configuration)
    #expect(fault?.remedy.contains("unsubscribe.url") == true)
}

@Test func `a subject that is two lines is refused before anything is sent`() {
    var bulletin = Compose.bulletin
    bulletin.variants["fr"]?.subject = MergeTemplate(fixed: "Alerte\r\nBcc: x")
    let fault = #expect(throws: UserError.self) { try Compose.composer(bulletin) }
    #expect(fault?.status == .badData)
    #expect(fault?.message.contains("“fr”") == true)
}
