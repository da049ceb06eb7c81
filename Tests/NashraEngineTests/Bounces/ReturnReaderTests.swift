// SPDX-License-Identifier: Apache-2.0
//
// Whose a returned message is and what it is for: proof by MAC, the first thing that looks like ours decides.
import NashraCore
import NashraKeys
import Testing

@testable import NashraEngine

@Suite struct ReturnReaderTests {
    private let delivery = DeliveryID(rawValue: 4_711)
    private let domain = "bounces.moi.example"

    private func read(_ bytes: [UInt8], envelopeRecipient: String? = nil) throws -> ReadReturn {
        let reader = ReturnReader(
            keyring: try Compose.keyring(),
            unsubscribeMailbox: "Leave+{token}@moi.example"
        )
        let mail = ReturnedMail(id: "1", bytes: bytes, envelopeRecipient: envelopeRecipient)
        return reader.read(mail, source: "test", receivedAt: Timestamp(rawValue: 1))
    }

    private func sender() throws -> String {
        try Compose.keyring().envelopeSender(for: delivery, domain: domain)
    }

    /// The address with another character at a place of its token.
    private func wrong(_ address: String, at place: Int = 9) -> String {
        var bytes = Array(address.utf8)
        bytes[place] = bytes[place] == UInt8(ascii: "q") ? UInt8(ascii: "z") : UInt8(ascii: "q")
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `the address that it came to proves whose it is, in any case of its letters`() throws {
        let sender = try sender()
        for address in [sender, sender.uppercased()] {
            #expect(try read(Returned.bounce(to: address)).entry.tie == .proven(delivery, by: .envelope))
        }
        let other = Returned.bounce(to: "postmaster@moi.example")
        #expect(try read(other, envelopeRecipient: sender).entry.tie == .proven(delivery, by: .envelope))
        #expect(try read(other).entry.tie == .untied)
    }

    @Test(arguments: 2..<31)
    func `one wrong character anywhere in the token is a forgery`(place: Int) throws {
        #expect(try read(Returned.bounce(to: wrong(try sender(), at: place))).entry.tie == .forged)
    }

    @Test func `a forged address is not mended by a right one behind it`() throws {
        let sender = try sender()
        let both = Returned.bounce(to: "\(wrong(sender))>, <\(sender)")
        #expect(try read(both).entry.tie == .forged)
        #expect(try read(Returned.bounce(to: sender), envelopeRecipient: wrong(sender)).entry.tie == .forged)
    }

    @Test func `what only resembles our addresses is nobody's forgery`() throws {
        for address in [
            "b+tree@moi.example", "b+\(String(repeating: "1", count: 29))@moi.example", "b@moi.example",
        ] {
            #expect(try read(Returned.bounce(to: address)).entry.tie == .untied, "\(address)")
        }
    }

    @Test func `our Message-ID inside the original proves whose it is`() throws {
        let name = try Compose.keyring().messageID(for: delivery, domain: "moi.example")
        let quoted = String(decoding: Returned.bounce(to: "x@moi.example"), as: UTF8.self)
            .replacing("<other@moi.example>", with: name)
        #expect(try read(Array(quoted.utf8)).entry.tie == .proven(delivery, by: .messageID))
        let forged = quoted.replacing(name, with: "<\(wrong(String(name.dropFirst())))")
        #expect(try read(Array(forged.utf8)).entry.tie == .forged)
    }

    @Test func `a report that names a hundred others is about the one whose token it carries`() throws {
        let more = (0..<100).map {
            "\nFinal-Recipient: rfc822; victim\($0)@example.org\nAction: failed\nStatus: 5.1.1\n"
        }
        let read = try read(Returned.bounce(to: try sender(), more: more.joined()))
        #expect(read.entry.tie == .proven(delivery, by: .envelope))
        #expect(read.entry.verdict.recipients.count > 50)
    }

    @Test func `a probe's address proves which probe it is, and is no delivery's`() throws {
        let probe = try Compose.keyring().probeSender(for: 12, domain: domain)
        #expect(try read(Returned.bounce(to: probe)).entry.tie == .probe(ProbeID(rawValue: 12)))
        #expect(try read(Returned.bounce(to: wrong(probe))).entry.tie == .forged)
        // The same token under the other prefix means nothing.
        let swapped = "b" + probe.dropFirst()
        #expect(try read(Returned.bounce(to: swapped)).entry.tie == .forged)
    }

    @Test func `a person's answer is a reply with all its bytes, and a machine's is not`() throws {
        let name = try Compose.keyring().messageID(for: delivery, domain: "moi.example")
        let letter = Returned.letter(answers: name, text: "وصلتني رسالة مشبوهة")
        let reply = try read(letter)
        #expect(reply.entry.purpose == .reply)
        #expect(reply.entry.tie == .proven(delivery, by: .messageID))
        #expect(reply.entry.raw == letter)
        #expect(!reply.isForPeople)
        for mark in ["Auto-Submitted: auto-replied\n", "Precedence: bulk\n", "List-Id: <x.example>\n"] {
            #expect(try read(Returned.letter(answers: name, more: mark)).entry.purpose == .report, "\(mark)")
        }
        let again = Returned.letter(answers: name, more: "X-Nashra-Forwarded: c-2026-0001\n")
        #expect(try read(again).entry.purpose == .report)
    }

    @Test func `a letter that answers nothing of ours is for people, and newsletters and forgeries are not`()
        throws
    {
        #expect(try read(Returned.letter()).isForPeople)
        #expect(try !read(Returned.letter(more: "List-Id: <news.example>\nPrecedence: bulk\n")).isForPeople)
        let forged = Returned.letter(answers: "<m1\(String(repeating: "a", count: 29))@moi.example>")
        #expect(try read(forged).entry.tie == .forged)
        #expect(try !read(forged).isForPeople)
    }

    @Test func `a letter to the unsubscribe address leaves, by its token and not from a machine`() throws {
        let token = try Compose.keyring().unsubscribeToken(for: delivery)
        let left = try read(Returned.letter(to: "leave+\(token)@MOI.example"))
        #expect(left.entry.purpose == .unsubscribe)
        #expect(left.entry.tie == .proven(delivery, by: .unsubscribeToken))
        let machine = Returned.letter(
            to: "leave+\(token)@moi.example",
            more: "Auto-Submitted: auto-replied\n"
        )
        #expect(try read(machine).entry.purpose == .report)
        let forged = try read(Returned.letter(to: "leave+\(token.dropLast())a@moi.example"))
        #expect(forged.entry.tie == .forged || token.hasSuffix("a"))
        #expect(try read(Returned.letter(to: "leave@moi.example")).entry.tie == .untied)
    }

    @Test func `one mail handed over for two of our recipients is two, and for others it is one`() throws {
        let bytes = Returned.bounce(to: "undisclosed@mx.example.org")
        let other = try Compose.keyring().envelopeSender(for: DeliveryID(rawValue: 5), domain: domain)
        let first = try read(bytes, envelopeRecipient: try sender()).entry.digest
        #expect(first != (try read(bytes, envelopeRecipient: other).entry.digest))
        #expect(first == (try read(bytes, envelopeRecipient: try sender().uppercased()).entry.digest))
        #expect(try read(bytes, envelopeRecipient: "a@b.example").entry.digest == read(bytes).entry.digest)
        #expect(first.count == 32)
    }

    @Test func `of strangers no more is kept than shows what it is, of understood bounces nothing`() throws {
        let long = Returned.letter(text: String(repeating: "x", count: 1 << 20))
        #expect(try read(long).entry.raw?.count == ReturnReader.keptBytesOfStrangers)
        #expect(try read(Returned.bounce(to: try sender())).entry.raw == nil)
    }

    @Test func `a notification counts by our own names only, and not at all when it is not believed`() throws
    {
        let reader = ReturnReader(keyring: try Compose.keyring())
        var notification = TrustedNotification(
            id: "ses:1",
            verdict: BounceVerdict(kind: .complaint, evidence: .notification),
            isBelieved: true,
            isUnsubscribe: false,
            envelopeSender: nil,
            messageIDs: [try Compose.keyring().messageID(for: delivery, domain: "moi.example")],
            at: Timestamp(rawValue: 1)
        )
        #expect(reader.entry(for: notification, source: "ses").tie == .proven(delivery, by: .notification))
        notification.isUnsubscribe = true
        #expect(reader.entry(for: notification, source: "ses").purpose == .unsubscribe)
        notification.isBelieved = false
        #expect(reader.entry(for: notification, source: "ses").tie == .forged)
        #expect(reader.entry(for: notification, source: "ses").purpose == .report)
        notification.isBelieved = true
        notification.messageIDs = ["<0101@eu-west-1.amazonses.com>"]
        #expect(reader.entry(for: notification, source: "ses").tie == .untied)
    }
}
