// SPDX-License-Identifier: Apache-2.0
//
// The policy of bounces: what counts as hard, what is counted, and when it is enough.
import NashraCore
import Testing

@Suite struct BouncePolicyTests {
    private let now = Timestamp(rawValue: 1_795_338_000_000)
    private func days(_ count: Double) -> Timestamp {
        Timestamp(rawValue: now.rawValue + Int64(count * 86_400_000))
    }

    private func event(
        _ kind: BounceVerdict.Kind,
        _ status: String? = nil,
        _ reason: RefusalReason? = nil,
        action: BounceVerdict.Action? = .failed,
        policy: BouncePolicy = .standard
    ) -> BounceEvent? {
        let code = status.flatMap { EnhancedStatusCode.parse(prefixOf: $0.utf8)?.code }
        return policy.event(kind: kind, action: action, status: code, reason: reason)
    }

    @Test(arguments: RefusalReason.allCases)
    func `only an unknown user, an unknown domain and a move are hard by default`(_ reason: RefusalReason) {
        let isHard = [.unknownUser, .domainUnknown, .moved].contains(reason)
        // Without a reason that says otherwise, the classifier's word stands.
        let trusted = isHard || reason == .undefined
        #expect(event(.hard, "5.0.0", reason) == (trusted ? .hard : .soft))
        #expect(event(.soft, "4.0.0", reason) == .soft)
    }

    @Test func `a delay is never a failure, whatever it says`() {
        #expect(event(.soft, "4.4.1", .hostUnreachable, action: .delayed) == .delayed)
        #expect(event(.hard, "5.1.1", .unknownUser, action: .delayed) == .delayed)
    }

    @Test func `what is no event of a delivery is none`() {
        #expect(event(.none) == nil)
        #expect(event(.unknown) == nil)
        #expect(event(.autoReply) == .autoReply)
        #expect(event(.delivered, action: .delivered) == .delivered)
        #expect(event(.complaint) == .complaint)
    }

