// SPDX-License-Identifier: Apache-2.0
//
// What the examples and Amazon SES's events mean, the latter written after the vendors' documentation.
import NashraCore
import NashraProviders
import Testing

@Suite struct ExampleTests {
    @Test(arguments: [
        ("amazonses-01", ["hard unknown-user 5.1.1 bounce@simulator.amazonses.com"]),
        ("amazonses-03", ["complaint - - complaint@simulator.amazonses.com"]),
        ("amazonses-04", ["delivered - - success@simulator.amazonses.com"]),
        ("amazonses-05", ["delivered - - complaint@simulator.amazonses.com"]),
        ("amazonses-06", ["hard unknown-user 5.1.1 bounce@simulator.amazonses.com"]),
        ("sendgrid-01", ["hard unknown-user - kijitora@example.ne.jp"]),
        (
            "sendgrid-02",
            ["hard unknown-user - kijitora@example.ne.jp", "soft mailbox-full 5.2.2 kijitora@example.co.jp"]
        ),
        ("sendgrid-03", ["hard unknown-user 5.1.1 kijitora@example.com"]),
        ("sendgrid-04", ["hard unknown-user - kijitora@example.com"]),
        ("sendgrid-05", ["hard unknown-user - kijitora@example.ne.jp"]),
        ("sendgrid-06", ["hard unknown-user 5.1.1 kijitora@example.co.jp"]),
        ("sendgrid-07", ["hard unknown-user 5.2.1 mikeneko@example.co.jp"]),
        ("sendgrid-08", ["hard unknown-user 5.1.1 sironeko@nyaan.example.jp"]),
        ("sendgrid-09", ["hard unknown-user 5.1.1 kijitora@nyaan.example.jp"]),
        ("sendgrid-10", ["hard unknown-user 5.1.1 kijitora@nyaan.example.jp"]),
        (
            "sendgrid-11",
            [
                "hard domain-unknown - neko@neko", "hard domain-unknown - kijitora@neko",
                "hard domain-unknown - sironeko@example.invalid",
            ]
        ),
        ("sendgrid-12", ["soft mailbox-full 5.2.2 mailboxfull@example.jp"]),
        ("sendgrid-13", ["delivered - - kijitora@example.com"]),
        ("sendgrid-14", ["soft suspended 5.7.13 kijitora@example.jp"]),
        ("sendgrid-15", ["complaint - - kijitora@example.com"]),
        ("sendgrid-16", ["complaint - - kijitora@outlook.example.com"]),
        ("sendgrid-17", ["complaint - - kijitora@mail.example.ru"]),
    ])
    func `each example means what it says`(_ name: String, _ expected: [String]) throws {
        let text = String(decoding: try example("json-\(name).json"), as: UTF8.self)
        let reading = read(text, name.hasPrefix("amazon") ? .ses : .sendgrid)
        #expect(reading.findings.isEmpty)
        let found = reading.events.map { event in
            let verdict = event.verdict
            let status = verdict.status.map(String.init(describing:)) ?? "-"
            let addresses = verdict.recipients.map(\.address).joined(separator: ",")
            return "\(verdict.kind.rawValue) \(verdict.reason?.rawValue ?? "-") \(status) \(addresses)"
        }
        #expect(found == expected)
        #expect(reading.events.allSatisfy { $0.verdict.evidence == .notification && $0.trust == .unsigned })
        #expect(Set(reading.events.map(\.id)).count == expected.count)
    }

    /// Amazon's certificate of that time is not at hand.
    @Test func `an example signed by Amazon itself is no less forged without its certificate`() throws {
        var keys = ProviderKeys()
        keys.snsTopics = ["arn:aws:sns:us-west-2:123456789012:SES-EJ-B"]
        let text = String(decoding: try example("json-amazonses-02.json"), as: UTF8.self)
        let reading = read(text, .ses, keys: keys)
        #expect(reading.events.map(\.trust) == [.forged])
        #expect(reading.events.map(\.verdict.kind) == [.hard])
        #expect(reading.findings.first?.message.contains("sns_certificates") == true)
    }
}

@Suite struct SESEventTests {
    @Test(arguments: [
        ("Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown", Expected(.hard, .unknownUser)),
        ("Permanent", "General", "5.0.0", "", Expected(.hard, .unknownUser)),
        ("Permanent", "General", "5.7.1", "smtp; 550 5.7.1 rejected by policy", Expected(.soft, .policy)),
        (
            "Permanent", "General", "5.7.1", "smtp; 554 5.7.1 listed in zen.spamhaus.org",
            Expected(.soft, .reputation)
        ),
        (
            "Permanent", "General", "5.2.2", "smtp; 552 5.2.2 صندوق البريد ممتلئ",
            Expected(.soft, .mailboxFull)
        ),
        ("Permanent", "General", "4.4.7", "smtp; 550 4.4.7 user unknown", Expected(.soft, .unknownUser)),
        ("Permanent", "General", "5.1.8", "smtp; 553 5.1.8 sender", Expected(.soft, .policy)),
        ("Permanent", "NoEmail", "5.7.1", "smtp; 550 5.7.1 blocked", Expected(.hard, .unknownUser)),
        (
            "Permanent", "Suppressed", "5.1.1", "Amazon SES has suppressed sending",
            Expected(.soft, .suspended)
        ),
        ("Permanent", "OnAccountSuppressionList", "5.1.1", "", Expected(.soft, .suspended)),
        ("Transient", "MailboxFull", "5.2.2", "", Expected(.soft, .mailboxFull)),
        ("Transient", "General", "5.1.1", "smtp; 550 5.1.1 user unknown", Expected(.soft, .unknownUser)),
        ("Transient", "ContentRejected", "5.1.1", "", Expected(.soft, .contentRefused)),
        ("Undetermined", "Undetermined", "5.0.0", "", Expected(.soft, .undefined)),
        ("Newest", "جديد", "5.1.1", "", Expected(.soft, .unknownUser)),
    ])
    func `a bounce is hard only when it is permanent and about the address`(
        _ type: String,
        _ subType: String,
        _ status: String,
        _ diagnostic: String,
        _ expected: Expected
    ) throws {
        let json = sesBounce(type: type, subType: subType, status: status, diagnostic: diagnostic)
        let event = try #require(read(json, .ses).events.first)
        #expect(event.verdict.kind == expected.kind)
        #expect(event.verdict.reason == expected.reason)
        #expect(event.verdict.action == .failed)
        #expect(event.verdict.rule == "ses:\(type)/\(subType)")
    }

