// SPDX-License-Identifier: Apache-2.0
//
// Addresses that mean something to the sink without any script, so that a CSV file alone can make trouble.
// Pure.
// Rules: RFC 3463 for the codes.

/// What the local part of a recipient asks for.
///
/// | local part            | what happens                                                       |
/// |-----------------------|--------------------------------------------------------------------|
/// | `tempfail`            | 451 4.2.1 to RCPT on the first try, then accepted                  |
/// | `tempfail-3`          | the same on the first three tries; one digit, 1...9                |
/// | `full`                | 452 4.2.2 to RCPT, always                                          |
/// | `5.1.1`, `4.2.1`, …   | 550 or 450 to RCPT with this enhanced code, always                 |
/// | `421`                 | 421 to RCPT, and the connection is closed                          |
/// | `slow`                | the reply to the dot takes two seconds                             |
/// | `drop`                | the message is kept, the connection closed without a reply         |
/// | `reset`               | the message is kept, the connection reset                          |
///
/// Each may be followed by `-` or `.` and anything, so that many addresses can ask for the same.
public enum BuiltInScript {
    /// The rule for one local part, or `nil` when it means nothing.
    static func rule(forLocalPart local: ArraySlice<UInt8>) -> SinkRule? {
        // Most addresses are ordinary: look at one byte before anything else.
        guard let first = local.first, starts[Int(first)] else { return nil }
        if let rule = statusRule(local) { return rule }
        let end = local.firstIndex { $0 == hyphen || $0 == dot } ?? local.endIndex
        let word = String(decoding: local[..<end].map(SinkPattern.lower), as: UTF8.self)
        switch word {
        case "tempfail":
            let reply = SinkReply(451, "4.2.1 Mailbox busy, try again")
            return refusal(reply, times: tries(local[end...]))
        case "full": return refusal(SinkReply(452, "4.2.2 Mailbox full"), times: nil)
        case "421": return SinkRule(.rcpt, .closing)
        case "slow": return SinkRule(.dot, .delay(.seconds(2)))
        case "drop": return SinkRule(.dot, .drop)
        case "reset": return SinkRule(.dot, .reset)
        default: return nil
        }
    }

    private static let hyphen = UInt8(ascii: "-")
    private static let dot = UInt8(ascii: ".")

    private static let starts: [Bool] = {
        var table = [Bool](repeating: false, count: 256)
        for byte in "tTfFsSdDrR45".utf8 { table[Int(byte)] = true }
        return table
    }()

    private static func refusal(_ reply: SinkReply?, times: Int?) -> SinkRule? {
        reply.map { SinkRule(.rcpt, .reply($0), times: times) }
    }

    /// `-3` alone or before another separator means three; anything else means one.
    private static func tries(_ rest: ArraySlice<UInt8>) -> Int {
        let bytes = Array(rest.prefix(3))
        guard bytes.count >= 2, bytes[0] == hyphen, (0x31...0x39).contains(bytes[1]) else { return 1 }
        guard bytes.count == 2 || bytes[2] == hyphen || bytes[2] == dot else { return 1 }
        return Int(bytes[1] - 0x30)
    }

    /// `5.1.1`, alone or followed by a separator.
    private static func statusRule(_ local: ArraySlice<UInt8>) -> SinkRule? {
        var groups = [0]
        var digits = 0
        for byte in local.prefix(10) {
            if (0x30...0x39).contains(byte) {
                digits += 1
                guard digits <= 3 else { return nil }
                groups[groups.count - 1] = groups[groups.count - 1] * 10 + Int(byte - 0x30)
            } else if byte == dot, digits > 0, groups.count < 3 {
                groups.append(0)
                digits = 0
            } else if byte == dot || byte == hyphen {
                break
            } else {
                return nil
            }
        }
        guard groups.count == 3, digits > 0, groups[0] == 4 || groups[0] == 5 else { return nil }
        let status = groups.map(String.init).joined(separator: ".")
        return refusal(SinkReply(groups[0] * 100 + 50, "\(status) \(text(groups[1], groups[2]))"), times: nil)
    }

    /// Words for the commonest codes of RFC 3463.
    private static func text(_ subject: Int, _ detail: Int) -> String {
        switch (subject, detail) {
        case (1, 1): "No such user here"
        case (1, 2): "No such host"
        case (1, 10): "This domain takes no mail"
        case (2, 1): "Mailbox disabled"
        case (2, 2): "Mailbox full"
        case (4, 1), (4, 2): "The connection was lost"
        case (7, 1): "Refused by policy"
        case (7, 26), (7, 25), (7, 23), (7, 20): "The sender could not be verified"
        default: "Refused as the address asks"
        }
    }
}
