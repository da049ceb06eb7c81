// SPDX-License-Identifier: Apache-2.0
//
// What in a message may name a delivery of ours, from the surest place to the last.
// Pure, bounded, in time that grows with the message and no faster. Rules: RFC 5322 section 3.6.4, RFC 3464 section 2.2.1,
// RFC 5965 section 3.2; docs/bounce-rules.md, "What ties a report to a delivery".
import NashraCore
import NashraMIME

extension OriginalTrace {
    /// Reads a message's trace.
    ///
    /// - Parameters:
    ///   - examination: The message.
    ///   - thorough: Whether its parts and its text are searched too. Ordinary mail only needs its own header.
    init(_ examination: Examination, thorough: Bool) {
        self.init()
        let root = examination.message.root
        recipients = Self.recipients(of: root.header)
        answered = Self.answered(by: root.header)
        guard thorough else { return }
        var reader = ReturnedReader()
        reader.read(examination)
        envelopeSenders = reader.envelopeSenders.names
        messageIDs = reader.messageIDs.names
    }

    /// Whom the envelope named, by fields that delivery agents write, then by what the sender wrote.
    private static let recipientFields = [
        "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "x-rcpt-to",
        "received", "to", "cc", "resent-to", "apparently-to",
    ]

    private static func recipients(of header: HeaderFields) -> [String] {
        var ranked = [[String]](repeating: [], count: recipientFields.count)
        for field in header.fields {
            let name = header.bytes[field.name]
            guard let rank = recipientFields.firstIndex(where: { ByteSearch.equals($0, name) }),
                ranked[rank].count < TraceList.limit
            else { continue }
            let value = header.unfolded(field)
            if recipientFields[rank] == "received" {
                ranked[rank] += recipient(ofReceived: value)
            } else {
                ranked[rank] += AddressReader.addresses(in: value, atMost: TraceList.limit)
            }
        }
        var list = TraceList()
        for addresses in ranked { list.add(addresses) }
        return list.names
    }

    /// The address behind `for` in a Received field (RFC 5321, section 4.4).
    private static func recipient(ofReceived value: [UInt8]) -> [String] {
        let value = value.prefix(2_048).map { $0 == 0x09 ? 0x20 : $0 }
        guard let start = ByteSearch.find(" for ", in: value[...]) else { return [] }
        let word = value[(start + 5)...].drop { $0 == 0x20 }.prefix { $0 > 0x20 && $0 != UInt8(ascii: ";") }
        return AddressReader.addresses(in: word, atMost: 1)
    }

    private static func answered(by header: HeaderFields) -> [String] {
        var list = TraceList()
        for name in ["in-reply-to", "references"] {
            for value in header.all(name) { list.add(MessageIDs.all(in: value[...])) }
        }
        return list.names
    }
}

/// Reads Message-IDs as strangers write them.
enum MessageIDs {
    /// The ids in a field's value, with their angle brackets, at most 1,000.
    static func all(in value: ArraySlice<UInt8>) -> [String] {
        var ids: [String] = []
        var rest = value.prefix(65_536)
        while ids.count < 1_000, let open = rest.firstIndex(of: UInt8(ascii: "<")) {
            guard let close = rest[open...].firstIndex(of: UInt8(ascii: ">")) else { break }
            let last = rest[open..<close].lastIndex(of: UInt8(ascii: "<")) ?? open
            let inner = rest[(last + 1)..<close].filter { $0 > 0x20 }
            if !inner.isEmpty, inner.count <= 318 {
                ids.append("<\(String(decoding: inner, as: UTF8.self))>")
            }
            rest = rest[(close + 1)...]
        }
        if ids.isEmpty {
            let bare = ByteSearch.trimmed(value).prefix { $0 > 0x20 }
            if (3...318).contains(bare.count), bare.contains(UInt8(ascii: "@")),
                bare.first != UInt8(ascii: "<")
            {
                ids.append("<\(String(decoding: bare, as: UTF8.self))>")
            }
        }
        return ids
    }
}
