// SPDX-License-Identifier: Apache-2.0
//
// Postmark: webhooks for bounces, complaints, changes of subscription and deliveries. None is signed.
// Pure. Rules: Postmark developer documentation, "Webhooks".
import NashraCore

/// Reads events of Postmark.
enum PostmarkEvent {
    static func read(_ event: Fields, _ judgement: Judgement) -> RawEvent {
        guard let record = event.text("RecordType") ?? (event.text("TypeCode") == nil ? nil : "Bounce") else {
            return .fault("it is no event of Postmark: it has no RecordType")
        }
        switch record.lowercased() {
        case "bounce", "spamcomplaint": return bounce(event, record, judgement)
        case "subscriptionchange":
            guard event.text("SuppressSending") == "true" else { return .ignored }
            return .told(change(event, judgement))
        case "delivery": return .told(delivery(event, judgement))
        case "open", "click", "inbound", "smtpapierror": return .ignored
        default:
            return .fault("Postmark is not known to have records of the type \(Words.name(record) ?? "")")
        }
    }

    private static func bounce(_ event: Fields, _ record: String, _ judgement: Judgement) -> RawEvent {
        let isComplaint = record.lowercased() == "spamcomplaint"
        let type = isComplaint ? "SpamComplaint" : event.text("Type") ?? "Unknown"
        let facts = Judgement.Facts(
            address: event.text("Email"),
            words: [type],
            diagnostic: event.text("Details") ?? event.text("Description")
        )
        let address = Words.address(facts.address) ?? ""
        var isUnsubscribe = false
        let finding: BounceVerdict.Recipient
        switch judgement.meaning(facts).outcome {
        case .ignored: return .ignored
        case .permanent, .temporary, .delayed: finding = judgement.failure(facts)
        case .complaint: finding = BounceVerdict.Recipient(address: address, kind: .complaint)
        case .autoReply: finding = BounceVerdict.Recipient(address: address, kind: .autoReply)
        case .unsubscribe:
            finding = BounceVerdict.Recipient(address: address, kind: .none)
            isUnsubscribe = true
        }
        return .told(
            RawEvent.Told(
                id: event.text("ID").map { "bounce/\($0)" },
                verdict: judgement.verdict([finding], rule: type),
                isUnsubscribe: isUnsubscribe,
                messageIDs: messageIDs(event),
                at: EventTime.parse(event.text("BouncedAt"))
            )
        )
    }

    /// A change that the provider made after a bounce or a complaint was told by those.
    private static func change(_ event: Fields, _ judgement: Judgement) -> RawEvent.Told {
        let finding = BounceVerdict.Recipient(
            address: Words.address(event.text("Recipient")) ?? "",
            kind: .none
        )
        let reason = event.text("SuppressionReason") ?? ""
        return RawEvent.Told(
            id: named(event, "ChangedAt"),
            verdict: judgement.verdict([finding], rule: "SubscriptionChange/\(reason)"),
            isUnsubscribe: reason == "ManualSuppression" && event.text("Origin")?.lowercased() == "recipient",
            messageIDs: messageIDs(event),
            at: EventTime.parse(event.text("ChangedAt"))
        )
    }

    private static func delivery(_ event: Fields, _ judgement: Judgement) -> RawEvent.Told {
        let finding = BounceVerdict.Recipient(
            address: Words.address(event.text("Recipient")) ?? "",
            kind: .delivered,
            action: .delivered,
            diagnostic: Words.diagnostic(event.text("Details"))
        )
        return RawEvent.Told(
            id: named(event, "DeliveredAt"),
            verdict: judgement.verdict([finding], rule: "Delivery"),
            messageIDs: messageIDs(event),
            at: EventTime.parse(event.text("DeliveredAt"))
        )
    }

    private static func named(_ event: Fields, _ time: String) -> String? {
        event.text("MessageID").map { message in
            [message, event.text("RecordType") ?? "", event.text("Recipient") ?? "", event.text(time) ?? ""]
                .joined(
                    separator: "/"
                )
        }
    }

    /// Our Message-ID: as metadata that we set, or in the returned message when Postmark hands it over.
    ///
    /// `MessageID` is Postmark's own name.
    private static func messageIDs(_ event: Fields) -> [String] {
        let metadata = event.fields("Metadata")
        return Words.messageIDs(
            [metadata?.text("nashra_message_id"), metadata?.text("nashra-message-id")]
                + QuotedMessageID.all(in: event.text("Content"))
        )
    }
}

/// Finds Message-IDs in a returned message that a provider quotes.
enum QuotedMessageID {
    /// The values of `Message-ID:` fields within the first 64 kB, at most eight.
    static func all(in content: String?) -> [String?] {
        guard let content else { return [] }
        var found: [String?] = []
        for line in content.utf8.prefix(65_536).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let name = line.prefix(11).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            guard name.elementsEqual("message-id:".utf8), found.count < 8 else { continue }
            found.append(String(decoding: line.dropFirst(11), as: UTF8.self))
        }
        return found
    }
}
