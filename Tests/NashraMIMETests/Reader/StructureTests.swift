// SPDX-License-Identifier: Apache-2.0
//
// The parts of messages: as Python's email package sees them, and where mailers break the rules.
import Foundation
import NashraMIME
import Testing

@Suite struct StructureTests {
    private func message(_ text: String) -> MIMEMessage { MIMEMessage(Array(text.utf8)) }

    private func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private func types(_ message: MIMEMessage) -> [String] { message.parts.map(\.mediaType) }

    /// Where we read on and Python gives up.
    private static let readFurther = [
        "sisimai-lhost-apachejames-01.eml": "a multipart without boundary",
        "sisimai-lhost-office365-08.eml": "folded lines that lost their indent",
        "sisimai-rhost-google-06.eml": "plain text that claims to be base64, five letters long",
    ]

    @Test func `every example has the parts, fields and bodies that Python sees`() throws {
        let examples = Example.all
        try #require(examples.count > 90)
        let theirs = try PythonParts.read(examples.map(\.bytes))
        for (example, python) in zip(examples, theirs) where Self.readFurther[example.name] == nil {
            let mail = MIMEMessage(example.bytes)
            #expect(mail.limits.isEmpty, "\(example.name)")
            // Python opens neither a header that is returned alone, nor a message under base64.
            let ours = mail.parts.filter { part in
                guard let parent = part.parent else { return true }
                return mail.parts[parent].mediaType == "message/rfc822"
                    ? mail.parts[parent].encoding == .identity : mail.parts[parent].isMultipart
            }
            let parts = python.parts.filter { !$0.isGroup }
            #expect(ours.map(\.mediaType) == parts.map(\.type), "\(example.name)")
            for (our, part) in zip(ours, parts) {
                #expect(
                    our.header.fields.map { text(our.header.name(of: $0)) } == part.names,
                    "\(example.name)"
                )
                let values = our.header.fields.map { text(our.header.unfolded($0)) }
                #expect(values == part.values, "\(example.name)")
                if let body = part.body.flatMap({ Data(base64Encoded: $0) }), !our.isMultipart {
                    // Python drops a line end before a boundary that never comes.
                    let isCut =
                        our.body.upperBound == example.bytes.count
                        && our.decodedBody().dropLast() == Array(body)[...]
                    #expect(isCut || our.decodedBody() == Array(body), "\(example.name), \(our.mediaType)")
                }
            }
        }
    }

    @Test func `every delivery status has the groups that Python sees`() throws {
        let examples = Example.all
        let theirs = try PythonParts.read(examples.map(\.bytes))
        for (example, python) in zip(examples, theirs) {
            let statuses = MIMEMessage(example.bytes).parts.filter {
                $0.mediaType == "message/delivery-status"
            }
            let ours = statuses.flatMap { $0.fieldGroups() }
                .map { group in group.fields.map { text(group.name(of: $0)) } }
            let groups = python.parts.filter { $0.isStatus && !$0.names.isEmpty }
            #expect(ours == groups.map(\.names), "\(example.name)")
        }
    }

    @Test(arguments: ["\r\n", "\n", "\r"])
    func `the line end makes no difference`(_ end: String) {
        let lines = [
            "From: نشرة <a@example.org>", "Subject: one", "\ttwo", "Content-Type: multipart/mixed;",
            " boundary=\"b\"", "", "preamble", "--b", "", "first", "--b", "Content-Type: text/html", "",
            "second", "",
            "--b--", "epilogue",
        ]
        let mail = message(lines.joined(separator: end))
        #expect(types(mail) == ["multipart/mixed", "text/plain", "text/html"])
        #expect(mail.root.first("subject").map(text) == "one\ttwo")
        #expect(mail.root.first("FROM").map(text) == "نشرة <a@example.org>")
        #expect(text(mail.parts[1].rawBody) == "first")
        #expect(text(mail.parts[2].rawBody) == "second\(end)")
    }

    @Test func `a message inside is opened, and its parts are parts too`() {
        let mail = message(
            """
            Content-Type: multipart/report; report-type=delivery-status; boundary=outer

            --outer

            Sorry.
            --outer
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mx.example.org

            Final-Recipient: rfc822; a@example.net
            Action: failed
            Status: 5.1.1
            --outer
            Content-Type: message/rfc822

            Subject: bulletin
            Content-Type: multipart/alternative; boundary=inner

            --inner

            نشرة
            --inner
            Content-Type: text/html

            <p>
            --outer--
            """
        )
        #expect(
            types(mail) == [
                "multipart/report", "text/plain", "message/delivery-status", "message/rfc822",
                "multipart/alternative", "text/plain", "text/html",
            ]
        )
        #expect(mail.parts.map(\.depth) == [0, 1, 1, 1, 2, 3, 3])
        #expect(mail.parts.map(\.parent) == [nil, 0, 0, 0, 3, 4, 4])
        #expect(mail.parts.map(\.isMessage) == [true, false, false, false, true, false, false])
        #expect(mail.children(of: 0).map(\.index) == [1, 2, 3])
        #expect(mail.descendants(of: 3).map(\.index) == [4, 5, 6])
        #expect(mail.parts[4].first("subject").map(text) == "bulletin")
        #expect(text(mail.parts[5].text()) == "نشرة")
        #expect(text(mail.parts[6].rawBody) == "<p>")
        #expect(mail.parts[2].fieldGroups().compactMap { $0.first("status").map(text) } == ["5.1.1"])
        #expect(mail.root.parameter("Report-Type").map(text) == "delivery-status")
    }

    @Test func `a returned header is opened though no body follows`() {
        let mail = message(
            "Content-Type: text/rfc822-headers\n\nSubject: x\nMessage-ID: <1@example.org>\n"
        )
        #expect(types(mail) == ["text/rfc822-headers", "text/plain"])
        #expect(mail.parts[1].first("message-id").map(text) == "<1@example.org>")
        #expect(mail.parts[1].isMessage)
    }

    @Test func `a message under base64 or quoted-printable is decoded and opened`() {
        let inner =
            "Subject: =?utf-8?B?2YbYtNix2Kk=?=\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nبسم\n--i--\n"
        let base64 = Data(inner.utf8).base64EncodedString()
        let printable = inner.replacing("=", with: "=3D")
        for (name, body) in [("base64", base64), ("quoted-printable", printable)] {
            let mail = message(
                "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: message/rfc822\n"
                    + "Content-Transfer-Encoding: \(name)\n\n\(body)\n--o\n\nlast\n--o--\n"
            )
            #expect(
                types(mail) == [
                    "multipart/mixed", "message/rfc822", "multipart/mixed", "text/plain", "text/plain",
                ],
                "\(name)"
            )
            #expect(mail.parts.map(\.depth) == [0, 1, 2, 3, 1])
            #expect(mail.parts[2].first("subject").map { HeaderText.decode($0) } == "نشرة")
            #expect(text(mail.parts[3].text()) == "بسم")
            #expect(text(mail.parts[4].rawBody) == "last")
        }
    }

    @Test func `a message that only claims to be base64 is read as it stands`() {
        let mail = message(
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nSubject: plain\n\nbody\n"
        )
        #expect(mail.parts.last?.first("subject").map(text) == "plain")
    }

    @Test func `an encoded delivery status has its groups`() {
        let status = Data(
            "Reporting-MTA: dns; a\n\nFinal-Recipient: rfc822;b@example.org\nStatus: 5.2.2\n".utf8
        )
        let mail = message(
            "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n"
                + status.base64EncodedString()
        )
        #expect(mail.root.fieldGroups().count == 2)
        #expect(mail.root.fieldGroups().last?.first("status").map(text) == "5.2.2")
    }
}
