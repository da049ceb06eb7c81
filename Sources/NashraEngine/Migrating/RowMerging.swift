// SPDX-License-Identifier: Apache-2.0
//
// Several rows about one person, put together: other systems tell of each list, and of blocklists, apart.
// Pure. When two rows disagree, the one that sends less mail is right.
import NashraCore
public import NashraStore

extension ImportRow {
    /// This row with what `other` knows of the same address.
    ///
    /// A value that both have is this row's. Of two memberships of one topic, one that has ended stays ended; a
    /// confirmed one counts more than one that waits; a pause stays, the longer one; the rarer frequency stays; the
    /// earlier consent stays. Of two suppressions the weightier stays: ``SuppressionReason/weight``.
    ///
    /// - Parameter other: A later row of the same address.
    /// - Returns: One row for both.
    public func merged(with other: ImportRow) -> ImportRow {
        var row = self
        row.name = name ?? other.name
        row.language = language ?? other.language
        row.attributes.merge(other.attributes) { mine, _ in mine }
        row.createdAt = [createdAt, other.createdAt].compactMap { $0 }.min()
        row.state = state ?? other.state
        for membership in other.memberships {
            if let index = row.memberships.firstIndex(where: { $0.topic == membership.topic }) {
                row.memberships[index] = row.memberships[index].merged(with: membership)
            } else {
                row.memberships.append(membership)
            }
        }
        if let theirs = other.suppression {
            let isWeightier = suppression.map { $0.reason.weight < theirs.reason.weight } ?? true
            if isWeightier { row.suppression = theirs }
        }
        return row
    }
}

extension ImportMembership {
    /// This membership with what another row knows of the same topic; see ``ImportRow/merged(with:)``.
    func merged(with other: ImportMembership) -> ImportMembership {
        var (first, second) = (self, other)
        if other.rank > rank { swap(&first, &second) }
        if first.state != .ended {
            first.frequency =
                [first.frequency, second.frequency].max { $0.rarity < $1.rarity } ?? first.frequency
            pause(&first, second)
        }
        if second.state != .pending, let consent = second.consentAt {
            first.consentAt = first.consentAt.map { min($0, consent) } ?? consent
        }
        return first
    }

    private func pause(_ first: inout ImportMembership, _ second: ImportMembership) {
        guard let from = second.pausedFrom else { return }
        let bounds = [first.pausedUntil, second.pausedUntil].compactMap { $0 }
        if let own = first.pausedFrom {
            first.pausedFrom = min(own, from)
            first.pausedUntil = bounds.count == 2 ? bounds.max() : nil
        } else {
            (first.pausedFrom, first.pausedUntil) = (from, second.pausedUntil)
        }
    }

    private var rank: Int {
        switch state {
        case .pending: 0
        case .active: 1
        case .ended: 2
        }
    }
}

extension ImportMembership.Frequency {
    fileprivate var rarity: Int {
        switch self {
        case .immediate: 0
        case .daily: 1
        case .weekly: 2
        }
    }
}

extension SuppressionReason {
    /// Which of two reasons of another system to keep: what the reader said, then what servers said, then the rest,
    /// which is only that system's word for it.
    var weight: Int {
        switch self {
        case .complaint: 4
        case .unsubscribe: 3
        case .hardBounce: 2
        case .softBounce: 1
        case .operator: 0
        }
    }
}
