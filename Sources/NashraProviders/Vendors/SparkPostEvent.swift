// SPDX-License-Identifier: Apache-2.0
//
// SparkPost (Bird): webhooks with `msys`. None is signed.
// Pure. Rules: SparkPost API documentation, "Webhooks" and "Bounce Classification Codes".
import NashraCore

/// Reads events of SparkPost.
enum SparkPostEvent {
    static func read(_ body: Fields, _ judgement: Judgement) -> RawEvent {
        guard let msys = body.fields("msys") else {
            return .fault("it is no event of SparkPost: it has no msys")
        }
        let groups = ["message_event", "unsubscribe_event", "gen_event", "track_event", "relay_event"]
        guard let event = groups.lazy.compactMap({ msys.fields($0) }).first else {
            // SparkPost checks a new webhook with an empty event.
            return msys.names.isEmpty || msys.names.contains("ab_test_event")
                || msys.names.contains("ingest_event")
                ? .ignored : .fault("it is no event of SparkPost: its msys holds none that is known")
        }
        guard let type = event.text("type")?.lowercased() else {
            return .fault("it is no event of SparkPost: it has no type")
        }
        switch type {
        case "bounce", "out_of_band", "delay", "policy_rejection", "generation_failure",
            "generation_rejection":
            return failure(event, type, judgement)
        case "spam_complaint": return .told(simple(event, type, .complaint, judgement))
        case "delivery": return .told(simple(event, type, .delivered, judgement))
        case "list_unsubscribe", "link_unsubscribe": return .told(simple(event, type, .none, judgement))
        case "injection", "sms_status", "open", "initial_open", "amp_open", "amp_initial_open", "amp_click",
            "click",
            "relay_injection", "relay_rejection", "relay_delivery", "relay_tempfail", "relay_permfail":
            return .ignored
        default: return .fault("SparkPost is not known to have events of the type \(Words.name(type) ?? "")")
        }
    }

    private static func failure(_ event: Fields, _ type: String, _ judgement: Judgement) -> RawEvent {
        var facts = Judgement.Facts(
            address: address(event),
            words: event.text("bounce_class").map { [$0] } ?? [],
            status: event.text("error_code"),
            diagnostic: event.text("raw_reason") ?? event.text("reason")
        )
        let isOurs = type.hasPrefix("generation") || type == "policy_rejection"
        if isOurs {
            facts.otherwise = .init(
                reason: type == "policy_rejection" ? .policy : .systemError,
                isFirm: true,
                outcome: .temporary
            )
        }
        let address = Words.address(facts.address) ?? ""
        var finding: BounceVerdict.Recipient
        switch judgement.meaning(facts).outcome {
        case .ignored: return .ignored
        case .autoReply: finding = BounceVerdict.Recipient(address: address, kind: .autoReply)
        case .complaint: finding = BounceVerdict.Recipient(address: address, kind: .complaint)
        case .unsubscribe:
            var told = simple(event, type, .none, judgement)
            told.isUnsubscribe = true
            return .told(told)
        case .permanent, .temporary, .delayed:
            finding = judgement.failure(facts)
            // A delay is one whatever its class, and SparkPost's own refusals say nothing about the address.
            if type == "delay" { (finding.kind, finding.action) = (.soft, .delayed) }
            if type != "delay", finding.action == .delayed { finding.action = .failed }
            if isOurs { finding.kind = .soft }
        }
        let rule = event.text("bounce_class").map { "\(type)/\($0)" } ?? type
        return .told(told(event, judgement.verdict([finding], rule: rule)))
    }

    private static func simple(
        _ event: Fields,
        _ type: String,
        _ kind: BounceVerdict.Kind,
        _ judgement: Judgement
    ) -> RawEvent.Told {
        let isNoComplaint = ["not-spam", "auth-failure"].contains(event.text("fbtype")?.lowercased() ?? "")
        let finding = BounceVerdict.Recipient(
            address: Words.address(address(event)) ?? "",
            kind: kind == .complaint && isNoComplaint ? .none : kind,
            action: kind == .delivered ? .delivered : nil
        )
        var told = told(event, judgement.verdict([finding], rule: type))
        told.isUnsubscribe = kind == .none
        return told
    }

    private static func address(_ event: Fields) -> String? {
        event.text("raw_rcpt_to") ?? event.text("rcpt_to")
    }

    private static func told(_ event: Fields, _ verdict: BounceVerdict) -> RawEvent.Told {
        let meta = event.fields("rcpt_meta")
        return RawEvent.Told(
            id: event.text("event_id"),
            verdict: verdict,
            envelopeSender: Words.address(event.text("msg_from")),
            messageIDs: Words.messageIDs([meta?.text("nashra_message_id"), meta?.text("nashra-message-id")]),
            at: EventTime.parse(event.text("timestamp"))
        )
    }
}