    @Test func `the sender's own faults are never the person's`() {
        #expect(event(.hard, "5.1.8", .domainUnknown) == .soft)
        #expect(event(.hard, "5.1.7", .unknownUser) == .soft)
        #expect(
            !BouncePolicy.standard.countsAgainstPerson(.domainUnknown, status: EnhancedStatusCode(5, 1, 8))
        )
        for reason in [
            RefusalReason.contentRefused, .reputation, .policy, .relayingDenied, .notAuthenticated,
        ] {
            #expect(!BouncePolicy.standard.countsAgainstPerson(reason))
        }
        for reason in [RefusalReason.mailboxFull, .overQuota, .suspended, .hostUnreachable, .timeout] {
            #expect(BouncePolicy.standard.countsAgainstPerson(reason))
        }
        #expect(BouncePolicy.standard.countsAgainstPerson(nil))
    }

    @Test func `an operator may call other statuses and reasons hard, and hard ones soft`() throws {
        var policy = BouncePolicy.standard
        policy.hardStatuses = [try #require(StatusPattern("5.2.1"))]
        policy.softStatuses = [try #require(StatusPattern("5.1.*"))]
        policy.hardReasons.insert(.suspended)
        #expect(event(.soft, "5.2.1", .suspended, policy: policy) == .hard)
        #expect(event(.hard, "5.1.1", .unknownUser, policy: policy) == .soft)
        #expect(event(.soft, "5.7.0", .suspended, policy: policy) == .hard)
        #expect(event(.soft, "4.2.1", .suspended, policy: policy) == .soft)
    }

    @Test(arguments: ["", "5", "5.1", "5.1.1.1", "2.1.1", "5.x.1", "*.1.1", "5.1.1000", "5..1", "٥.١.١"])
    func `what is no set of statuses is refused`(_ text: String) {
        #expect(StatusPattern(text) == nil)
    }

    @Test func `a set of statuses matches what it says`() throws {
        let pattern = try #require(StatusPattern("5.1.*"))
        #expect(pattern.matches(EnhancedStatusCode(5, 1, 6)))
        #expect(!pattern.matches(EnhancedStatusCode(4, 1, 6)))
        #expect(!pattern.matches(EnhancedStatusCode(5, 2, 6)))
        #expect(pattern.description == "5.1.*")
    }

    // MARK: decisions

    private func soft(_ mailings: [(Double, BounceHistory.Fate)], at moment: Double) -> BounceHistory {
        BounceHistory(
            news: .event(.soft, sentAt: days(mailings.last?.0 ?? 0)),
            mailings: mailings.map { .init(at: days($0.0), fate: $0.1) },
            now: days(moment)
        )
    }

    @Test func `one hard bounce suppresses, a soft one does not`() {
        let policy = BouncePolicy.standard
        #expect(
            policy.decide(.init(news: .event(.hard, sentAt: now), now: now)) == [.suppress(.hardBounce)]
        )
        #expect(policy.decide(soft([(0, .soft)], at: 1)) == [])
    }

    @Test func `soft bounces need both their number and their time`() {
        let policy = BouncePolicy.standard
        #expect(policy.decide(soft([(0, .soft), (7, .soft), (14, .soft)], at: 15)) == [])
        #expect(policy.decide(soft([(0, .soft), (1, .soft), (2, .soft), (3, .soft)], at: 4)) == [])
        #expect(
            policy.decide(soft([(0, .soft), (5, .soft), (10, .soft), (14, .soft)], at: 15))
                == [.suppress(.softBounce)]
        )
        #expect(policy.decide(soft([(0, .soft), (5, .soft), (10, .soft), (13.9, .soft)], at: 15)) == [])
    }

    @Test func `a success between them begins the count anew, but only once it is settled`() {
        let policy = BouncePolicy.standard
        let mixed: [(Double, BounceHistory.Fate)] = [
            (0, .soft), (5, .soft), (9, .quiet), (10, .soft), (20, .soft),
        ]
        #expect(policy.softRun(soft(mixed, at: 21)).count == 2)
        #expect(policy.softRun(soft(mixed, at: 11)).count == 4)
        #expect(policy.decide(soft(mixed, at: 21)) == [])
    }

    @Test func `a newer success forgives what comes back late`() {
        let late = soft([(0, .soft), (5, .soft), (10, .soft), (14, .soft), (15, .quiet)], at: 20)
        #expect(BouncePolicy.standard.softRun(late).count == 0)
    }

    @Test func `campaigns that say nothing neither count nor forgive`() {
        let history = soft(
            [(0, .soft), (3, .open), (5, .soft), (8, .open), (10, .soft), (15, .soft)],
            at: 16
        )
        #expect(BouncePolicy.standard.decide(history) == [.suppress(.softBounce)])
    }

    @Test func `what was sent before somebody lifted a suppression counts no more`() {
        var history = soft([(0, .soft), (5, .soft), (10, .soft), (14, .soft)], at: 15)
        history.liftedAt = days(6)
        #expect(BouncePolicy.standard.softRun(history).count == 2)
        var hard = BounceHistory(news: .event(.hard, sentAt: days(1)), liftedAt: days(2), now: days(3))
        #expect(BouncePolicy.standard.decide(hard) == [])
        hard.news = .event(.hard, sentAt: days(2.5))
        #expect(BouncePolicy.standard.decide(hard) == [.suppress(.hardBounce)])
    }

    @Test func `a complaint suppresses and ends everything, even after a suppression was lifted`() {
        let history = BounceHistory(
            news: .event(.complaint, sentAt: days(0)),
            liftedAt: days(1),
            now: days(2)
        )
        #expect(BouncePolicy.standard.decide(history) == [.suppress(.complaint), .leaveAll])
    }

    @Test func `a probe comes first where it is asked for, and only one at a time`() {
        var policy = BouncePolicy.standard
        policy.probe = true
        var history = soft([(0, .soft), (5, .soft), (10, .soft), (14, .soft)], at: 15)
        #expect(policy.decide(history) == [.probe])
        history.isProbed = true
        #expect(policy.decide(history) == [])
        history.isProbed = false
        history.probePassedAt = days(12)
        #expect(policy.decide(history) == [])
        let hard = BounceHistory(news: .probeBounced(isHard: true), now: now)
        let full = BounceHistory(news: .probeBounced(isHard: false), now: now)
        #expect(policy.decide(hard) == [.suppress(.hardBounce)])
        #expect(policy.decide(full) == [.suppress(.softBounce)])
    }

    @Test func `leaving, answering machines and success suppress nobody`() {
        for event in [BounceEvent.delayed, .autoReply, .delivered] {
            #expect(BouncePolicy.standard.decide(.init(news: .event(event, sentAt: now), now: now)) == [])
        }
        #expect(
            BouncePolicy.standard.decide(.init(news: .event(.unsubscribe, sentAt: now), now: now))
                == [.leaveTopic]
        )
    }
}
