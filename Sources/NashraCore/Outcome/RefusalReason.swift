// SPDX-License-Identifier: Apache-2.0
//
// Why a server refuses somebody, in one closed list of words for reports, SQL and JSON.
// Pure. The table is by RFC 3463 and the IANA registry of enhanced status codes.

/// Why mail was refused, put off or not sent.
///
/// The raw values stand in reports.
public enum RefusalReason: String, Sendable, Hashable, Codable, CaseIterable {
    case unknownUser = "unknown-user"
    case mailboxFull = "mailbox-full"
    case overQuota = "over-quota"
    case messageTooBig = "message-too-big"
    case contentRefused = "content-refused"
    case reputation
    case policy
    case notAuthenticated = "not-authenticated"
    case relayingDenied = "relaying-denied"
    case domainUnknown = "domain-unknown"
    case hostUnreachable = "host-unreachable"
    case timeout
    case greylisted
    case tooMany = "too-many"
    case suspended
    case moved
    case filtered
    case security
    case syntax
    case systemError = "system-error"
    case undefined

    /// The reason behind a refusal.
    ///
    /// - Parameters:
    ///   - reply: A 4xx or 5xx.
    ///   - stage: Where it came: without a status code, 550 means another thing at RCPT than after the dot.
    public init(reply: SMTPReply, stage: SMTPStage) {
        if let status = reply.status, let known = Self.byStatus(status) {
            self = known
        } else {
            self = Self.byCode(reply.code, stage: stage)
        }
    }

    /// IANA "SMTP Enhanced Status Codes" registry; RFC 3463 sections 3.2 to 3.8, RFC 5248, RFC 7372, RFC 7504.
    private static func byStatus(_ status: EnhancedStatusCode) -> RefusalReason? {
        switch (status.subject, status.detail) {
        case (1, 1), (1, 6), (1, 0): status.detail == 6 ? .moved : .unknownUser
        case (1, 2), (1, 10): .domainUnknown
        case (1, 3), (1, 7): .syntax
        // The sender's domain, not the recipient's.
        case (1, 8): .policy
        case (2, 1): .suspended
        case (2, 2): .mailboxFull
        case (2, 3), (3, 4): .messageTooBig
        case (3, 1), (3, 2), (3, 0), (3, 5): .systemError
        case (3, 3): .systemError
        case (4, 1), (4, 2), (4, 3), (4, 4): .hostUnreachable
        case (4, 5): .tooMany
        case (4, 6), (4, 7): .timeout
        case (5, 3): .tooMany
        case (5, _): .syntax
        case (6, _): .contentRefused
        case (7, 1): .policy
        case (7, 8), (7, 9): .notAuthenticated
        case (7, 20), (7, 21), (7, 22), (7, 23), (7, 24), (7, 25), (7, 26), (7, 515): .notAuthenticated
        case (7, 28): .tooMany
        case (7, _): .security
        default: nil
        }
    }

    private static func byCode(_ code: Int, stage: SMTPStage) -> RefusalReason {
        switch (code, stage) {
        case (450, .rcpt): .greylisted
        case (451, _): .systemError
        case (452, _): .systemError
        case (550, .rcpt), (511, .rcpt): .unknownUser
        case (551, _): .moved
        case (552, _): .mailboxFull
        case (553, _), (500...504, _): .syntax
        case (554, .afterDot), (550, .afterDot): .contentRefused
        case (554, _): .policy
        case (521, _), (556, _): .domainUnknown
        default: .undefined
        }
    }
}
