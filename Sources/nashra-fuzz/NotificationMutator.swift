// SPDX-License-Identifier: Apache-2.0
//
// Damages notifications of providers: bytes, values, keys, nesting, JSON inside JSON.
// Pure; the same random numbers give the same bytes. Rules: RFC 8259.
import Foundation

struct NotificationMutator {
    private static let largest = 64 << 10

    var random: SplitMix
    var bytes: [UInt8]
    let corpus: [[UInt8]]

    mutating func mutate() {
        // More than half stay JSON, so that what lies behind the parser has its turn.
        if !random.oneIn(3) {
            for _ in 0..<(1 + random.below(5)) { keepingForm() }
            return
        }
        for _ in 0..<(1 + random.below(random.oneIn(8) ? 20 : 4)) {
            step()
            if bytes.count > Self.largest { bytes.removeLast(bytes.count - Self.largest) }
        }
    }

    /// One change after which JSON is still JSON, nearly always.
    private mutating func keepingForm() {
        switch random.below(8) {
        case 0: renameKey()
        case 1: if bytes.count < Self.largest / 4 { embed() }
        case 2: bytes += Array(random.pick(["\n", " "]).utf8) + random.pick(corpus)
        case 3: nest(atMost: 40)
        default: replaceString()
        }
    }

    /// Puts another string, or now and then another value, where a string stood as a value.
    private mutating func replaceString() {
        guard let colon = place(of: UInt8(ascii: ":")) else { return }
        let rest = bytes[(colon + 1)...]
        guard let open = rest.firstIndex(where: { $0 > 0x20 }), rest[open] == 0x22,
            let close = rest[(open + 1)...].prefix(4_000).firstIndex(of: 0x22), rest[close - 1] != 0x5C
        else { return }
        let text = random.pick([
            random.pick(Vocabulary.addresses), random.pick(Vocabulary.phrases),
            random.pick(Vocabulary.values),
            random.pick(Self.words), random.pick(Self.words),
            String(repeating: random.pick(Self.words), count: 300),
        ])
        guard let data = try? JSONEncoder().encode([text]) else { return }
        let scalars = ["null", "true", "0", "-1", "1e999", "1760000000", "[]", "{}", "[[]]"]
        let new = random.oneIn(6) ? Array(random.pick(scalars).utf8) : Array(data.dropFirst().dropLast())
        bytes.replaceSubrange(open...close, with: new)
    }

    private mutating func step() {
        switch random.below(16) {
        case 0, 1: flip()
        case 2: insert(Array(random.pick(Self.tokens).utf8))
        case 3: bytes.removeSubrange(random.range(in: bytes.count))
        case 4: insert(Array(bytes[random.range(in: bytes.count)]))
        case 5: insert(random.pick(Vocabulary.hostile))
        case 6: if random.oneIn(3) { bytes.removeLast(random.below(bytes.count + 1)) }
        case 7: splice()
        case 8, 9, 10: replaceValue()
        case 11: renameKey()
        case 12: nest()
        case 13: embed()
        case 14:
            insert(
                Array(repeatElement(bytes[random.range(in: bytes.count)], count: random.below(60)).joined())
            )
        default: replaceWord()
        }
    }

    private mutating func insert(_ new: [UInt8]) {
        bytes.insert(contentsOf: new, at: random.below(bytes.count + 1))
    }

    private mutating func flip() {
        guard !bytes.isEmpty else { return }
        let place = random.below(bytes.count)
        bytes[place] = random.oneIn(2) ? random.byte() : bytes[place] ^ (1 << UInt8(random.below(8)))
    }

    private mutating func splice() {
        let other = random.pick(corpus)
        switch random.below(3) {
        case 0: bytes = Array(bytes[..<random.below(bytes.count + 1)]) + other[random.below(other.count)...]
        case 1: bytes += Array(random.pick(["", "\n", ",", " "]).utf8) + other
        default: insert(Array(other[random.range(in: other.count)]))
        }
    }

    /// Puts another value behind a colon.
    private mutating func replaceValue() {
        guard let colon = place(of: UInt8(ascii: ":")) else { return }
        let old = bytes[(colon + 1)...].prefix(300).prefix { ![0x2C, 0x7D, 0x5D, 0x0A].contains($0) }
        bytes.replaceSubrange(old.indices, with: Array(value().utf8))
    }

