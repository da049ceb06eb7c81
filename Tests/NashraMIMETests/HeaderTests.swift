// SPDX-License-Identifier: Apache-2.0
//
// Headers: what they refuse, how they fold, and that Python reads back what went in.
import NashraCore
import NashraMIME
import NashraTestKit
import Testing

@Test(arguments: [
    "", "Sub ject", "Subject:", "Ünsubscribe", "A\r\nB", "A\0", "بريد", String(repeating: "x", count: 77),
])
func `a bad header name is refused`(_ name: String) {
    #expect(throws: HeaderFault.badName) { try HeaderName(name) }
}

@Test func `every control and every line separator is refused in a value`() throws {
    let bad = (0..<0x20).map { UInt32($0) } + [0x7F] + Array(0x80...0x9F) + [0x2028, 0x2029]
    for value in bad {
        let scalar = try #require(Unicode.Scalar(value))
        #expect(throws: HeaderFault.control(at: 4)) { try HeaderValue("شي\(scalar)a") }
    }
    for good in ["", " ", "~", "\u{A0}", "\u{2027}", "\u{202A}", "\u{2030}", "شَدّة", "é"] {
        #expect(try HeaderValue(good).description == good)
    }
}

@Test(
    arguments: [[0xFF], [0xC3], [0xC0, 0x8A], [0xED, 0xA0, 0x80], [0xE2, 0x80], [0x41, 0xD8]] as [[UInt8]]
)
func `a value that is not UTF-8 is refused`(_ bytes: [UInt8]) {
    #expect(throws: HeaderFault.notUTF8) { try HeaderValue(bytes) }
}

@Test func `cleaning leaves nothing that a value refuses, and keeps what spelling needs`() throws {
    var random = SplitMix(state: 5)
    for _ in 0..<2_000 {
        let cleaned = HeaderValue(cleaning: String(decoding: Samples.bytes(&random), as: UTF8.self))
        #expect(try HeaderValue(cleaned.bytes) == cleaned)
    }
    #expect(HeaderValue(cleaning: " \t محمد\r\n\u{202E}علي \u{2066}x\u{2069}\0 ").description == "محمد علي x")
    #expect(HeaderValue(cleaning: "می\u{200C}خواهم").description == "می\u{200C}خواهم")
    #expect(HeaderValue(cleaning: "\r\n\u{2028}").bytes.isEmpty)
}

@Test func `the first Arabic word of a subject holds 39 bytes and the next 45`() throws {
    var block = HeaderBlock()
    block.append(.subject, text: try HeaderValue(String(repeating: "ش", count: 63)))
    let lines = lines(block.bytes).dropLast()
    #expect(lines.map(\.count) == [73, 73, 73])
    let words = lines.map { String(decoding: $0.drop { $0 != 61 }, as: UTF8.self) }
    #expect(words.map { $0.utf8.count - 12 } == [52, 60, 60])
}

@Test func `a letter keeps its marks when a subject is cut into words`() throws {
    // Each cluster is a letter with two marks, 6 bytes; 6 of them fit into 39 bytes, 7 into 45.
    let text = String(repeating: "ب\u{651}\u{64E}", count: 20)
    var block = HeaderBlock()
    block.append(.subject, text: try HeaderValue(text))
    let words = lines(block.bytes).dropLast().map { $0.drop { $0 != 61 }.dropFirst(10).dropLast(2) }
    #expect(words.map { $0.count / 4 * 3 } == [36, 42, 42])
}

@Test func `a cluster too long for a word is cut between scalars`() throws {
    let text = "a" + String(repeating: "\u{301}", count: 200)
    var block = HeaderBlock()
    block.append(.subject, text: try HeaderValue(text))
    let mail = try #require(try PythonMail.read([MessageWriter.sample(block)]).first)
    #expect(mail.defects.isEmpty)
    #expect(mail.header("subject")?.unicodeScalars.elementsEqual(text.unicodeScalars) == true)
}

@Test func `plain ASCII stays readable and folds at spaces`() throws {
    var block = HeaderBlock()
    block.append(.subject, text: try HeaderValue("Fraud alert"))
    block.append(.subject, text: try HeaderValue(String(repeating: "alert ", count: 20) + "end"))
    block.append(.subject, text: try HeaderValue(""))
    #expect(block.bytes.starts(with: "Subject: Fraud alert\r\nSubject: alert".utf8))
    #expect(lines(block.bytes).allSatisfy { $0.count <= 78 })
    #expect(lines(block.bytes).dropLast().last == Array("Subject:".utf8))
}

