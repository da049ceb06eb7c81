// SPDX-License-Identifier: Apache-2.0
//
// Signatures made by openssl, whole, tampered with, missing, old, and of others.
import Foundation
import NashraCore
import NashraProviders
import Testing

@Suite struct SNSTests {
    private let ssl: OpenSSL
    private var keys = ProviderKeys()

    init() throws {
        ssl = try OpenSSL()
        try keys.addSNSCertificates(pem: ssl.certificate(), file: "sns.pem")
        keys.snsTopics = [Envelope(message: "").topic]
    }

    private func trust(_ json: String, keys: ProviderKeys? = nil) -> ProviderEvent.Trust? {
        let reading = read(json, .ses, keys: keys ?? self.keys)
        #expect(reading.events.count == 1)
        return reading.events.first?.trust
    }

    @Test(arguments: ["1", "2"])
    func `what SNS signed for our topic is believed, and nothing else`(_ version: String) throws {
        defer { ssl.remove() }
        var envelope = Envelope(message: sesBounce(), version: version)
        let good = try envelope.signed(ssl)
        #expect(trust(good) == .signed)
        envelope.subject = nil
        #expect(try trust(envelope.signed(ssl)) == .signed)
        #expect(trust(good.replacing("ali@example.org", with: "eve@example.org")) == .forged)
        #expect(trust(good.replacing(envelope.time, with: "2030-01-01T00:00:00Z")) == .forged)
        #expect(
            trust(good.replacing("\"SignatureVersion\":\"\(version)\"", with: "\"SignatureVersion\":\"3\""))
                == .forged
        )
        #expect(trust(good.replacing("nashra-", with: "other-")) == .forged)
        var none = keys
        none.snsTopics = []
        #expect(trust(good, keys: none) == .forged)
        #expect(trust(good, keys: ProviderKeys()) == .forged)
        envelope.topic = "arn:aws:sns:eu-central-1:666666666666:theirs"
        #expect(try trust(envelope.signed(ssl)) == .forged, "everybody's topics are signed with the same key")
        #expect(try trust(Envelope(message: sesBounce()).json(signature: "AAAA")) == .forged)
        #expect(try trust(Envelope(message: sesBounce()).json(signature: "!")) == .forged)
    }

    @Test func `a certificate from elsewhere makes a forgery of it`() throws {
        defer { ssl.remove() }
        let elsewhere = [
            "https://sns.eu-central-1.amazonaws.com.evil.example/x.pem",
            "http://sns.eu-central-1.amazonaws.com/x.pem",
            "https://sns.eu-central-1.amazonaws.com/x.txt",
            "https://sns.eu-central-1.amazonaws.com@evil.example/x.pem",
            "https://sns.evil.example/amazonaws.com/x.pem", "https://s3.eu-central-1.amazonaws.com/x.pem",
            "https://sns..amazonaws.com/x.pem", "https://sns.eu-central-1.amazonaws.com:8443/x.pem", "",
            "https://sns.eu-central-1.amazonaws.com?/x.pem", "https://sns.a.b.amazonaws.com/x.pem",
        ]
        for url in elsewhere {
            #expect(try trust(Envelope(message: sesBounce(), url: url).signed(ssl)) == .forged, "\(url)")
        }
    }

    @Test func `China's regions are Amazon's too`() throws {
        defer { ssl.remove() }
        let url = "https://sns.cn-north-1.amazonaws.com.cn/x.pem"
        #expect(try trust(Envelope(message: sesBounce(), url: url).signed(ssl)) == .signed)
    }

    @Test func `a certificate counts only within its time, and any of several may have signed`() throws {
        defer { ssl.remove() }
        #expect(
            try trust(Envelope(message: sesBounce(), time: "2001-01-01T00:00:00.000Z").signed(ssl)) == .forged
        )
        #expect(
            try trust(Envelope(message: sesBounce(), time: "2099-01-01T00:00:00.000Z").signed(ssl)) == .forged
        )
        var both = ProviderKeys()
        both.snsTopics = keys.snsTopics
        try both.addSNSCertificates(pem: ssl.certificate("next"), file: "next.pem")
        try both.addSNSCertificates(
            pem: String(contentsOfFile: ssl.path("sns.pem"), encoding: .utf8),
            file: "sns.pem"
        )
        #expect(try trust(Envelope(message: sesBounce()).signed(ssl), keys: both) == .signed)
    }

    @Test func `a file without a certificate, or with a chain that does not hold, is refused`() throws {
        defer { ssl.remove() }
        var keys = ProviderKeys()
        let other = try ssl.certificate("other")
        let own = try String(contentsOfFile: ssl.path("sns.pem"), encoding: .utf8)
        for pem in [
            "", "شهادة", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", own + other,
        ] {
            let error = #expect(throws: UserError.self) {
                try keys.addSNSCertificates(pem: pem, file: "x.pem")
            }
            #expect(error?.status == .configuration)
        }
        // Signed by itself: a chain of two that holds.
        try keys.addSNSCertificates(pem: own + own, file: "x.pem")
    }

    @Test func `a question about a subscription is shown with its address, when SNS asks it`() throws {
        defer { ssl.remove() }
        let url = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
        let (topic, time) = (Envelope(message: "").topic, Envelope(message: "").time)
        let text =
            "Message\nm\nMessageId\ni\nSubscribeURL\n\(url)\nTimestamp\n\(time)\nToken\nt\nTopicArn\n"
            + "\(topic)\nType\nSubscriptionConfirmation\n"
        let signature = try ssl.run(
            ["dgst", "-sha256", "-sign", ssl.path("sns.key")],
            input: Array(text.utf8)
        )
        var fields = [
            "Type": "SubscriptionConfirmation", "MessageId": "i", "Message": "m", "SubscribeURL": url,
            "Token": "t",
            "Timestamp": time, "TopicArn": topic, "SignatureVersion": "2",
            "SigningCertURL": Envelope(message: "").url, "Signature": Data(signature).base64EncodedString(),
        ]
        let asked = read(String(decoding: try JSONEncoder().encode(fields), as: UTF8.self), .ses, keys: keys)
        #expect(asked.events.isEmpty)
        #expect(asked.findings.first?.remedy.contains(url) == true)
        fields["SubscribeURL"] = "https://evil.example/"
        let forged = read(String(decoding: try JSONEncoder().encode(fields), as: UTF8.self), .ses, keys: keys)
        #expect(forged.findings.first?.description.contains("evil") == false)
    }

    @Test func `SES without SNS bears no signature, and counts only when that is allowed`() {
        defer { ssl.remove() }
        #expect(trust(sesBounce()) == .forged)
        var open = keys
        open.allowsUnsigned = [.ses]
        #expect(trust(sesBounce(), keys: open) == .unsigned)
    }

    @Test func `permission to come unsigned does not excuse a wrong signature`() throws {
        defer { ssl.remove() }
        var open = keys
        open.allowsUnsigned = [.ses]
        #expect(try trust(Envelope(message: sesBounce()).json(signature: "AAAA"), keys: open) == .forged)
    }
}