    private mutating func value() -> String {
        switch random.below(5) {
        case 0: random.pick(Self.tokens)
        case 1: "\"\(random.pick(Vocabulary.addresses))\""
        case 2: "\"\(random.pick(Vocabulary.phrases))\""
        default: "\"\(random.pick(Self.words))\""
        }
    }

    private mutating func renameKey() {
        guard let colon = place(of: UInt8(ascii: ":")),
            let close = bytes[..<colon].suffix(8).lastIndex(of: 0x22),
            let open = bytes[..<close].suffix(80).lastIndex(of: 0x22)
        else { return }
        bytes.replaceSubrange((open + 1)..<close, with: Array(random.pick(Self.words).utf8))
    }

    private mutating func replaceWord() {
        guard let quote = place(of: 0x22) else { return }
        insertAt(quote + 1, Array(random.pick(Self.words + Vocabulary.values).utf8))
    }

    private mutating func insertAt(_ place: Int, _ new: [UInt8]) {
        bytes.insert(contentsOf: new, at: min(place, bytes.count))
    }

    /// Opens far more than it closes, or closes all, or wraps the whole.
    private mutating func nest(atMost limit: Int = 20_000) {
        let count = min(limit, random.oneIn(10) ? 20_000 : 1 + random.below(80))
        let (open, close) = random.pick([
            ("[", "]"), ("{\"a\":", "}"), ("{\"msys\":", "}"), ("{\"event-data\":", "}"),
        ])
        let head = Array(String(repeating: open, count: min(count, 60_000 / open.utf8.count)).utf8)
        if limit > 1_000, random.oneIn(3) { return insert(head) }
        bytes = head + bytes + Array(String(repeating: close, count: count).utf8)
    }

    /// Makes the whole a string in the envelope of SNS.
    private mutating func embed() {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let data = try? JSONEncoder().encode([text]) else { return }
        let head =
            #"{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:us-west-2:123456789012:SES-EJ-B","Message":"#
        bytes = Array(head.utf8) + data.dropFirst().dropLast() + Array("}".utf8)
    }

    private mutating func place(of byte: UInt8) -> Int? {
        guard !bytes.isEmpty else { return nil }
        return bytes[random.below(bytes.count)...].prefix(2_000).firstIndex(of: byte)
    }

    private static let tokens: [String] = [
        "{", "}", "[", "]", ":", ",", "\"", "null", "true", "false", "0", "-0", "1e999", "-1e-999", "1.5",
        "1E400",
        "123456789012345678901234567890", "9223372036854775808", "-9223372036854775809", "\\u0000", "\\ud800",
        "\\udc00\\ud800",
        "\\u202e", "\\", "\\\"", "\"\\u0646\"", "[]", "{}", "\"\"", "// x", "\u{FEFF}", "NaN", "Infinity",
        "01", "+1", "\n", "\r\n",
    ]

    private static let words: [String] = [
        "Bounce", "Complaint", "Delivery", "DeliveryDelay", "Reject", "Permanent", "Transient",
        "Undetermined", "NoEmail",
        "Suppressed", "MailboxFull", "notificationType", "eventType", "bounce", "mail", "bouncedRecipients",
        "emailAddress",
        "status", "diagnosticCode", "headers", "commonHeaders", "messageId", "timestamp", "Type", "TopicArn",
        "Message",
        "Signature", "SigningCertURL", "SignatureVersion", "SubscriptionConfirmation",
        "UnsubscribeConfirmation", "event",
        "dropped", "deferred", "spamreport", "unsubscribe", "group_unsubscribe", "processed", "open", "click",
        "email", "reason",
        "sg_event_id", "smtp-id", "failed", "complained", "unsubscribed", "rejected", "severity", "temporary",
        "permanent",
        "event-data", "delivery-status", "signature", "token", "HardBounce", "SoftBounce", "SpamComplaint",
        "RecordType",
        "msys", "message_event", "bounce_class", "out_of_band", "policy_rejection", "link_unsubscribe",
        "raw_reason", "type",
        "5.1.1", "4.2.2", "550", "99999999999999999999", "-1", "1970-01-01T00:00:00Z",
        "2026-13-45T99:99:99.999999999+99:99",
        "https://sns.us-west-2.amazonaws.com/x.pem", "https://evil.example/x.pem", "AAAA", "نشرة", "<script>",
        "",
    ]
}
