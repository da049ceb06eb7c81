// SPDX-License-Identifier: Apache-2.0
//
// The names in what a report returns: in the header of the returned message, in the report's fields, in any text.
// Pure. At most 1 MiB of a message is searched for tokens, and as much of decoded parts.
import NashraCore
import NashraMIME

/// Collects envelope senders and Message-IDs out of a report.
struct ReturnedReader {
    private(set) var envelopeSenders = TraceList()
    private(set) var messageIDs = TraceList()

    private static let searched = 1 << 20

    /// Reads a report.
    mutating func read(_ examination: Examination) {
        let message = examination.message
        var hasMessageInside = false
        for part in message.parts.dropFirst() where part.isMessage {
            hasMessageInside = true
            readReturned(part.header)
        }
        for part in message.parts { readReport(part) }
        if !hasMessageInside, !examination.original.isEmpty {
            let original = examination.original
            let header = HeaderFields.groups(in: original, range: 0..<min(original.count, 65_536)).first
            if let header { readReturned(header) }
        }
        if messageIDs.names.isEmpty { readLines(examination.notice) }
        search(message)
    }

    /// Reads the header of a returned message.
    private mutating func readReturned(_ header: HeaderFields) {
        for field in header.fields {
            let name = header.bytes[field.name]
            switch name.count {
            case 10 where ByteSearch.equals("message-id", name): addID(header.unfolded(field))
            case 11 where ByteSearch.equals("return-path", name),
                13 where ByteSearch.equals("envelope-from", name),
                15 where ByteSearch.equals("x-envelope-from", name),
                17 where ByteSearch.equals("x-envelope-sender", name),
                10 where ByteSearch.equals("x-mailfrom", name),
                22 where ByteSearch.equals("x-original-return-path", name),
                9 where ByteSearch.equals("errors-to", name),
                19 where ByteSearch.equals("x-original-mailfrom", name):
                addSender(header.unfolded(field))
            default: break
            }
        }
    }

    /// Reads the fields of a machine-readable part.
    private mutating func readReport(_ part: MIMEPart) {
        switch part.mediaType {
        case "message/delivery-status", "message/global-delivery-status", "message/feedback-report": break
        default: return
        }
        for group in part.fieldGroups().prefix(4) {
            for name in [
                "original-mail-from", "original-envelope-id", "x-postfix-sender", "x-original-sender",
            ] {
                if let value = group.first(name) { addSender(value) }
            }
            for name in ["original-message-id", "x-original-message-id"] {
                if let value = group.first(name) { addID(value) }
            }
        }
    }

    /// Reads header lines quoted in the text: indented, behind `>`, or bare.
    private mutating func readLines(_ notice: Passage) {
        for (index, range) in notice.lines.enumerated() {
            let line = notice.bytes[range].drop { [0x20, 0x09, 0x3E, 0x7C, 0x2A].contains($0) }
            guard let first = line.first?.asciiLowercased else { continue }
            if first == UInt8(ascii: "m"), ByteSearch.hasPrefix("message-id", in: line) {
                let value = ByteSearch.trimmed(
                    line.dropFirst(10).drop { $0 == 0x3A || $0 == 0x20 || $0 == 0x09 }
                )
                addID(Array(value.isEmpty ? notice.line(index + 1) : value))
            } else if first == UInt8(ascii: "r"), ByteSearch.hasPrefix("return-path:", in: line) {
                addSender(Array(line.dropFirst(12)))
            }
        }
    }

    /// Searches everything behind the message's own header for tokens.
    private mutating func search(_ message: MIMEMessage) {
        let end = message.root.header.range.upperBound
        guard end <= message.bytes.count else { return }
        search(message.bytes[end...].prefix(Self.searched))
        var left = Self.searched
        // Most bytes are the returned message's body; it is opened only when its header did not name the message.
        let opensReturned = messageIDs.names.isEmpty
        var closedDepth = Int.max
        for part in message.parts where left > 0 {
            if part.depth > closedDepth { continue }
            closedDepth = part.isMessage && part.index > 0 && !opensReturned ? part.depth : .max
            guard closedDepth == .max, part.encoding != .identity, Self.isReadable(part.mediaType) else {
                continue
            }
            let body = part.decodedBody(atMost: left)
            left -= min(left, part.body.count)
            search(body[...])
        }
    }

    private static func isReadable(_ type: String) -> Bool {
        type.utf8.starts(with: "text/".utf8) || type.utf8.starts(with: "message/".utf8)
    }

    private mutating func search(_ bytes: ArraySlice<UInt8>) {
        TokenScanner.scan(bytes) { form, name in
            switch form {
            case .envelope: envelopeSenders.add(name)
            case .messageID: messageIDs.add(name)
            }
        }
    }

    private mutating func addID(_ value: [UInt8]) {
        if let id = MessageIDs.all(in: value[...]).first { messageIDs.add(id) }
    }

    private mutating func addSender(_ value: [UInt8]) {
        let value = ByteSearch.hasPrefix("rfc822;", in: value[...]) ? value[7...] : value[...]
        if let address = AddressReader.addresses(in: value, atMost: 1).first { envelopeSenders.add(address) }
    }
}
