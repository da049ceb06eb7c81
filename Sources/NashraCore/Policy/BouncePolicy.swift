// SPDX-License-Identifier: Apache-2.0
//
// When returned messages change somebody's state: which findings condemn, after how many, over how long.
// Pure. Rules: docs/decisions/0007-bounces.md; the numbers follow M3AAWG's practice and are config/bounce-policy.yaml.

/// The rules by which bounces act.
public struct BouncePolicy: Hashable, Sendable {
    /// Reasons that condemn an address at once when the failure is permanent.
    public var hardReasons: Set<RefusalReason> = [.unknownUser, .domainUnknown, .moved]
    /// Statuses that are hard whatever the reason; asked after ``softStatuses``.
    public var hardStatuses: [StatusPattern] = []
    /// Statuses that are never hard.
    public var softStatuses: [StatusPattern] = []
    /// Reasons that tell of us and not of the person: such a soft bounce is recorded and counts for nothing.
    public var reasonsAboutUs: Set<RefusalReason> = [
        .contentRefused, .reputation, .policy, .notAuthenticated, .relayingDenied, .security, .syntax,
        .messageTooBig,
    ]
    /// Soft bounces in so many campaigns in a row suppress; 1 or more.
    public var softCampaigns = 4
    /// … when the first and the last of them lie at least so far apart.
    public var softSpan: Duration = .seconds(14 * 86_400)
    /// A delivery that the relay accepted so long ago, without a bounce since, was a success.
    public var settledAfter: Duration = .seconds(72 * 3_600)
    /// Whether a probe goes out before soft bounces suppress.
    public var probe = false
    /// A probe that did not bounce for so long after it was sent was a success.
    public var probeWait: Duration = .seconds(7 * 86_400)
    /// So many people of one domain condemned by one campaign can be an alarm; 5 or more.
    public var domainMinimum = 20
    /// … when they are at least this share of the campaign's deliveries to the domain, 0...1.
    public var domainShare = 0.30
    /// More people than this of one domain, all with `domain-unknown`, are an alarm whatever their share.
    public var domainUnknownMaximum = 5
    /// So many condemned by one campaign can be an alarm about the whole campaign.
    public var campaignMinimum = 100
    /// … when they are at least this share of what the relay accepted, 0...1.
    public var campaignShare = 0.30
    /// How far back an alarm takes suppressions back that its domain and campaign made.
    public var alarmWindow: Duration = .seconds(7 * 86_400)
    /// So many hard bounces can hold a campaign that is still being sent.
    public var holdMinimum = 20
    /// … when they are more than this share of what the relay accepted, 0...1.
    public var holdShare = 0.05
    /// How many messages of strangers (forged, untied) are kept with their bytes.
    public var keptOfStrangers = 1_000

    /// Makes the standard policy.
    public init() {}

    /// The standard policy.
    public static let standard = BouncePolicy()

    /// What a finding counts as under this policy.
    ///
    /// - Returns: `nil` for what is no event of a delivery: `none` and `unknown`.
    public func event(
        kind: BounceVerdict.Kind,
        action: BounceVerdict.Action?,
        status: EnhancedStatusCode?,
        reason: RefusalReason?
    ) -> BounceEvent? {
        switch kind {
        case .hard, .soft:
            if action == .delayed { return .delayed }
            return isHard(kind: kind, action: action, status: status, reason: reason) ? .hard : .soft
        case .complaint: return .complaint
        case .autoReply: return .autoReply
        case .delivered: return .delivered
        case .none, .unknown: return nil
        }
    }

    private func isHard(
        kind: BounceVerdict.Kind,
        action: BounceVerdict.Action?,
        status: EnhancedStatusCode?,
        reason: RefusalReason?
    ) -> Bool {
        if let status {
            if Self.isAboutSender(status) || softStatuses.contains(where: { $0.matches(status) }) {
                return false
            }
            if hardStatuses.contains(where: { $0.matches(status) }) { return true }
        }
        let isListed = reason.map(hardReasons.contains) ?? false
        if kind == .hard { return isListed || reason == nil || reason == .undefined }
        // An operator may call more reasons hard than the classifier does, but only of failures that are for good.
        return isListed && action == .failed && status?.category == 5
    }

    /// Whether a soft bounce says something about the person.
    public func countsAgainstPerson(_ reason: RefusalReason?, status: EnhancedStatusCode? = nil) -> Bool {
        if let status, Self.isAboutSender(status) { return false }
        return reason.map { !reasonsAboutUs.contains($0) } ?? true
    }

    /// X.1.7 to X.1.9 find fault with the sender's address or with the relay (RFC 3463, section 3.2; RFC 3886).
    private static func isAboutSender(_ status: EnhancedStatusCode) -> Bool {
        status.subject == 1 && (7...9).contains(status.detail)
    }
}

/// A set of enhanced status codes: three numbers, each of which may be any.
public struct StatusPattern: Hashable, Sendable, CustomStringConvertible {
    /// The first number, or `nil` for any.
    public let category: UInt8?
    /// The second number, or `nil` for any.
    public let subject: UInt16?
    /// The third number, or `nil` for any.
    public let detail: UInt16?

    /// Reads `5.1.1`, `5.1.*` or `5.*.*`; `nil` for anything else.
    ///
    /// The first number is 4 or 5.
    public init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "4" || parts[0] == "5" else { return nil }
        var numbers: [UInt16?] = []
        for part in parts.dropFirst() {
            if part == "*" {
                numbers.append(nil)
            } else {
                guard part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(part),
                    number <= 999
                else { return nil }
                numbers.append(number)
            }
        }
        category = UInt8(parts[0])
        subject = numbers[0]
        detail = numbers[1]
    }

    /// Whether a code is in the set.
    public func matches(_ status: EnhancedStatusCode) -> Bool {
        (category == nil || category == status.category) && (subject == nil || subject == status.subject)
            && (detail == nil || detail == status.detail)
    }

    /// As it is written.
    public var description: String {
        "\(category.map(String.init) ?? "*").\(subject.map(String.init) ?? "*").\(detail.map(String.init) ?? "*")"
    }
}
