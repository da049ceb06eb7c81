// SPDX-License-Identifier: Apache-2.0
//
// Mailgun: webhooks with `signature` and `event-data`.
// Pure. Rules: Mailgun documentation, "Webhooks" and "Events".
import NashraCore

/// Reads events of Mailgun.
enum MailgunEvent {
    static func read(_ body: Fields, _ judgement: Judgement) -> RawEvent {
        // The events API lists the data without the envelope around it.
        let event = body.fields("event-data") ?? body
        guard let type = event.text("event")?.lowercased() else {
            return .fault("it is no event of Mailgun: it has no event-data with an event")
        }
        switch type {
        case "failed", "rejected": return .told(failure(event, type, judgement))
        case "delivered": return .told(simple(event, .delivered, judgement))
        case "complained": return .told(simple(event, .complaint, judgement))
        case "unsubscribed": return .told(simple(event, .none, judgement))
        case "accepted", "opened", "clicked", "stored": return .ignored
        default: return .fault("Mailgun is not known to have events of the type \(Words.name(type) ?? "")")
        }
    }

    private static func failure(_ event: Fields, _ type: String, _ judgement: Judgement) -> RawEvent.Told {
        let status = event.fields("delivery-status")
        let severity = type == "rejected" ? "permanent" : event.text("severity")?.lowercased() ?? "temporary"
        let reason = event.text("reason").map { "\(severity)/\($0)" }
        let words = [status?.text("code").map { "code/\($0)" }, reason, severity].compactMap(\.self)
        let message =
            status?.text("message") ?? status?.text("description") ?? event.fields("reject")?.text("reason")
        var finding = judgement.failure(
            Judgement.Facts(
                address: event.text("recipient"),
                words: words,
                status: status?.text("enhanced-code") ?? status?.text("code"),
                diagnostic: message
            )
        )
        if type == "rejected" { (finding.kind, finding.reason) = (.soft, .contentRefused) }
        return told(event, judgement.verdict([finding], rule: reason ?? severity))
    }

    private static func simple(_ event: Fields, _ kind: BounceVerdict.Kind, _ judgement: Judgement)
        -> RawEvent.Told
    {
        let finding = BounceVerdict.Recipient(
            address: Words.address(event.text("recipient")) ?? "",
            kind: kind,
            action: kind == .delivered ? .delivered : nil
        )
        var told = told(event, judgement.verdict([finding], rule: event.text("event") ?? ""))
        told.isUnsubscribe = kind == .none
        return told
    }

    private static func told(_ event: Fields, _ verdict: BounceVerdict) -> RawEvent.Told {
        RawEvent.Told(
            id: event.text("id"),
            verdict: verdict,
            envelopeSender: Words.address(event.fields("envelope")?.text("sender")),
            messageIDs: Words.messageIDs([
                event.fields("message")?.fields("headers")?.text("message-id"),
                event.fields("user-variables")?.text("nashra_message_id"),
            ]),
            at: EventTime.parse(event.text("timestamp"))
        )
    }
}
