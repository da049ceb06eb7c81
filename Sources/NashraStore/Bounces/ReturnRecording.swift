// SPDX-License-Identifier: Apache-2.0
//
// Recording what came back: a batch of messages is one transaction, with all that follows from it.
// Touches the store. Rules: docs/decisions/0007-bounces.md.
import GRDB
public import NashraCore

extension Store {
    /// Records returned messages, and does what the policy asks for.
    ///
    /// All of it is durable when this returns, or none: only then may the messages be deleted where they were found. The
    /// same message again is counted as such and changes nothing, so that a batch may be recorded twice.
    ///
    /// - Parameters:
    ///   - entries: The messages, in the order in which they count; some hundreds at a time.
    ///   - policy: When they change somebody's state.
    ///   - actor: Who ingests them, for the audit; not `sender`, which is how the storm guard signs.
    /// - Returns: What became of each, in the same order.
    /// - Throws: `inputOutput` or `tryAgain` when the store cannot be written; `bug` for a digest that is not 32 bytes.
    public func recordReturned(
        _ entries: [ReturnedEntry],
        policy: BouncePolicy,
        actor: String
    ) throws(UserError) -> [RecordedReturn] {
        guard !entries.isEmpty else { return [] }
        guard entries.allSatisfy({ $0.digest.count == 32 }) else {
            throw UserError(.bug, "a returned message has no SHA-256", remedy: "Please report this.")
        }
        let hooks = hooks
        let recorded = try write { db in
            let acting = try BounceActing(db, store: self, policy: policy, actor: actor)
            let recorder = try ReturnRecorder(acting)
            var recorded: [RecordedReturn] = []
            recorded.reserveCapacity(entries.count)
            for entry in entries {
                try hooks.check(.statement)
                recorded.append(try recorder.record(entry))
            }
            _ = try acting.passProbes()
            hooks.pass(.beforeBounceCommit, occurrences: entries.count)
            return recorded
        }
        hooks.pass(.afterBounceCommit, occurrences: entries.count)
        return recorded
    }
}

/// Records one message after another, within one transaction.
private final class ReturnRecorder {
    private let acting: BounceActing
    private let againStatement: FastStatement
    private let recordStatement: FastStatement
    private let keepStatement: FastStatement
    private let countStatement: FastStatement
    /// How many messages of strangers are kept; counted when the first one comes.
    private var keptOfStrangers: Int?

    init(_ acting: BounceActing) throws {
        self.acting = acting
        againStatement = try FastStatement(acting.db, BounceSQL.again)
        recordStatement = try FastStatement(acting.db, BounceSQL.record)
        keepStatement = try FastStatement(acting.db, BounceSQL.keep)
        countStatement = try FastStatement(acting.db, BounceSQL.count)
    }

    func record(_ entry: ReturnedEntry) throws -> RecordedReturn {
        if let duplicate = try again(entry) { return duplicate }
        let tied = try tie(entry)
        let entry = entry.recordable(about: tied.person)
        let finding =
            tied.person.map { BounceFinding(entry.verdict, for: $0) } ?? BounceFinding(entry.verdict)
        let event = tied.isTied ? event(entry, finding) : nil
        var standing = tied.standing
        let known = try event == nil ? [] : tied.person.map { try acting.events($0.id) } ?? []
        if standing == .counted, tied.probe == nil, let event, BounceActing.isOld(event, among: known) {
            standing = .repeated
        }
        let id = try insert(entry, finding, event, standing, tied)
        try keep(entry, id, standing)
        try count(entry.verdict.kind.rawValue, standing.rawValue, messages: 1, again: 0)
        var recorded = RecordedReturn(
            id: ReturnedID(rawValue: id),
            standing: standing,
            event: standing == .counted ? event : nil
        )
        if standing == .counted, let question = tied.confirmation {
            recorded.effects = try acting.confirm(question)
        }
        guard standing == .counted, let person = tied.person else { return recorded }
        if entry.purpose == .reply, tied.probe == nil {
            recorded.effects = try acting.recordReply(entry, returned: id, person)
        } else if let event {
            let news = BounceNews(
                event: event,
                status: finding.status?.description,
                reason: finding.reason,
                returned: id,
                origin: Self.origin(event, isProbe: tied.probe != nil)
            )
            if let probe = tied.probe, event != .complaint {
                recorded.effects = try acting.endProbe(probe, news, person)
            } else if !BounceActing.isOld(event, among: known) {
                recorded.effects = try acting.act(news, on: person, known: known)
            }
        }
        return recorded
    }

    /// Whether the same bytes were recorded before, which is then counted.
    private func again(_ entry: ReturnedEntry) throws -> RecordedReturn? {
        againStatement.bind(1, blob: entry.digest)
        guard try againStatement.step() else { return nil }
        let id = againStatement.int(0)
        let kind = againStatement.text(1) ?? ""
        let standing = againStatement.text(2) ?? ""
        try againStatement.run()
        try count(kind, standing, messages: 0, again: 1)
        return RecordedReturn(id: ReturnedID(rawValue: id), standing: .duplicate)
    }

