// SPDX-License-Identifier: Apache-2.0
//
// Numbers of messages as IMAP writes them: 1:3,7,9:12, in commands that every server takes.
// Pure. Rules: RFC 3501 section 9 (sequence-set), RFC 2683 section 3.2.1.5 (lines of at most 1,000 bytes).

/// Sets of UIDs as IMAP writes them.
enum UIDSet {
    /// Writes UIDs in as few sets of at most 900 bytes as it takes.
    static func texts(_ uids: some Sequence<UInt32>) -> [String] {
        var sets: [String] = []
        var current = ""
        for run in runs(uids) {
            let text = run.count == 1 ? "\(run.lowerBound)" : "\(run.lowerBound):\(run.upperBound)"
            if current.isEmpty {
                current = text
            } else if current.utf8.count + 1 + text.utf8.count <= 900 {
                current += ",\(text)"
            } else {
                sets.append(current)
                current = text
            }
        }
        return current.isEmpty ? sets : sets + [current]
    }

    private static func runs(_ uids: some Sequence<UInt32>) -> [ClosedRange<UInt32>] {
        var runs: [ClosedRange<UInt32>] = []
        for uid in Set(uids).sorted() {
            if let last = runs.last, last.upperBound < uid, uid - last.upperBound == 1 {
                runs[runs.count - 1] = last.lowerBound...uid
            } else {
                runs.append(uid...uid)
            }
        }
        return runs
    }
}
