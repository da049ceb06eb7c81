// SPDX-License-Identifier: Apache-2.0
//
// The innermost reply of words in which one system quotes another: what the last server said counts, not the wrapping.
// Pure. Forms: Cisco IronPort and Amazon SES (`5.1.0 - Unknown address error 550-'…'`), Microsoft 365 (`… -> 550 …`), Gmail
// ("The error that the other server returned was:"), qmail ("Remote host said:"), Postfix ("host … said: …").
import NashraCore

/// Finds the reply that words quote.
enum QuotedReply {
    /// Behind these the other server's words stand, folded.
    private static let openings = [
        "-> ", "the other server returned was:", "the remote server was:", "the response was:",
        "remote host said:",
        " said: ", "remote server returned '", "server responded with:", "server replied:", "error was:",
        "smtp error from remote mail server after", "smtp error from remote server after",
    ]

    /// The innermost reply of folded words, folded; `nil` when none is quoted.
    static func innermost(_ folded: [UInt8]) -> [UInt8]? {
        var start: Int?
        for opening in openings {
            var from = 0
            while let found = ByteSearch.find(opening, in: folded, from: from) {
                from = found + opening.utf8.count
                if from > start ?? 0 { start = from }
            }
        }
        if let start, start + 4 <= folded.count { return Array(folded[start...]) }
        return ironPort(folded)
    }

    /// `5.1.0 - unknown address error 550-'…'`: what stands between the quotes.
    private static func ironPort(_ folded: [UInt8]) -> [UInt8]? {
        guard folded.count > 12, folded[1] == UInt8(ascii: "."), folded[3] == UInt8(ascii: "."),
            let dash = ByteSearch.find(" - ", in: folded), dash < 8,
            let open = folded[dash...].firstIndex(of: UInt8(ascii: "'")),
            let close = folded.lastIndex(of: UInt8(ascii: "'")), close > open + 4
        else { return nil }
        return Array(folded[(open + 1)..<close])
    }
}
