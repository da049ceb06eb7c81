// SPDX-License-Identifier: Apache-2.0
//
// The sentences by which mail systems' reports are known, from Rules/forms.tsv.
// Pure; made once and shared. Rules: docs/bounce-rules.md, "Forms".
import NashraCore

/// What tells one form of report from another.
struct FormTable: Sendable {
    /// Where a report names its recipients.
    enum Place: Sendable { case below, inline }

    /// A row of the table.
    struct Marker: Sendable {
        /// The form's name, or ``generic``.
        var form: String
        /// What the sentence says happened, or `nil` when it stands in reports of failures and of delays.
        var action: BounceVerdict.Action?
        /// Where the recipients stand.
        var place: Place
    }

    /// A marker in a text.
    struct Hit {
        var marker: Marker
        /// Where it begins and ends in the folded text.
        var start: Int
        var end: Int
    }

    /// The name of the form that is no system's own.
    static let generic = "generic"
    /// The table that is built in.
    static let standard = FormTable(PackageResources.forms_tsv)

    private let markers: [Marker]
    private let index: PhraseIndex

    /// Reads a table: form, action, place, marker, source.
    init(_ table: [UInt8]) {
        var markers: [Marker] = []
        var phrases: [[UInt8]] = []
        for row in RuleTable.rows(table) where row.count >= 4 {
            let action = BounceVerdict.Action(rawValue: row[1])
            markers.append(Marker(form: row[0], action: action, place: row[2] == "inline" ? .inline : .below))
            phrases.append(TextFolding.fold(Array(row[3].utf8)[...]))
        }
        self.markers = markers
        index = PhraseIndex(phrases)
    }

    /// The markers in folded text, in the order of their starts, the longer first.
    func hits(in folded: [UInt8]) -> [Hit] {
        var hits: [Hit] = []
        index.forEach(in: folded.span) { hit in
            if hits.count < 64 {
                hits.append(Hit(marker: markers[hit.phrase], start: hit.start, end: hit.end))
            }
        }
        return hits.sorted { ($0.start, -$0.end) < ($1.start, -$1.end) }
    }
}