    @Test func `a bounce tells whom, by which message, when, and is named once`() throws {
        let event = try #require(read(sesBounce(), .ses).events.first)
        #expect(event.id == "ses:0100-f")
        #expect(event.verdict.recipients.map(\.address) == ["ali@example.org"])
        #expect(event.verdict.recipients.first?.diagnostic == "smtp; 550 5.1.1 المستخدم غير موجود")
        #expect(event.envelopeSender == "b+token@bounces.example.org")
        #expect(event.messageIDs == ["m1abc@example.org"])
        #expect(event.at.rawValue == 1_795_334_400_500)
        let twice = read("[\(sesBounce()),\(sesBounce())]", .ses).events
        #expect(Set(twice.map(\.id)).count == 1)
    }

    @Test func `several recipients are one event with the gravest verdict`() throws {
        let json = """
            {"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[\
            {"emailAddress":"a@example.org","status":"5.2.2","diagnosticCode":"smtp; 552 5.2.2 mailbox full"},\
            {"emailAddress":"b@example.org","status":"5.1.1"},{"emailAddress":"a@example.org"}],"feedbackId":"f"}}
            """
        let verdict = try #require(read(json, .ses).events.first).verdict
        #expect(verdict.kind == .hard)
        #expect(verdict.status == EnhancedStatusCode(5, 1, 1))
        #expect(verdict.recipients.map(\.kind) == [.soft, .hard])
    }

    @Test(arguments: [
        (
            #"{"eventType":"DeliveryDelay","deliveryDelay":{"delayType":"MailboxFull","delayedRecipients":[{"emailAddress":"a@example.org","status":"4.2.2"}]}}"#,
            Expected(.soft, .mailboxFull, .delayed)
        ),
        (
            #"{"eventType":"DeliveryDelay","deliveryDelay":{"delayType":"General","delayedRecipients":[{"emailAddress":"a@example.org","status":"5.1.1"}]}}"#,
            Expected(.soft, .unknownUser, .delayed)
        ),
        (
            #"{"eventType":"Complaint","complaint":{"complaintFeedbackType":"not-spam","complainedRecipients":[{"emailAddress":"a@example.org"}]}}"#,
            Expected(.none)
        ),
        (
            #"{"eventType":"Complaint","complaint":{"complaintFeedbackType":"fraud","complainedRecipients":[{"emailAddress":"a@example.org"}]}}"#,
            Expected(.complaint)
        ),
        (
            #"{"eventType":"Complaint","complaint":{"complaintSubType":"OnAccountSuppressionList","complainedRecipients":[{"emailAddress":"a@example.org"}]}}"#,
            Expected(.soft, .suspended, .failed)
        ),
        (
            #"{"eventType":"Reject","reject":{"reason":"Bad content"},"mail":{"destination":["a@example.org"]}}"#,
            Expected(.soft, .contentRefused, .failed)
        ),
        (
            #"{"eventType":"Rendering Failure","failure":{"errorMessage":"x"},"mail":{"destination":["a@example.org"]}}"#,
            Expected(.soft, .systemError, .failed)
        ),
        (#"{"eventType":"Bounce"}"#, Expected(.unknown)),
    ])
    func `other events of SES mean what the documentation says`(_ json: String, _ expected: Expected)
        throws
    {
        let verdict = try #require(read(json, .ses).events.first).verdict
        #expect(verdict.kind == expected.kind)
        #expect(verdict.reason == expected.reason)
        #expect(verdict.action == expected.action)
    }

    @Test func `sendings, openings and clicks are counted and passed over, leaving is not`() {
        let reading = read(
            """
            {"eventType":"Send","mail":{}}
            {"eventType":"Open","mail":{}}
            {"eventType":"Click","mail":{}}
            {"eventType":"Subscription","subscription":{"newTopicPreferences":{"unsubscribeAll":false}},"mail":{}}
            {"eventType":"Subscription","subscription":{"newTopicPreferences":{"unsubscribeAll":true}},"mail":{"destination":["a@example.org"]}}
            """,
            .ses
        )
        #expect(reading.ignored == 4)
        #expect(reading.events.map(\.isUnsubscribe) == [true])
        #expect(reading.findings.isEmpty)
    }
}
