// SPDX-License-Identifier: Apache-2.0
//
// What the fuzz tool found, and what should hold instead. Rules: docs/testing.md, "Fuzzing".
import NashraBounce
import NashraCore
import Testing

@Suite struct FuzzFindingsTests {
    private func verdict(_ group: String) -> BounceVerdict {
        let mail = """
            From: MAILER-DAEMON@mx.example.org
            Content-Type: multipart/report; report-type=delivery-status; boundary=b

            --b
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mx.example.org

            \(group)
            --b--
            """
        return BounceClassifier().classify(Array(mail.utf8)).verdict
    }

    @Test func `two digits before a dash are no reply code`() {
        let verdict = verdict(
            "Final-Recipient: rfc822; a@example.org\nAction: failed\nDiagnostic-Code: smtp; #55-5.1.1 no such user"
        )
        #expect(verdict.kind == .hard)
        #expect(verdict.recipients.map(\.address) == ["a@example.org"])
    }

    @Test func `an address has no controls and turns no text round, however they got into it`() {
        for address in [
            "rfc822; a@example.org\u{0}", "utf-8; a\\x{0A}@example.org", "rfc822; \u{202E}a@example.org",
        ] {
            let verdict = verdict("Final-Recipient: \(address)\nAction: failed\nStatus: 5.1.1")
            #expect(verdict.recipients.map(\.address) == ["a@example.org"], "\(address)")
        }
        let arabic = verdict("Final-Recipient: utf-8; نشرة@مثال.مصر\nAction: failed\nStatus: 5.1.1")
        #expect(arabic.recipients.map(\.address) == ["نشرة@مثال.مصر"])
    }

    @Test func `an address that a notification names twice counts once`() {
        let json =
            #"{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"a@example.org"},"#
            + #"{"emailAddress":"A@example.org"}]}}"#
        let mail = "x-amz-sns-message-id: 1\nSubject: AWS Notification Message\n\n\(json)\n"
        let verdict = BounceClassifier().classify(Array(mail.utf8)).verdict
        #expect(verdict.kind == .complaint)
        #expect(verdict.recipients.map(\.address) == ["a@example.org"])
    }

    @Test func `a sender of bytes that are no UTF-8 stays within 320 bytes`() throws {
        let local = (0..<120).flatMap { _ in [0xAF, UInt8(ascii: "/")] as [UInt8] }
        let mail = Array("From: ".utf8) + local + Array("@example.org\nSubject: x\n\n".utf8)
        let sender = try #require(BounceClassifier().classify(mail).sender)
        #expect(sender.utf8.count <= 320)
    }
}
