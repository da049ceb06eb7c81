// SPDX-License-Identifier: Apache-2.0
//
// SendGrid: the Event Webhook, and the older list of bounces.
// Pure. Rules: Twilio SendGrid docs, "Event Webhook Reference" and "Retrieve all bounces".
import NashraCore

/// Reads events of SendGrid.
enum SendGridEvent {
    static func read(_ event: Fields, _ judgement: Judgement) -> RawEvent {
        guard let type = event.text("event")?.lowercased() else {
            guard event.text("email") != nil, event.text("created") != nil else {
                return .fault("it is no event of SendGrid: it has no event, and not email and created")
            }
            return .told(listed(event, judgement))
        }
        let words: [String]
        switch type {
        case "bounce": words = bounceWords(event, event.text("type")?.lowercased() ?? "bounce")
        case "blocked": words = bounceWords(event, "blocked")
        case "deferred": words = ["deferred"]
        case "dropped": words = [event.text("reason").map { "dropped/\($0)" }, "dropped"].compactMap(\.self)
        case "delivered": return .told(simple(event, .delivered, judgement))
        case "spamreport": return .told(simple(event, .complaint, judgement))
        case "unsubscribe", "group_unsubscribe": return .told(simple(event, .none, judgement))
        case "processed", "open", "click", "group_resubscribe", "account_status_change": return .ignored
        default: return .fault("SendGrid is not known to have events of the type \(Words.name(type) ?? "")")
        }
        let finding = judgement.failure(
            Judgement.Facts(
                address: event.text("email"),
                words: words,
                status: event.text("status"),
                diagnostic: event.text("reason") ?? event.text("response")
            )
        )
        return .told(told(event, judgement.verdict([finding], rule: words.first ?? type)))
    }

    private static func bounceWords(_ event: Fields, _ type: String) -> [String] {
        [event.text("bounce_classification").map { "\(type)/\($0)" }, type, "bounce"].compactMap(\.self)
    }

    private static func simple(_ event: Fields, _ kind: BounceVerdict.Kind, _ judgement: Judgement)
        -> RawEvent.Told
    {
        let finding = BounceVerdict.Recipient(
            address: Words.address(event.text("email")) ?? "",
            kind: kind,
            action: kind == .delivered ? .delivered : nil,
            diagnostic: kind == .delivered ? Words.diagnostic(event.text("response")) : nil
        )
        var told = told(event, judgement.verdict([finding], rule: event.text("event") ?? ""))
        told.isUnsubscribe = kind == .none
        return told
    }

    /// `smtp-id` is the Message-ID that we wrote; custom arguments stand beside the other fields.
    private static func told(_ event: Fields, _ verdict: BounceVerdict) -> RawEvent.Told {
        RawEvent.Told(
            id: event.text("sg_event_id"),
            verdict: verdict,
            messageIDs: Words.messageIDs([event.text("smtp-id"), event.text("nashra_message_id")]),
            at: EventTime.parse(event.text("timestamp"))
        )
    }

    /// One entry of the list of bounces; the list of blocks looks the same and is not told apart.
    private static func listed(_ event: Fields, _ judgement: Judgement) -> RawEvent.Told {
        let finding = judgement.failure(
            Judgement.Facts(
                address: event.text("email"),
                words: ["bounce"],
                status: event.text("status"),
                diagnostic: event.text("reason")
            )
        )
        return RawEvent.Told(
            verdict: judgement.verdict([finding], rule: "bounce"),
            at: EventTime.parse(event.text("created"))
        )
    }
}
