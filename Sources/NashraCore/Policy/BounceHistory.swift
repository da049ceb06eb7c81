// SPDX-License-Identifier: Apache-2.0
//
// What is known of one person when a bounce comes in, and what follows from it.
// Pure; the store gathers the history and carries out the actions. Rules: docs/decisions/0007-bounces.md.

/// What a policy asks the store to do with one person.
public enum BounceAction: Sendable, Hashable {
    /// Suppress the address.
    case suppress(SuppressionReason)
    /// Send one short message first, and see whether it bounces.
    case probe
    /// End the subscription through which the person was reached.
    case leaveTopic
    /// End every subscription that may be ended.
    case leaveAll
}

/// One person, as far as bounces go.
public struct BounceHistory: Sendable, Hashable {
    /// What became of one campaign's message to the person.
    public enum Fate: String, Sendable, Hashable {
        /// It did not get through, for a reason that counts.
        case soft
        /// The address does not work.
        case hard
        /// Accepted, and nothing came back; a success once it is settled.
        case quiet
        /// Says nothing: not sent, not known, delayed, or failed for a reason of ours.
        case open
    }

    /// One campaign's message to the person.
    public struct Mailing: Sendable, Hashable {
        /// When the relay took it or refused it.
        public var at: Timestamp
        /// What became of it.
        public var fate: Fate

        /// Makes one.
        public init(at: Timestamp, fate: Fate) {
            self.at = at
            self.fate = fate
        }
    }

    /// The news.
    public enum News: Sendable, Hashable {
        /// About the message that was handed over at `sentAt`.
        case event(BounceEvent, sentAt: Timestamp)
        /// The probe came back.
        case probeBounced(isHard: Bool)
    }

    /// The news.
    public var news: News
    /// The campaigns that mailed the person, this one among them, in any order.
    public var mailings: [Mailing]
    /// When somebody last lifted a suppression of the address, or `nil`.
    public var liftedAt: Timestamp?
    /// When a probe last passed, or `nil`.
    public var probePassedAt: Timestamp?
    /// Whether a probe is queued or under way.
    public var isProbed: Bool
    /// The current moment.
    public var now: Timestamp

    /// Makes a history.
    public init(
        news: News,
        mailings: [Mailing] = [],
        liftedAt: Timestamp? = nil,
        probePassedAt: Timestamp? = nil,
        isProbed: Bool = false,
        now: Timestamp
    ) {
        self.news = news
        self.mailings = mailings
        self.liftedAt = liftedAt
        self.probePassedAt = probePassedAt
        self.isProbed = isProbed
        self.now = now
    }
}

extension BouncePolicy {
    /// The campaigns in a row that ended in a soft bounce, up to now.
    public struct SoftRun: Sendable, Hashable {
        /// How many.
        public var count: Int
        /// From the first one's message to the last one's.
        public var span: Duration
    }

    /// What follows from the news about one person; empty when nothing does.
    public func decide(_ history: BounceHistory) -> [BounceAction] {
        switch history.news {
        case .probeBounced(let isHard): return [.suppress(isHard ? .hardBounce : .softBounce)]
        case .event(.complaint, _): return [.suppress(.complaint), .leaveAll]
        case .event(.unsubscribe, _): return [.leaveTopic]
        case .event(.hard, let sentAt):
            // Somebody who lifted a suppression knew what had been sent until then.
            if let lifted = history.liftedAt, sentAt < lifted { return [] }
            return [.suppress(.hardBounce)]
        case .event(.soft, _):
            let run = softRun(history)
            guard run.count >= max(1, softCampaigns), run.span >= softSpan else { return [] }
            guard probe else { return [.suppress(.softBounce)] }
            return history.isProbed ? [] : [.probe]
        case .event(.delayed, _), .event(.autoReply, _), .event(.delivered, _): return []
        }
    }

    /// Counts back from the newest message to the first success, lifted suppression or passed probe.
    public func softRun(_ history: BounceHistory) -> SoftRun {
        let start = [history.liftedAt, history.probePassedAt].compactMap { $0 }.max()
        var count = 0
        var newest: Timestamp?
        var oldest: Timestamp?
        for mailing in history.mailings.sorted(by: { $0.at > $1.at }) {
            if let start, mailing.at < start { break }
            switch mailing.fate {
            case .soft, .hard:
                count += 1
                newest = newest ?? mailing.at
                oldest = mailing.at
            case .quiet where history.now - mailing.at >= settledAfter:
                return run(count, newest, oldest)
            case .quiet, .open: continue
            }
        }
        return run(count, newest, oldest)
    }

    private func run(_ count: Int, _ newest: Timestamp?, _ oldest: Timestamp?) -> SoftRun {
        guard let newest, let oldest else { return SoftRun(count: 0, span: .zero) }
        return SoftRun(count: count, span: newest - oldest)
    }
}
