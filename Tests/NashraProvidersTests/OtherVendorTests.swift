// SPDX-License-Identifier: Apache-2.0
//
// What the events of SendGrid, Mailgun, Postmark and SparkPost mean, written after the vendors' documentation.
import NashraCore
import NashraProviders
import Testing

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
    func `SendGrid's events mean what the documentation says`(_ fields: String, _ expected: Expected)
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
    func `Mailgun's events mean what the documentation says`(_ fields: String, _ expected: Expected)
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
    func `Postmark's bounces mean what the documentation says`(
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
    func `SparkPost's events mean what the documentation says`(
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