@Suite struct SendGridSignatureTests {
    private let body =
        #"[{"email":"علي@example.org","event":"spamreport","sg_event_id":"e1","timestamp":1795338000}]"#
    private let time = "1795338000"

    private func trust(_ body: String, _ headers: SignatureHeaders?, _ keys: ProviderKeys) -> ProviderEvent
        .Trust?
    {
        ProviderNotification.read(
            Array(body.utf8),
            provider: .sendgrid,
            keys: keys,
            signature: headers,
            now: now
        )
        .events.first?.trust
    }

    @Test func `the body as it came is signed with the account's key`() throws {
        let ssl = try OpenSSL()
        defer { ssl.remove() }
        try ssl.run(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", ssl.path("ec.key")])
        let der = try ssl.run(["ec", "-in", ssl.path("ec.key"), "-pubout", "-outform", "DER"])
        let pem = try ssl.run(["ec", "-in", ssl.path("ec.key"), "-pubout"])
        let signature = Data(
            try ssl.run(["dgst", "-sha256", "-sign", ssl.path("ec.key")], input: Array((time + body).utf8))
        ).base64EncodedString()
        let headers = SignatureHeaders(signature: signature, timestamp: time)
        var keys = ProviderKeys()
        #expect(trust(body, headers, keys) == .forged)
        for key in [Data(der).base64EncodedString(), String(decoding: pem, as: UTF8.self)] {
            keys.sendGridKey = key
            #expect(trust(body, headers, keys) == .signed)
            #expect(trust(body + "\n", headers, keys) == .forged)
            #expect(trust(body.replacing("e1", with: "e2"), headers, keys) == .forged)
            #expect(
                trust(body, SignatureHeaders(signature: signature, timestamp: "1795338001"), keys) == .forged
            )
            #expect(trust(body, SignatureHeaders(signature: "?", timestamp: time), keys) == .forged)
            #expect(trust(body, nil, keys) == .forged)
        }
        keys.allowsUnsigned = [.sendgrid]
        #expect(trust(body, nil, keys) == .unsigned)
        #expect(trust(body + " ", headers, keys) == .forged)
        keys.sendGridKey = "مفتاح"
        #expect(trust(body, headers, keys) == .forged)
    }
}

