// SPDX-License-Identifier: Apache-2.0
//
// What stands in the way in words, and the command that changes it.
// Pure. Says only what is recorded.
import NashraCore
import NashraStore

/// The words about one address.
struct WhyWords {
    let address: String

    /// One obstacle, in a sentence without its end.
    func text(_ obstacle: WhyObstacle) -> String {
        switch obstacle {
        case .archived(let at): "the topic was archived on \(day(at))"
        case .erased(let at): "asked to be forgotten" + (at.map { " on \(day($0))" } ?? "")
        case .notRegistered: "not in the register"
        case .pending: "has not confirmed the address yet"
        case .unsubscribed(let at): "has left altogether, or was removed (\(day(at)))"
        case .notSubscribed: "not subscribed"
        case .left(let at, let reason): "left on \(day(at)): \(reason)"
        case .unanswered(let asked, let expires): unanswered(asked, expires)
        case .suppressed(let suppression): suppressed(suppression)
        case .paused(let from, let until):
            "paused since \(day(from)), " + (until.map { "until \($0.iso8601)" } ?? "until it is resumed")
        }
    }

    private func unanswered(_ asked: Timestamp?, _ expires: Timestamp?) -> String {
        guard let asked, let expires else { return "has not confirmed the subscription yet" }
        return "asked on \(day(asked)) and has not confirmed; the question is valid until \(expires.iso8601)"
    }

    private func suppressed(_ suppression: Suppression) -> String {
        let scope = suppression.scope == .everywhere ? "" : " for \(suppression.scope)"
        let until = suppression.expiresAt.map { ", until \($0.iso8601)" } ?? ""
        let note = suppression.note.isEmpty ? "" : ": \(suppression.note)"
        return "suppressed\(scope) since \(day(suppression.createdAt))\(until), "
            + "\(suppression.reason.rawValue) by \(suppression.origin)\(note)"
    }

    /// What to do about it; `nil` when nothing but waiting helps, or nothing at all.
    func remedy(_ obstacle: WhyObstacle, topic: String?) -> String? {
        let option = topic.map { " --topic \($0)" } ?? ""
        switch obstacle {
        case .archived: return topic.map { "nashra topics unarchive \($0)" }
        case .erased: return "only the person can come back, by asking and confirming"
        case .notRegistered, .notSubscribed:
            return "if the person asks: nashra subscribers add \(address)\(option) --confirm"
        case .pending, .unanswered:
            return
                "the person answers the mail; once more: nashra subscribers add \(address)\(option) --confirm"
        case .unsubscribed, .left:
            return "only if the person asks: nashra subscribers add \(address)\(option) --confirm"
        case .suppressed(let suppression): return remedy(suppression)
        case .paused(_, let until):
            let resume = topic.map { "nashra subscribers resume \(address) --topic \($0)" }
            return until == nil ? resume : resume.map { "ends by itself, or: \($0)" }
        }
    }

    private func remedy(_ suppression: Suppression) -> String {
        let command = "nashra suppressions remove \(address)"
        let scoped: String
        if case .topic(let name) = suppression.scope {
            scoped = "\(command) --topic \(name)"
        } else {
            scoped = command
        }
        return switch suppression.reason {
        case .hardBounce, .softBounce: "when the mailbox works again: \(scoped)"
        case .complaint, .unsubscribe: "only if the person asks: \(scoped)"
        case .operator: scoped
        }
    }

    // MARK: campaigns

    /// What one campaign did.
    func campaign(_ campaign: WhyCampaign) -> String {
        if let delivery = campaign.delivery { return text(delivery) }
        return campaign.absence.map { text($0, campaign) } ?? "not in the audience"
    }

    private func text(_ delivery: WhyDelivery) -> String {
        let way = delivery.topic.map { " through \($0)" } ?? ""
        var words =
            switch delivery.state {
            case .queued: "waits for its first try"
            case .deferred: "put off\(because(delivery)), next try \(delivery.nextAt?.iso8601 ?? "later")"
            case .inFlight: "is being handed over"
            case .accepted:
                "accepted by the relay on \(day(delivery.changedAt)), in \(delivery.language)\(way)"
            case .rejected: "refused by the relay\(because(delivery))"
            case .suppressed: "not sent: \(suppressed(delivery.reason))"
            case .expired: "not accepted before its time was over\(because(delivery))"
            case .cancelled: "not sent: the campaign was cancelled"
            case .ambiguous: "perhaps sent: the line broke after the last byte"
            }
        for event in delivery.events {
            switch event {
            case .hard, .soft: words += "; bounced (\(event.rawValue))"
            case .complaint: words += "; the person called it abuse"
            case .unsubscribe: words += "; the person unsubscribed by it"
            case .delayed, .autoReply, .delivered: break
            }
        }
        return words
    }

    private func because(_ delivery: WhyDelivery) -> String {
        let words = [delivery.reason, delivery.reply].compactMap(\.self).joined(separator: ", ")
        return words.isEmpty ? "" : ": \(words)"
    }

    /// The reason that the dispatch wrote down.
    private func suppressed(_ reason: String?) -> String {
        switch reason {
        case "unsubscribed": "left after the audience was frozen"
        case "paused": "paused the topic after the audience was frozen"
        case "erased": "asked to be forgotten after the audience was frozen"
        default: "suppressed after the audience was frozen"
        }
    }

    private func text(_ absence: WhyAbsence, _ campaign: WhyCampaign) -> String {
        switch absence {
        case .notRegisteredThen: "not in the audience: not in the register then"
        case .notAskedFor: "not in the audience: it was for \(campaign.audience)"
        case .joinedLater(let topic, let at): "not in the audience: joined \(topic) later, on \(day(at))"
        case .hadLeft(let topic, let at, let reason):
            "not in the audience: had left \(topic) on \(day(at)): \(reason)"
        case .suppressed(let spell):
            "not in the audience: suppressed then (\(spell.reason.rawValue), since \(day(spell.from)))"
        case .otherLanguage: "not in the audience: it was for other languages (\(campaign.audience))"
        case .otherDomain: "not in the audience: it was for other domains (\(campaign.audience))"
        case .paused(let topic, let from): "not in the audience: \(topic) was paused since \(day(from))"
        case .unrecorded: "not in the audience: not confirmed or paused then, or outside of its segment"
        }
    }

    /// What to do about a campaign's delivery.
    func remedy(_ campaign: WhyCampaign) -> String? {
        switch campaign.delivery?.state {
        case .queued, .deferred:
            campaign.state == .paused || campaign.state == .sending
                ? "nashra campaigns resume \(campaign.name)" : nil
        default: nil
        }
    }

    private func day(_ moment: Timestamp) -> String { String(moment.iso8601.prefix(10)) }
}