    // MARK: to whom it belongs

    private struct Tied {
        var standing: RecordedReturn.Standing
        var proof: ReturnTie.Proof?
        var person: TiedDelivery?
        var probe: ProbeRow?
        var confirmation: ConfirmationID?
        var isTied: Bool { person != nil && standing != .odd }
    }

    private func tie(_ entry: ReturnedEntry) throws -> Tied {
        switch entry.tie {
        case .forged: return Tied(standing: .forged)
        case .untied: return Tied(standing: .untied)
        case .proven(let id, let proof):
            guard let person = try acting.delivery(id.rawValue) else {
                return Tied(standing: .odd, proof: proof)
            }
            return Tied(standing: person.wasHandedOver ? .counted : .odd, proof: proof, person: person)
        case .confirmation(let id):
            // Whatever a machine says, it agrees to nothing.
            let counts = try entry.verdict.kind == .none && acting.isOpen(id)
            return Tied(standing: counts ? .counted : .odd, proof: .confirmationToken, confirmation: id)
        case .probe(let id):
            guard let probe = try acting.probe(id.rawValue), let person = try acting.delivery(probe.delivery)
            else {
                return Tied(standing: .odd)
            }
            let standing: RecordedReturn.Standing =
                !probe.wasHandedOver ? .odd : probe.state == .bounced ? .repeated : .counted
            return Tied(standing: standing, person: person, probe: probe)
        }
    }

    private func event(_ entry: ReturnedEntry, _ finding: BounceFinding) -> BounceEvent? {
        switch entry.purpose {
        case .unsubscribe: .unsubscribe
        case .reply: nil
        case .report:
            acting.policy.event(
                kind: finding.kind,
                action: finding.action,
                status: finding.status,
                reason: finding.reason
            )
        }
    }

    private static func origin(_ event: BounceEvent, isProbe: Bool) -> String {
        switch event {
        case .complaint: "complaint"
        case .unsubscribe: "mail"
        default: isProbe ? BounceActing.probeOrigin : "bounce"
        }
    }

    // MARK: rows

    private func insert(
        _ entry: ReturnedEntry,
        _ finding: BounceFinding,
        _ event: BounceEvent?,
        _ standing: RecordedReturn.Standing,
        _ tied: Tied
    ) throws -> Int64 {
        let row = recordStatement
        row.bind(1, blob: entry.digest)
        row.bind(2, entry.source)
        row.bind(3, entry.receivedAt.rawValue)
        row.bind(4, acting.now.rawValue)
        row.bind(5, entry.verdict.kind.rawValue)
        row.bind(6, finding.action?.rawValue)
        row.bind(7, finding.status?.description)
        row.bind(8, finding.reason?.rawValue)
        row.bind(9, entry.verdict.evidence.rawValue)
        row.bind(10, entry.verdict.rule)
        row.bind(11, finding.diagnostic)
        row.bind(12, entry.sender)
        row.bind(13, entry.subject)
        row.bind(14, FlatJSON.encode(list: entry.verdict.recipients.prefix(100).lazy.map(\.address)))
        row.bind(15, entry.purpose.rawValue)
        row.bind(16, standing.rawValue)
        row.bind(17, tied.proof?.rawValue)
        row.bind(18, event?.rawValue)
        row.bind(19, tied.person?.id)
        row.bind(20, tied.person?.campaign)
        row.bind(21, tied.probe?.id)
        try row.run()
        return acting.db.lastInsertedRowID
    }

    private func keep(_ entry: ReturnedEntry, _ id: Int64, _ standing: RecordedReturn.Standing) throws {
        guard let raw = entry.raw else { return }
        let isStranger = standing != .counted && standing != .repeated
        if isStranger {
            let kept = try keptOfStrangers ?? countKept()
            keptOfStrangers = kept
            guard kept < acting.policy.keptOfStrangers else { return }
            keptOfStrangers = kept + 1
        }
        keepStatement.bind(1, id)
        keepStatement.bind(2, isStranger ? 1 : 0)
        keepStatement.bind(3, blob: raw)
        try keepStatement.run()
    }

    private func countKept() throws -> Int {
        try Int.fetchOne(acting.db, sql: "SELECT count(*) FROM returned_bytes WHERE of_stranger = 1") ?? 0
    }

    private func count(_ kind: String, _ standing: String, messages: Int, again: Int) throws {
        countStatement.bind(1, kind)
        countStatement.bind(2, standing)
        countStatement.bind(3, messages)
        countStatement.bind(4, again)
        try countStatement.run()
    }
}
