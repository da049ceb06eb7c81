// SPDX-License-Identifier: Apache-2.0
//
// One commit of the ledger's writer: a list of operations becomes one transaction and a list of answers.
// Touches the store, on the thread that calls. Rules: docs/decisions/0002-ledger.md.
import GRDB
import NashraCore

/// Commits operations for one campaign and one epoch.
struct LedgerCommit: Sendable {
    let store: Store
    let campaign: Int64
    let epoch: Int64

    /// What a commit gave: one answer per operation, how many results changed nothing, and whether the campaign has
    /// another sender now.
    struct Result {
        var answers: [IntentAnswer]
        var stale = 0
        var isReplaced = false
    }

    /// Runs all of them, or leaves no trace.
    func run(_ operations: [LedgerOperation]) throws(UserError) -> Result {
        let intents = operations.count { if case .intent = $0 { true } else { false } }
        let results = operations.count { if case .result = $0 { true } else { false } }
        guard intents + results > 0 else { return Result(answers: operations.map { _ in .granted }) }
        let hooks = store.hooks
        let result = try store.write { db in
            let transaction = try LedgerTransaction(db, commit: self)
            var result = Result(answers: [], isReplaced: !transaction.isOurs)
            result.answers.reserveCapacity(operations.count)
            for operation in operations {
                try hooks.check(.statement)
                switch operation {
                case .intent(let delivery): result.answers.append(try transaction.intent(delivery))
                case .result(let outcome):
                    if try !transaction.apply(outcome) { result.stale += 1 }
                    result.answers.append(.granted)
                case .flush, .end: result.answers.append(.granted)
                }
            }
            hooks.pass(.beforeIntentCommit, occurrences: intents)
            hooks.pass(.beforeResultCommit, occurrences: results)
            return result
        }
        hooks.pass(.afterIntentCommit, occurrences: intents)
        hooks.pass(.afterResultCommit, occurrences: results)
        return result
    }
}

/// The prepared statements; looked up once per transaction, because the look-up costs as much as a small statement.
private struct LedgerStatements {
    let intent: FastStatement
    let suppress: FastStatement
    let accept: FastStatement
    let fail: FastStatement
    let release: FastStatement
    let resends: FastStatement
    let attempt: FastStatement

    init(_ db: Database) throws {
        intent = try FastStatement(db, LedgerSQL.intent)
        suppress = try FastStatement(db, LedgerSQL.suppress)
        accept = try FastStatement(db, LedgerSQL.accept)
        fail = try FastStatement(db, LedgerSQL.fail)
        release = try FastStatement(db, LedgerSQL.release)
        resends = try FastStatement(db, LedgerSQL.resends)
        attempt = try FastStatement(db, LedgerSQL.attempt)
    }
}

/// One transaction of the writer.
private struct LedgerTransaction {
    let commit: LedgerCommit
    private let statements: LedgerStatements
    /// The campaign's state and policy cannot change while the transaction holds the write lock.
    let isSending: Bool
    let isOurs: Bool
    let isCancelled: Bool
    let resends: Bool

    init(_ db: Database, commit: LedgerCommit) throws {
        self.commit = commit
        statements = try LedgerStatements(db)
        let gate = try FastStatement(db, LedgerSQL.gate)
        gate.bind(1, commit.campaign)
        guard try gate.step() else { throw CampaignQueries.missing(commit.campaign) }
        defer { gate.reset() }
        let state = gate.text(0)
        isOurs = gate.int(1) == commit.epoch
        isSending = state == CampaignState.sending.rawValue
        isCancelled = state == CampaignState.cancelled.rawValue
        resends = gate.text(2) == AmbiguousPolicy.resend.rawValue
    }

    func intent(_ delivery: DeliveryID) throws -> IntentAnswer {
        guard isSending, isOurs else { return .refused }
        let now = commit.store.clock.now().rawValue
        let intent = statements.intent
        intent.bind(1, commit.epoch)
        intent.bind(2, now)
        intent.bind(3, delivery.rawValue)
        intent.bind(4, commit.campaign)
        guard try intent.run() == 0 else { return .granted }
        let suppress = statements.suppress
        suppress.bind(1, now)
        suppress.bind(2, delivery.rawValue)
        try suppress.run()
        return .refused
    }

