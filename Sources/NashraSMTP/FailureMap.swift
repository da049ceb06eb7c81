// SPDX-License-Identifier: Apache-2.0
//
// From what happened at which step to how far it reaches and what to do: the table that keeps a relay's
// trouble from condemning people. Pure and total: every step × every kind of answer has a row, and the tests
// enumerate them all.
// Rules: RFC 5321 sections 4.2.1, 4.5.3.1.10 and 4.5.4.1; docs/decisions/0001-transport.md.
import NashraCore

/// The table of failures.
enum FailureMap {
    /// What a server answered, or what happened instead.
    enum Answer: Hashable, Sendable, CaseIterable {
        /// 421, whatever the step: the server closes this connection.
        case closing
        /// Any other 4xx.
        case transient
        /// Any other 5xx.
        case permanent
        /// 552, which at RCPT means "too many recipients, later" (RFC 5321, section 4.5.3.1.10).
        case overQuota
        /// 530, 534, 535 and 538: the server wants TLS or a login that we did not give (RFC 4954, section 6).
        case loginNeeded
        /// A well-formed 2xx or 3xx where it makes no sense.
        case unexpected
        /// The connection ended or was reset.
        case lost
        /// No complete answer in time.
        case timedOut
        /// Bytes that are no reply.
        case malformed
        /// We were told to stop.
        case aborted

        /// The kind of a reply that is not the one hoped for.
        init(code: Int) {
            switch code {
            case 421: self = .closing
            case 552: self = .overQuota
            case 530, 534, 535, 538: self = .loginNeeded
            case 400..<500: self = .transient
            case 500..<600: self = .permanent
            default: self = .unexpected
            }
        }
    }

    /// How far it reaches, and what to do.
    struct Verdict: Hashable, Sendable {
        var scope: DeliveryFailure.Scope
        var remedy: DeliveryFailure.Remedy

        static let connection = Verdict(scope: .connection, remedy: .retry)
        static let relay = Verdict(scope: .relay, remedy: .retry)
        static let refused = Verdict(scope: .recipient, remedy: .giveUp)
        static let deferred = Verdict(scope: .recipient, remedy: .retry)
        static let campaign = Verdict(scope: .campaign, remedy: .askOperator)
        static let configuration = Verdict(scope: .configuration, remedy: .askOperator)
        static let ambiguous = Verdict(scope: .ambiguous, remedy: .resolve)
    }

    /// The row for `answer` at `stage`.
    static func verdict(_ stage: SMTPStage, _ answer: Answer) -> Verdict {
        switch answer {
        case .closing: .connection
        case .lost, .timedOut, .malformed, .aborted, .unexpected:
            stage == .afterDot ? .ambiguous : .connection
        case .transient: transient(stage)
        case .permanent: permanent(stage)
        case .overQuota: stage == .rcpt ? .deferred : permanent(stage)
        case .loginNeeded: loginNeeded(stage)
        }
    }

    private static func transient(_ stage: SMTPStage) -> Verdict {
        switch stage {
        case .connect, .greeting, .ehlo, .startTLS, .auth, .rset, .quit: .connection
        case .mail, .data, .body, .beforeDot, .afterDot: .relay
        case .rcpt: .deferred
        }
    }

    /// At the dot the verdict is about one message; whether it is about all of them is for the storm guard
    /// to see.
    private static func permanent(_ stage: SMTPStage) -> Verdict {
        switch stage {
        case .connect, .greeting, .ehlo, .rset, .quit: .connection
        case .startTLS, .auth: .configuration
        case .mail: .campaign
        case .rcpt, .data, .body, .beforeDot, .afterDot: .refused
        }
    }

    private static func loginNeeded(_ stage: SMTPStage) -> Verdict {
        switch stage {
        case .mail, .rcpt, .data: .configuration
        default: permanent(stage)
        }
    }

    /// The failure that `reply` means at `stage`.
    static func failure(_ stage: SMTPStage, _ reply: SMTPReply) -> DeliveryFailure {
        let answer = Answer(code: reply.code)
        let verdict = verdict(stage, answer)
        return DeliveryFailure(
            stage: stage,
            scope: verdict.scope,
            remedy: verdict.remedy,
            reply: reply,
            detail: sentence(stage, answer)
        )
    }

    /// The failure that something other than a reply means at `stage`.
    ///
    /// - Parameters:
    ///   - stage: The step that was under way.
    ///   - answer: What happened.
    ///   - cause: The system's or libcurl's own sentence, or an empty string.
    /// - Returns: The failure, without a reply.
    static func failure(_ stage: SMTPStage, _ answer: Answer, cause: String = "") -> DeliveryFailure {
        let verdict = verdict(stage, answer)
        let what = sentence(stage, answer)
        return DeliveryFailure(
            stage: stage,
            scope: verdict.scope,
            remedy: verdict.remedy,
            detail: cause.isEmpty ? what : "\(what): \(cause)"
        )
    }

    private static func sentence(_ stage: SMTPStage, _ answer: Answer) -> String {
        switch answer {
        case .closing: "the relay closed the connection"
        case .transient: "the relay put off \(object(stage))"
        case .permanent, .overQuota: "the relay refused \(object(stage))"
        case .loginNeeded: "the relay wants a login or TLS first"
        case .unexpected: "the relay gave an answer that makes no sense here"
        case .lost where stage == .connect: "no connection to the relay"
        case .lost: "the connection was lost"
        case .timedOut: "the relay did not answer in time"
        case .malformed: "the relay sent something that is no SMTP reply"
        case .aborted: "we were told to stop"
        }
    }

    private static func object(_ stage: SMTPStage) -> String {
        switch stage {
        case .connect, .greeting: "the connection"
        case .ehlo: "our EHLO"
        case .startTLS: "to start TLS"
        case .auth: "our login"
        case .mail: "the sender"
        case .rcpt: "the recipient"
        case .data, .body, .beforeDot, .afterDot: "the message"
        case .rset: "RSET"
        case .quit: "QUIT"
        }
    }
}
