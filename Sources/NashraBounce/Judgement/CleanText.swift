// SPDX-License-Identifier: Apache-2.0
//
// The last look at what a stranger named before it leaves the classifier.
// Pure. Rules: docs/threat-model.md, row 10.
import NashraCore

enum CleanText {
    /// Text without controls, line separators and marks that turn the direction of what follows.
    static func withoutControls(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        let kept = text.unicodeScalars.filter { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069: false
            default: true
            }
        }
        return String(String.UnicodeScalarView(kept))
    }
}

extension BounceVerdict {
    /// The same verdict with addresses that may stand in a line, whatever reader they came from.
    func withCleanAddresses() -> BounceVerdict {
        let isClean = recipients.allSatisfy { $0.address.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
        guard !isClean else { return self }
        var seen: Set<String> = []
        var verdict = self
        verdict.recipients = recipients.compactMap { recipient in
            var recipient = recipient
            recipient.address = CleanText.withoutControls(recipient.address)
            let isNew = !recipient.address.isEmpty && seen.insert(recipient.address).inserted
            return isNew ? recipient : nil
        }
        return verdict
    }
}