@Suite struct MailgunSignatureTests {
    private let time = now.rawValue / 1000

    private func webhook(_ signature: [UInt8], time: Int64, token: String = "tok", id: String = "e1")
        -> String
    {
        let hex = signature.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return """
            {"signature":{"timestamp":"\(time)","token":"\(token)","signature":"\(hex)"},"event-data":{"event":"complained",\
            "id":"\(id)","timestamp":\(time).25,"recipient":"علي@example.org"}}
            """
    }

    @Test func `the signing key proves a webhook, lately and once a token`() throws {
        let ssl = try OpenSSL()
        defer { ssl.remove() }
        func sign(_ time: Int64, token: String = "tok") throws -> [UInt8] {
            try ssl.run(
                ["dgst", "-sha256", "-hmac", "key-سر", "-binary"],
                input: Array("\(time)\(token)".utf8)
            )
        }
        var keys = ProviderKeys()
        let good = try webhook(sign(time), time: time)
        #expect(read(good, .mailgun, keys: keys).events.map(\.trust) == [.forged])
        keys.mailgunKey = Secret("key-سر")
        #expect(read(good, .mailgun, keys: keys).events.map(\.trust) == [.signed])
        #expect(read(good + good, .mailgun, keys: keys).events.map(\.trust) == [.signed, .signed])
        let other = try webhook(sign(time), time: time, id: "e2")
        #expect(read(good + other, .mailgun, keys: keys).events.map(\.trust) == [.signed, .forged])
        let old = try webhook(sign(time - 86_401), time: time - 86_401)
        #expect(read(old, .mailgun, keys: keys).events.map(\.trust) == [.forged])
        #expect(
            read(good.replacing("\"tok\"", with: "\"tik\""), .mailgun, keys: keys).events.map(\.trust) == [
                .forged
            ]
        )
        keys.mailgunKey = Secret("key-other")
        #expect(read(good, .mailgun, keys: keys).events.map(\.trust) == [.forged])
        keys.allowsUnsigned = [.mailgun]
        #expect(read(good, .mailgun, keys: keys).events.map(\.trust) == [.forged])
        let bare = #"{"event-data":{"event":"complained","id":"e1","recipient":"a@example.org"}}"#
        #expect(read(bare, .mailgun, keys: keys).events.map(\.trust) == [.unsigned])
    }

    @Test func `a forged event does not take the name of the true one`() throws {
        let forged = read(webhook([], time: time), .mailgun, keys: ProviderKeys()).events
        #expect(forged.first?.id.hasPrefix("mailgun:forged-") == true)
        #expect(read(webhook([], time: time), .mailgun, keys: ProviderKeys()).events == forged)
    }
}
