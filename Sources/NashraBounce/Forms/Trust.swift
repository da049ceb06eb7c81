// SPDX-License-Identifier: Apache-2.0
//
// Whether a message is of a machine that may report: without that, no words make a bounce.
// Pure. Rules: RFC 3834 section 5, RFC 5321 section 4.5.5; docs/bounce-rules.md, "When words count".
import NashraCore
import NashraMIME

/// How far the words of a message may be believed to be a report's.
enum Trust {
    /// Not at all: somebody may quote a report.
    case none
    /// When they are a known system's own sentences.
    case weak
    /// Any words that refuse.
    case full

    /// Judges by the header, and by whether a returned message is there.
    init(_ examination: Examination) {
        let header = examination.header
        if header.looksLikeReport {
            self = .full
            return
        }
        let quiet = [
            "no-reply", "noreply", "no_reply", "do-not-reply", "donotreply", "autoreply", "auto-reply",
        ]
        let isQuiet = quiet.contains { header.fromLocalPart.hasPrefix($0) }
        let isAutomatic =
            switch header.autoSubmitted {
            case .generated, .replied, .notified, .other: true
            case .absent, .no: false
            }
        if isAutomatic {
            // Issue trackers and help desks answer, and quote reports that their users sent them.
            let marks = examination.marks
            guard !marks.isNotification, !marks.isReply else {
                self = .none
                return
            }
        }
        guard isQuiet || isAutomatic, !header.isFromList else {
            self = .none
            return
        }
        let returns = examination.layout.original != nil || !examination.original.isEmpty
        self = returns ? .weak : .none
    }
}

/// Addresses that are no recipients of the returned message.
enum Strangers {
    /// The reporter, and to whom it reports; small letters.
    static func of(_ examination: Examination) -> Set<[UInt8]> {
        var strangers: Set<[UInt8]> = []
        if !examination.header.from.isEmpty {
            strangers.insert(examination.header.from.utf8.map(\.asciiLowercased))
        }
        for value in examination.message.root.header.all("to").prefix(4) {
            for address in AddressReader.addresses(in: value, atMost: 16) {
                strangers.insert(address.utf8.map(\.asciiLowercased))
            }
        }
        return strangers
    }
}

/// What words rest on.
enum TextEvidence {
    /// A reply when one is quoted, else words.
    static func of(_ findings: [Finding]) -> BounceVerdict.Evidence {
        let quotes = findings.contains { finding in
            let scan = ReplyScan(finding.words[...])
            return scan.replyCode != 0 || !scan.statuses.isEmpty
        }
        return quotes ? .reply : .phrase
    }
}
