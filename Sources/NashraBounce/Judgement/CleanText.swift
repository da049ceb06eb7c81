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
    /// The same verdict with addresses that may stand in a line, each once, whatever reader they came from.
    func withCleanAddresses() -> BounceVerdict {
        var seen: Set<String> = []
        var isClean = true
        for recipient in recipients {
            let address = recipient.address
            isClean =
                isClean && address.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && address.utf8.count <= 320
                && seen.insert(address.lowercased()).inserted
        }
        guard !isClean else { return self }
        seen = []
        var verdict = self
        verdict.recipients = recipients.compactMap { recipient in
            var recipient = recipient
            recipient.address = HeaderFacts.bounded(CleanText.withoutControls(recipient.address), 320)
            let isNew = !recipient.address.isEmpty && seen.insert(recipient.address.lowercased()).inserted
            return isNew ? recipient : nil
        }
        return verdict
    }
}
