// SPDX-License-Identifier: Apache-2.0
//
// Notifications of Amazon SES that SNS delivers by mail: JSON in a text part, often with lines folded in its midst.
// Pure. It reads names and texts only, in their order, and builds no tree: what a stranger nests costs nothing.
// Rules: Amazon SES Developer Guide, "Contents of event data that Amazon SES publishes".
import NashraCore
import NashraMIME

/// Reads notifications that came by mail.
enum NotificationMail {
    /// What a notification says.
    enum Reading {
        /// A failure, a delay or a delivery.
        case report(FormReport)
        /// A verdict that needs no judgement.
        case verdict(BounceVerdict)
    }

    /// Reads the message; `nil` when it is no such notification.
    static func read(_ examination: Examination) -> Reading? {
        let header = examination.message.root.header
        guard header.has("x-amz-sns-message-id") || header.has("x-amz-sns-topic-arn") else { return nil }
        let text = ByteSearch.trimmed(examination.notice.bytes[...])
        guard text.first == UInt8(ascii: "{") else { return nil }
        var pairs = JSONPairs(text)
        let all = pairs.read()
        guard let type = all.first(where: { $0.name == "notificationType" || $0.name == "eventType" })?.value
        else {
            return nil
        }
        switch type.lowercased() {
        case "bounce", "deliverydelay": return bounce(all, isDelay: type.lowercased() == "deliverydelay")
        case "complaint":
            let recipients = addresses(all).map { BounceVerdict.Recipient(address: $0, kind: .complaint) }
            return .verdict(
                BounceVerdict(
                    kind: .complaint,
                    recipients: recipients,
                    evidence: .notification,
                    rule: "ses-complaint"
                )
            )
        case "delivery":
            let recipients = all.filter { $0.name == "recipients" }.prefix(ReportLimits.recipients).map {
                BounceVerdict.Recipient(address: $0.value, kind: .delivered, action: .delivered)
            }
            return .verdict(
                BounceVerdict(
                    kind: .delivered,
                    action: .delivered,
                    recipients: Array(recipients),
                    evidence: .notification,
                    rule: "ses-delivery"
                )
            )
        default:
            return .verdict(BounceVerdict(kind: .none, evidence: .notification, rule: "ses-event"))
        }
    }

    private static func addresses(_ pairs: [JSONPairs.Pair]) -> [String] {
        pairs.filter { $0.name == "emailAddress" }.prefix(ReportLimits.recipients).map(\.value)
    }

    private static func bounce(_ pairs: [JSONPairs.Pair], isDelay: Bool) -> Reading {
        var findings: [Finding] = []
        let isPermanent = pairs.contains { $0.name == "bounceType" && $0.value == "Permanent" }
        let subtype = pairs.first { $0.name == "bounceSubType" || $0.name == "delayType" }?.value ?? ""
        for pair in pairs where findings.count <= ReportLimits.recipients {
            switch pair.name {
            case "emailAddress":
                findings.append(Finding(address: pair.value, action: isDelay ? .delayed : .failed))
            case "status":
                guard let last = findings.indices.last else { continue }
                findings[last].status = EnhancedStatusCode.parse(prefixOf: pair.value.utf8)?.code
            case "diagnosticCode":
                guard let last = findings.indices.last else { continue }
                findings[last].words = Array(pair.value.utf8.prefix(ReportLimits.words))
            default: continue
            }
        }
        for index in findings.indices where findings[index].words.isEmpty {
            if findings[index].status == nil || findings[index].status?.telling == 0 {
                findings[index].hint = reason(subtype, isPermanent)
            }
        }
        return .report(FormReport(rule: "ses-bounce", findings: findings, evidence: .notification))
    }

    private static func reason(_ subtype: String, _ isPermanent: Bool) -> RefusalReason? {
        switch subtype {
        case "NoEmail", "InvalidEmailAddress": .unknownUser
        case "General" where isPermanent: .unknownUser
        case "Suppressed", "OnAccountSuppressionList": .suspended
        case "MailboxFull": .mailboxFull
        case "MessageTooLarge": .messageTooBig
        case "ContentRejected", "AttachmentRejected": .contentRefused
        case "SpamDetected": .contentRefused
        case "IPFailure": .reputation
        case "TransientCommunicationFailure", "RecipientServerError": .hostUnreachable
        default: nil
        }
    }
}

/// The names and texts of a JSON text, in order; a text in an array has the array's name.
struct JSONPairs {
    /// A name and a text.
    struct Pair: Equatable {
        var name: String
        var value: String
    }

    private let bytes: ArraySlice<UInt8>
    private var index: Int

    /// Looks at JSON, or at what claims to be.
    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes.prefix(ReportLimits.notice)
        index = bytes.startIndex
    }

    /// The pairs, at most 2,000; it ends at the first thing that cannot be JSON.
    mutating func read() -> [Pair] {
        var pairs: [Pair] = []
        var name = ""
        var text: String?
        while index < bytes.endIndex, pairs.count < 2_000 {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                text = string()
                continue
            case UInt8(ascii: ":"):
                if let text { name = text }
                text = nil
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"):
                if let text { pairs.append(Pair(name: name, value: text)) }
                text = nil
            default: break
            }
            index += 1
        }
        return pairs
    }

    /// The text at `index`, escapes undone, line folds gone.
    private mutating func string() -> String {
        var value: [UInt8] = []
        index += 1
        while index < bytes.endIndex, bytes[index] != UInt8(ascii: "\"") {
            if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.endIndex {
                index += 1
                switch bytes[index] {
                case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): value.append(0x20)
                case UInt8(ascii: "u"):
                    let digits = bytes[(index + 1)...].prefix(4)
                    let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16) ?? 0xFFFD
                    value.append(contentsOf: String(Character(Unicode.Scalar(code) ?? "\u{FFFD}")).utf8)
                    index = min(index + 4, bytes.endIndex - 1)
                default: value.append(bytes[index])
                }
            } else if bytes[index] != 0x0A, bytes[index] != 0x0D {
                value.append(bytes[index])
            }
            index += 1
        }
        index += 1
        return String(decoding: value, as: UTF8.self)
    }
}
