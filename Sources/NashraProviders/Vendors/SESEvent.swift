// SPDX-License-Identifier: Apache-2.0
//
// Amazon SES: notifications and events, as SNS carries them or as JSON of their own.
// Pure. Rules: Amazon SES Developer Guide, "Amazon SNS notification contents" and "Contents of event data".
import NashraCore

/// Reads events of Amazon SES.
enum SESEvent {
    static func read(_ event: Fields, _ judgement: Judgement) -> RawEvent {
        guard let type = event.text("notificationType") ?? event.text("eventType") else {
            return .fault("it is no event of Amazon SES: it has no notificationType and no eventType")
        }
        let told: RawEvent.Told
        switch type.lowercased() {
        case "bounce": told = bounce(event.fields("bounce"), judgement)
        case "complaint": told = complaint(event.fields("complaint"), judgement)
        case "delivery": told = delivery(event.fields("delivery"), event, judgement)
        case "deliverydelay": told = delay(event.fields("deliveryDelay"), event, judgement)
        case "reject", "rendering failure", "renderingfailure": told = refusal(type, event, judgement)
        case "subscription":
            guard let left = subscription(event, judgement) else { return .ignored }
            told = left
        case "send", "open", "click", "amazonsnssubscriptionsucceeded": return .ignored
        default: return .fault("Amazon SES is not known to have events of the type \(Words.name(type) ?? "")")
        }
        return .told(withMail(told, event.fields("mail")))
    }

    private static func withMail(_ told: RawEvent.Told, _ mail: Fields?) -> RawEvent.Told {
        guard let mail else { return told }
        var told = told
        told.envelopeSender = Words.address(mail.text("source"))
        let quoted = mail.list("headers").prefix(200).filter { $0.text("name")?.lowercased() == "message-id" }
        told.messageIDs = Words.messageIDs(
            [mail.fields("commonHeaders")?.text("messageId")] + quoted.map { $0.text("value") }
        )
        if told.at == nil { told.at = EventTime.parse(mail.text("timestamp")) }
        return told
    }

    private static func bounce(_ bounce: Fields?, _ judgement: Judgement) -> RawEvent.Told {
        let type = bounce?.text("bounceType") ?? "Undetermined"
        let word = "\(type)/\(bounce?.text("bounceSubType") ?? type)"
        let isPermanent = type.lowercased() == "permanent"
        let recipients = (bounce?.list("bouncedRecipients") ?? []).map { recipient in
            judgement.failure(
                Judgement.Facts(
                    address: recipient.text("emailAddress"),
                    words: [word],
                    status: recipient.text("status"),
                    diagnostic: recipient.text("diagnosticCode"),
                    otherwise: .init(
                        reason: .undefined,
                        isFirm: false,
                        outcome: isPermanent ? .permanent : .temporary
                    )
                )
            )
        }
        let all = recipients.isEmpty ? [BounceVerdict.Recipient(address: "", kind: .unknown)] : recipients
        return RawEvent.Told(
            id: bounce?.text("feedbackId"),
            verdict: judgement.verdict(all, rule: word),
            at: EventTime.parse(bounce?.text("timestamp"))
        )
    }

    /// RFC 5965, 7.3 and 3.5: `not-spam` takes a complaint back, `auth-failure` reports no reader's wish.
    private static func complaint(_ complaint: Fields?, _ judgement: Judgement) -> RawEvent.Told {
        let type = complaint?.text("complaintFeedbackType")?.lowercased() ?? ""
        let sub = complaint?.text("complaintSubType") ?? ""
        let kind: BounceVerdict.Kind = ["not-spam", "auth-failure"].contains(type) ? .none : .complaint
        let recipients = (complaint?.list("complainedRecipients") ?? []).map { recipient in
            let address = Words.address(recipient.text("emailAddress")) ?? ""
            // On the account's list: SES has not even sent it, and nobody complained anew.
            return sub == "OnAccountSuppressionList"
                ? BounceVerdict.Recipient(address: address, kind: .soft, action: .failed, reason: .suspended)
                : BounceVerdict.Recipient(address: address, kind: kind)
        }
        let all = recipients.isEmpty ? [BounceVerdict.Recipient(address: "", kind: .unknown)] : recipients
        return RawEvent.Told(
            id: complaint?.text("feedbackId"),
            verdict: judgement.verdict(all, rule: type.isEmpty ? "Complaint" : "Complaint/\(type)"),
            at: EventTime.parse(complaint?.text("arrivalDate") ?? complaint?.text("timestamp"))
        )
    }