@Test(arguments: [
    ("Awareness Office", "From: Awareness Office <reader@example.org>"),
    ("Office, Fraud", "From: \"Office, Fraud\" <reader@example.org>"),
    ("O\"<>&,;\\", "From: \"O\\\"<>&,;\\\\\" <reader@example.org>"),
    ("=?x?=", "From: =?UTF-8?B?PT94Pz0=?= <reader@example.org>"),
    ("Évelyne", "From: =?UTF-8?Q?=C3=89velyne?= <reader@example.org>"),
    ("أمن", "From: =?UTF-8?B?2KPZhdmG?= <reader@example.org>"),
    ("", "From: reader@example.org"),
])
func `a display name takes the plainest form that is safe`(_ name: String, _ line: String) throws {
    var block = HeaderBlock()
    block.append(.from, mailbox: Mailbox(name: try HeaderValue(name), address: try Samples.address()))
    #expect(String(decoding: block.bytes, as: UTF8.self) == line + "\r\n")
}

@Test func `names and subjects of every script come back from Python as they went in`() throws {
    var random = SplitMix(state: 1)
    var sent: [(name: String, subject: String)] = []
    var messages: [[UInt8]] = []
    for _ in 0..<500 {
        let name = HeaderValue(cleaning: Samples.text(&random, length: 60))
        let subject = HeaderValue(cleaning: Samples.text(&random, length: 120))
        var block = HeaderBlock()
        block.append(.to, mailbox: Mailbox(name: name, address: try Samples.address()))
        block.append(.subject, text: subject)
        #expect(lines(block.bytes).allSatisfy { $0.count <= 78 })
        #expect(block.bytes.allSatisfy { $0 < 0x80 })
        sent.append((name.description, subject.description))
        messages.append(try MessageWriter.sample(block))
    }
    for (mail, sent) in zip(try PythonMail.read(messages), sent) {
        #expect(mail.defects.isEmpty, "\(sent)")
        #expect(mail.headers.map(\.name) == ["To", "Subject", "MIME-Version", "Content-Type"])
        #expect(mail.header("subject")?.unicodeScalars.elementsEqual(sent.subject.unicodeScalars) == true)
        #expect(mail.mailboxes["to"]?.map(\.address) == ["reader@example.org"])
        let box = try #require(mail.mailboxes["to"]?.first)
        #expect(
            box.olderName.unicodeScalars.elementsEqual(sent.name.unicodeScalars),
            "\(sent.name.debugDescription)"
        )
        if sent.name.utf8.count <= 45 {
            #expect(
                box.name.unicodeScalars.elementsEqual(sent.name.unicodeScalars),
                "\(sent.name.debugDescription)"
            )
        }
    }
}

@Test func `a long name is cut between words, where a reader that shows the fold does the least harm`() throws
{
    var block = HeaderBlock()
    let name = try HeaderValue("الإدارة العامة للتوعية الأمنية في وزارة الداخلية")
    block.append(.from, mailbox: Mailbox(name: name, address: try Samples.address()))
    let mail = try #require(try PythonMail.read([MessageWriter.sample(block)]).first)
    #expect(mail.mailboxes["from"]?.first?.olderName == name.description)
    let words = mail.mailboxes["from"]?.first?.name.split(separator: " ")
    #expect(words == name.description.split(separator: " "))
    #expect(lines(block.bytes).allSatisfy { $0.count <= 76 })
}

@Test func `no injection adds a header, a recipient or a line`() throws {
    var messages: [[UInt8]] = []
    for text in Samples.injections {
        let value = HeaderValue(cleaning: text)
        var block = HeaderBlock()
        block.append(.to, mailbox: Mailbox(name: value, address: try Samples.address()))
        block.append(.subject, text: value)
        messages.append(try MessageWriter.sample(block))
    }
    for (mail, text) in zip(try PythonMail.read(messages), Samples.injections) {
        #expect(mail.headers.map(\.name) == ["To", "Subject", "MIME-Version", "Content-Type"], "\(text)")
        #expect(mail.mailboxes["to"]?.map(\.address) == ["reader@example.org"], "\(text)")
        #expect(mail.header("subject") == HeaderValue(cleaning: text).description)
        #expect(mail.defects.isEmpty, "\(text)")
    }
}

@Test func `random bytes are refused or stay inside their header`() throws {
    var random = SplitMix(state: 2)
    var accepted = 0
    for _ in 0..<10_000 {
        guard let value = try? HeaderValue(Samples.bytes(&random)) else { continue }
        accepted += 1
        var block = HeaderBlock()
        block.append(.subject, text: value)
        block.append(.to, mailbox: Mailbox(name: value, address: try Samples.address()))
        let starts = lines(block.bytes).dropLast().filter { $0.first != 0x20 }
        #expect(starts.count == 2)
        #expect(block.bytes.allSatisfy { $0 < 0x80 && ($0 >= 0x20 || $0 == 13 || $0 == 10) })
    }
    #expect(accepted > 250)
}

@Test func `a machine's tokens must be short ASCII`() throws {
    var block = HeaderBlock()
    let name = try HeaderName("Feedback-ID")
    #expect(throws: HeaderFault.notASCII) { try block.append(name, tokens: [HeaderValue("نشرة")]) }
    let long = try HeaderValue(String(repeating: "x", count: 901))
    #expect(throws: HeaderFault.lineTooLong) { try block.append(name, tokens: [long]) }
    #expect(block.bytes.isEmpty, "nothing is written of a header that is refused")
}
