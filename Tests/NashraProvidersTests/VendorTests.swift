// SPDX-License-Identifier: Apache-2.0
//
// What each provider's events mean: the examples, and events written after the vendors' documentation.
import NashraCore
import NashraProviders
import Testing

/// What is expected of one event's first recipient.
private struct Expected: Sendable {
    let kind: BounceVerdict.Kind
    let reason: RefusalReason?
    let action: BounceVerdict.Action?
    init(_ kind: BounceVerdict.Kind, _ reason: RefusalReason? = nil, _ action: BounceVerdict.Action? = nil) {
        (self.kind, self.reason, self.action) = (kind, reason, action)
    }
}

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
    private func `a bounce is hard only when it is permanent and about the address`(
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
    private func `other events of SES mean what the documentation says`(_ json: String, _ expected: Expected)
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

@Suite struct OtherVendorTests {
    @Test(arguments: [
        (
            #""event":"bounce","type":"bounce","bounce_classification":"Invalid Address","status":"5.0.0","reason":"x""#,
            Expected(.hard, .unknownUser, .failed)
        ),
        (
            #""event":"bounce","type":"bounce","status":"5.7.1","reason":"550 5.7.1 spam content""#,
            Expected(.soft, .contentRefused, .failed)
        ),
        (
            #""event":"bounce","type":"blocked","status":"5.1.1","reason":"550 5.1.1 user unknown""#,
            Expected(.soft, .unknownUser, .failed)
        ),
        (
            #""event":"bounce","type":"bounce","bounce_classification":"Reputation","reason":"user unknown""#,
            Expected(.soft, .reputation, .failed)
        ),
        (#""event":"bounce","type":"bounce","reason":"غير معروف""#, Expected(.soft, .undefined, .failed)),
        (
            #""event":"deferred","response":"451 4.7.1 Greylisted, try later""#,
            Expected(.soft, .greylisted, .delayed)
        ),
        (#""event":"dropped","reason":"Bounced Address""#, Expected(.soft, .suspended, .failed)),
        (#""event":"dropped","reason":"Unsubscribed Address""#, Expected(.soft, .suspended, .failed)),
        (#""event":"delivered","response":"250 OK""#, Expected(.delivered, nil, .delivered)),
        (#""event":"spamreport""#, Expected(.complaint)),
    ])
    private func `SendGrid's events mean what the documentation says`(_ fields: String, _ expected: Expected)
        throws
    {
        let json =
            #"[{"email":"a@example.org","timestamp":1795338000,"sg_event_id":"s1","smtp-id":"<m1abc@example.org>",\#(fields)}]"#
        let event = try #require(read(json, .sendgrid).events.first)
        #expect(event.verdict.kind == expected.kind)
        #expect(event.verdict.reason == expected.reason)
        #expect(event.verdict.action == expected.action)
        #expect(event.id == "sendgrid:s1")
        #expect(event.messageIDs == ["m1abc@example.org"])
        #expect(event.at == now)
    }

    @Test func `SendGrid's unsubscribes are unsubscribes, its clicks are nothing`() {
        let reading = read(
            #"[{"event":"unsubscribe","email":"a@example.org"},{"event":"group_unsubscribe","email":"a@example.org"},{"event":"click"},{"event":"open"},{"event":"processed"}]"#,
            .sendgrid
        )
        #expect(reading.events.map(\.isUnsubscribe) == [true, true])
        #expect(reading.events.map(\.verdict.kind) == [.none, .none])
        #expect(reading.ignored == 3)
    }

    @Test(arguments: [
        (
            #""event":"failed","severity":"permanent","reason":"bounce","delivery-status":{"code":550,"message":"5.1.1 The email account that you tried to reach does not exist"}"#,
            Expected(.hard, .unknownUser, .failed)
        ),
        (
            #""event":"failed","severity":"permanent","reason":"suppress-bounce","delivery-status":{"code":605,"message":"Not delivering to previously bounced address"}"#,
            Expected(.soft, .suspended, .failed)
        ),
        (
            #""event":"failed","severity":"permanent","reason":"suppress-complaint","delivery-status":{"code":607}"#,
            Expected(.soft, .suspended, .failed)
        ),
        (
            #""event":"failed","severity":"temporary","reason":"generic","delivery-status":{"code":452,"message":"4.2.2 over quota"}"#,
            Expected(.soft, .mailboxFull, .delayed)
        ),
        (
            #""event":"failed","severity":"permanent","reason":"old","delivery-status":{"code":602,"message":"Too old"}"#,
            Expected(.soft, .timeout, .failed)
        ),
        (#""event":"rejected","reject":{"reason":"Sandbox"}"#, Expected(.soft, .contentRefused, .failed)),
        (#""event":"complained""#, Expected(.complaint)),
        (#""event":"unsubscribed""#, Expected(.none)),
        (#""event":"delivered""#, Expected(.delivered, nil, .delivered)),
    ])
    private func `Mailgun's events mean what the documentation says`(_ fields: String, _ expected: Expected)
        throws
    {
        let json = """
            {"event-data":{"id":"G9Bn5sl1TC6nu79C8C0bwg","timestamp":1795338000.5,"recipient":"علي@example.org",\
            "envelope":{"sender":"b+token@bounces.example.org"},"message":{"headers":{"message-id":"m1abc@example.org"}},\(fields)}}
            """
        let event = try #require(read(json, .mailgun).events.first)
        #expect(event.verdict.kind == expected.kind)
        #expect(event.verdict.reason == expected.reason)
        #expect(event.verdict.action == expected.action)
        #expect(event.verdict.recipients.map(\.address) == ["علي@example.org"])
        #expect(event.isUnsubscribe == fields.contains("unsubscribed"))
        #expect(event.envelopeSender == "b+token@bounces.example.org")
        #expect(event.messageIDs == ["m1abc@example.org"])
        #expect(event.at.rawValue == now.rawValue + 500)
    }

    @Test(arguments: [
        ("HardBounce", "550 5.1.1 user unknown", Expected(.hard, .unknownUser, .failed)),
        ("HardBounce", "550 5.7.1 DMARC", Expected(.soft, .notAuthenticated, .failed)),
        ("Transient", "450 4.2.0 later", Expected(.soft, .undefined, .delayed)),
        ("SoftBounce", "552 5.2.2 over quota", Expected(.soft, .mailboxFull, .failed)),
        ("DnsError", "", Expected(.soft, .hostUnreachable, .failed)),
        ("SpamNotification", "user unknown", Expected(.soft, .contentRefused, .failed)),
        ("Blocked", "", Expected(.soft, .reputation, .failed)),
        ("BadEmailAddress", "", Expected(.hard, .unknownUser, .failed)),
        ("ManuallyDeactivated", "", Expected(.soft, .suspended, .failed)),
        ("AutoResponder", "خارج المكتب", Expected(.autoReply)),
        ("AddressChange", "", Expected(.autoReply)),
        ("SpamComplaint", "", Expected(.complaint)),
        ("Unsubscribe", "", Expected(.none)),
        ("Newest", "", Expected(.soft, .undefined, .failed)),
    ])
    private func `Postmark's bounces mean what the documentation says`(
        _ type: String,
        _ details: String,
        _ expected: Expected
    ) throws {
        let json = """
            {"RecordType":"Bounce","ID":4323372036854775807,"Type":"\(type)","TypeCode":1,"Details":"\(details)","Email":"a@example.org",\
            "BouncedAt":"2026-11-22T04:00:00.1234567-05:00","MessageID":"883953f4","Content":"Return-Path: <>\\r\\nMessage-ID: <m1abc@example.org>\\r\\n\\r\\n"}
            """
        let event = try #require(read(json, .postmark).events.first)
        #expect(event.verdict.kind == expected.kind)
        #expect(event.verdict.reason == expected.reason)
        #expect(event.verdict.action == expected.action)
        #expect(event.isUnsubscribe == (type == "Unsubscribe"))
        #expect(event.id == "postmark:bounce/4323372036854775807")
        #expect(event.messageIDs == ["m1abc@example.org"])
        #expect(event.at.rawValue == now.rawValue + 123)
        #expect(event.trust == .unsigned)
    }

    @Test func `Postmark's other records`() {
        let reading = read(
            """
            {"RecordType":"SpamComplaint","ID":1,"TypeCode":100001,"Type":"SpamComplaint","Email":"a@example.org"}
            {"RecordType":"SubscriptionChange","SuppressSending":true,"SuppressionReason":"ManualSuppression","Origin":"Recipient","Recipient":"b@example.org","MessageID":"m"}
            {"RecordType":"SubscriptionChange","SuppressSending":true,"SuppressionReason":"HardBounce","Origin":"Recipient","Recipient":"c@example.org","MessageID":"m"}
            {"RecordType":"SubscriptionChange","SuppressSending":false,"Recipient":"d@example.org"}
            {"RecordType":"Delivery","Recipient":"e@example.org","MessageID":"m","DeliveredAt":"2026-11-22T09:00:00Z","Metadata":{"nashra_message_id":"m1x@example.org"}}
            {"RecordType":"Open"}
            {"RecordType":"Bounce","Type":"Subscribe","ID":2}
            """,
            .postmark
        )
        #expect(reading.events.map(\.verdict.kind) == [.complaint, .none, .none, .delivered])
        #expect(reading.events.map(\.isUnsubscribe) == [false, true, false, false])
        #expect(reading.events.last?.messageIDs == ["m1x@example.org"])
        #expect(reading.ignored == 3)
    }

    @Test(arguments: [
        ("bounce", "10", "550 5.1.1 user unknown", Expected(.hard, .unknownUser, .failed)),
        ("bounce", "10", "550 5.7.1 policy", Expected(.hard, .unknownUser, .failed)),
        ("out_of_band", "30", "", Expected(.hard, .unknownUser, .failed)),
        ("bounce", "22", "452 4.2.2 full", Expected(.soft, .mailboxFull, .failed)),
        ("bounce", "51", "554 blocked", Expected(.soft, .reputation, .failed)),
        ("bounce", "21", "DNS", Expected(.soft, .domainUnknown, .failed)),
        ("delay", "10", "450 4.1.1 user unknown", Expected(.soft, .unknownUser, .delayed)),
        ("delay", "70", "451 مشغول", Expected(.soft, .undefined, .delayed)),
        ("bounce", "70", "451", Expected(.soft, .undefined, .failed)),
        ("policy_rejection", "25", "recipient is suppressed", Expected(.soft, .policy, .failed)),
        ("generation_failure", "", "substitution", Expected(.soft, .systemError, .failed)),
        ("out_of_band", "60", "out of office", Expected(.autoReply)),
        ("bounce", "90", "", Expected(.none)),
        ("spam_complaint", "", "", Expected(.complaint)),
        ("list_unsubscribe", "", "", Expected(.none)),
        ("link_unsubscribe", "", "", Expected(.none)),
        ("delivery", "", "", Expected(.delivered, nil, .delivered)),
    ])
    private func `SparkPost's events mean what the documentation says`(
        _ type: String,
        _ bounceClass: String,
        _ reason: String,
        _ expected: Expected
    ) throws {
        let group =
            type.contains("unsubscribe")
            ? "unsubscribe_event" : type.hasPrefix("gen") ? "gen_event" : "message_event"
        let json = """
            [{"msys":{"\(group)":{"type":"\(type)","bounce_class":"\(bounceClass)","raw_reason":"\(reason)","event_id":"92356927693813856",\
            "raw_rcpt_to":"Ali@example.org","rcpt_to":"ali@example.org","msg_from":"b+token@bounces.example.org","timestamp":"1795338000"}}}]
            """
        let event = try #require(read(json, .sparkpost).events.first)
        #expect(event.verdict.kind == expected.kind)
        #expect(event.verdict.reason == expected.reason)
        #expect(event.verdict.action == expected.action)
        #expect(event.isUnsubscribe == (type.contains("unsubscribe") || bounceClass == "90"))
        #expect(event.id == "sparkpost:92356927693813856")
        #expect(event.verdict.recipients.map(\.address) == ["Ali@example.org"])
        #expect(event.envelopeSender == "b+token@bounces.example.org")
        #expect(event.at == now)
    }

    @Test func `SparkPost's trial of a webhook is no fault`() {
        let reading = read(#"[{"msys":{}},{"msys":{"track_event":{"type":"click"}}}]"#, .sparkpost)
        #expect(reading.findings.isEmpty)
        #expect(reading.ignored == 2)
    }

    @Test func `a better judge of words is heard before the table`() {
        let json =
            #"[{"event":"bounce","email":"a@example.org","reason":"صندوق بريد غير موجود","status":"5.2.0"}]"#
        let reading = ProviderNotification.read(
            Array(json.utf8),
            provider: .sendgrid,
            keys: ProviderKeys(),
            now: now
        ) {
            status,
            words in
            status == EnhancedStatusCode(5, 2, 0) && words.contains("غير موجود") ? .unknownUser : nil
        }
        #expect(reading.events.map(\.verdict.reason) == [.unknownUser])
        #expect(reading.events.map(\.verdict.kind) == [.hard])
    }
}