    /// Applies a result; `false` when the row was no longer ours.
    func apply(_ outcome: DeliveryOutcome) throws -> Bool {
        guard isOurs else { return false }
        switch outcome.verdict {
        case .accepted(let reply):
            guard try accept(outcome, reply) else { return false }
            try attempt(outcome, "accepted", reply: reply, failure: nil)
        case .rejected(let failure):
            guard try fail(outcome, failure, becomes: .rejected) else { return false }
            try attempt(outcome, "rejected", reply: failure.reply, failure: failure)
        case .deferred(let failure, let until):
            let state: DeliveryState = isCancelled ? .cancelled : .deferred
            guard try fail(outcome, failure, becomes: state, until: until) else { return false }
            try attempt(outcome, "deferred", reply: failure.reply, failure: failure)
        case .ambiguous(let failure):
            guard try ambiguous(outcome, failure) else { return false }
            try attempt(outcome, "ambiguous", reply: failure.reply, failure: failure)
        case .released:
            return try release(outcome)
        }
        return true
    }

    private func accept(_ outcome: DeliveryOutcome, _ reply: SMTPReply) throws -> Bool {
        let accept = statements.accept
        bindKey(accept, outcome)
        accept.bind(5, reply.code)
        accept.bind(6, reply.status?.description)
        accept.bind(7, outcome.relay)
        return try accept.run() > 0
    }

    private func fail(
        _ outcome: DeliveryOutcome,
        _ failure: DeliveryFailure,
        becomes state: DeliveryState,
        until: Timestamp? = nil,
        isResend: Bool = false
    ) throws -> Bool {
        let fail = statements.fail
        bindKey(fail, outcome)
        fail.bind(5, failure.reply?.code)
        fail.bind(6, failure.reply?.status?.description)
        fail.bind(7, outcome.relay)
        // A queued row has no reason: that is how a later release tells it from a deferred one.
        fail.bind(8, state == .queued ? nil : Self.reason(failure))
        fail.bind(9, Self.words(failure))
        fail.bind(10, failure.stage.rawValue)
        fail.bind(11, state.rawValue)
        fail.bind(12, until?.rawValue)
        fail.bind(13, isResend ? 1 : 0)
        return try fail.run() > 0
    }

    private func ambiguous(_ outcome: DeliveryOutcome, _ failure: DeliveryFailure) throws -> Bool {
        let resends = statements.resends
        resends.bind(1, outcome.delivery.rawValue)
        let wasResent = try resends.step() ? resends.int(0) > 0 : true
        resends.reset()
        guard self.resends, !wasResent, !isCancelled else {
            return try fail(outcome, failure, becomes: .ambiguous)
        }
        return try fail(
            outcome,
            failure,
            becomes: .queued,
            until: outcome.finishedAt,
            isResend: true
        )
    }

    private func release(_ outcome: DeliveryOutcome) throws -> Bool {
        let release = statements.release
        bindKey(release, outcome)
        release.bind(5, isCancelled ? 1 : 0)
        // A try that ended before its intent left no trace that would have to be taken back.
        _ = try release.run()
        return true
    }

    private func bindKey(_ statement: FastStatement, _ outcome: DeliveryOutcome) {
        statement.bind(1, outcome.delivery.rawValue)
        statement.bind(2, commit.campaign)
        statement.bind(3, commit.epoch)
        statement.bind(4, outcome.finishedAt.rawValue)
    }

    private func attempt(
        _ outcome: DeliveryOutcome,
        _ word: String,
        reply: SMTPReply?,
        failure: DeliveryFailure?
    ) throws {
        let attempt = statements.attempt
        attempt.bind(1, outcome.delivery.rawValue)
        attempt.bind(2, commit.epoch)
        attempt.bind(3, word)
        attempt.bind(4, outcome.relay)
        attempt.bind(5, failure?.stage.rawValue)
        attempt.bind(6, failure?.scope.rawValue)
        attempt.bind(7, reply?.code)
        attempt.bind(8, reply?.status?.description)
        attempt.bind(9, failure.map(Self.reason))
        attempt.bind(10, failure.map(Self.words) ?? Self.clip(reply?.text ?? ""))
        attempt.bind(11, outcome.startedAt.rawValue)
        attempt.bind(12, outcome.finishedAt.rawValue)
        try attempt.run()
    }

    private static func reason(_ failure: DeliveryFailure) -> String {
        failure.reply.map { RefusalReason(reply: $0, stage: failure.stage).rawValue }
            ?? RefusalReason.undefined.rawValue
    }

    private static func words(_ failure: DeliveryFailure) -> String {
        clip(failure.reply.map(\.text) ?? failure.detail)
    }

    /// At most 1 KiB, cut between characters.
    private static func clip(_ text: String) -> String {
        guard text.utf8.count > 1_024 else { return text }
        var clipped = ""
        var length = 0
        for character in text {
            length += character.utf8.count
            guard length <= 1_024 else { break }
            clipped.append(character)
        }
        return clipped
    }
}