    private static func delivery(_ delivery: Fields?, _ event: Fields, _ judgement: Judgement)
        -> RawEvent.Told
    {
        let recipients = (delivery?.texts("recipients") ?? []).map {
            BounceVerdict.Recipient(
                address: Words.address($0) ?? "",
                kind: .delivered,
                action: .delivered,
                diagnostic: Words.diagnostic(delivery?.text("smtpResponse"))
            )
        }
        return RawEvent.Told(
            id: named(event, "delivery", delivery?.text("timestamp"), recipients),
            verdict: judgement.verdict(recipients, rule: "Delivery"),
            at: EventTime.parse(delivery?.text("timestamp"))
        )
    }

    private static func delay(_ delay: Fields?, _ event: Fields, _ judgement: Judgement) -> RawEvent.Told {
        let word = "Delay/\(delay?.text("delayType") ?? "Undetermined")"
        let recipients = (delay?.list("delayedRecipients") ?? []).map { recipient in
            judgement.failure(
                Judgement.Facts(
                    address: recipient.text("emailAddress"),
                    words: [word],
                    status: recipient.text("status"),
                    diagnostic: recipient.text("diagnosticCode"),
                    otherwise: .init(reason: .undefined, isFirm: false, outcome: .delayed)
                )
            )
        }
        return RawEvent.Told(
            id: named(event, "delay", delay?.text("timestamp"), recipients),
            verdict: judgement.verdict(recipients, rule: word),
            at: EventTime.parse(delay?.text("timestamp"))
        )
    }

    /// SES found a virus, or its template did not work: our message is at fault, and nobody's address.
    private static func refusal(_ type: String, _ event: Fields, _ judgement: Judgement) -> RawEvent.Told {
        let isVirus = type.lowercased() == "reject"
        let why = event.fields("reject")?.text("reason") ?? event.fields("failure")?.text("errorMessage")
        let recipients = (event.fields("mail")?.texts("destination") ?? []).map {
            BounceVerdict.Recipient(
                address: Words.address($0) ?? "",
                kind: .soft,
                action: .failed,
                reason: isVirus ? .contentRefused : .systemError,
                diagnostic: Words.diagnostic(why)
            )
        }
        return RawEvent.Told(
            id: named(event, "reject", nil, recipients),
            verdict: judgement.verdict(recipients, rule: type)
        )
    }

    /// Somebody left by the link of SES's own subscription management.
    private static func subscription(_ event: Fields, _ judgement: Judgement) -> RawEvent.Told? {
        let subscription = event.fields("subscription")
        guard subscription?.fields("newTopicPreferences")?.text("unsubscribeAll") == "true" else {
            return nil
        }
        let recipients = (event.fields("mail")?.texts("destination") ?? []).map {
            BounceVerdict.Recipient(address: Words.address($0) ?? "", kind: .none)
        }
        return RawEvent.Told(
            id: named(event, "subscription", subscription?.text("timestamp"), recipients),
            verdict: judgement.verdict(recipients, rule: "Subscription"),
            isUnsubscribe: true,
            at: EventTime.parse(subscription?.text("timestamp"))
        )
    }

    /// A name for events that bear none: message, kind, time, and whom it is about.
    private static func named(
        _ event: Fields,
        _ kind: String,
        _ time: String?,
        _ recipients: [BounceVerdict.Recipient]
    ) -> String? {
        event.fields("mail")?.text("messageId").map { message in
            ([message, kind, time ?? ""] + recipients.map(\.address)).joined(separator: "/")
        }
    }
}
