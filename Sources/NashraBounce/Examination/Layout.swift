// SPDX-License-Identifier: Apache-2.0
//
// Which part of a message plays which role in a report.
// Pure. Rules: RFC 6522 section 3, RFC 3464 section 2, RFC 5965 section 2, RFC 8098 section 3; and what is sent instead.
import NashraMIME

/// The roles of a message's parts.
///
/// Parts of a returned message play none.
struct Layout {
    /// Texts for people: `text/plain` and unknown text, in order.
    private(set) var plain: [Int] = []
    /// `text/html`, in order.
    private(set) var html: [Int] = []
    /// `message/delivery-status` and `message/global-delivery-status`.
    private(set) var deliveryStatus: [Int] = []
    /// `message/feedback-report`.
    private(set) var feedback: Int?
    /// `message/disposition-notification` and `message/global-disposition-notification`.
    private(set) var disposition: Int?
    /// The returned message: the first message inside.
    private(set) var original: Int?

    /// Finds the roles.
    init(_ message: MIMEMessage) {
        var closedDepth = Int.max
        for part in message.parts {
            guard part.depth <= closedDepth else { continue }
            closedDepth = .max
            if part.isMessage, part.index > 0 {
                if original == nil { original = part.index }
                closedDepth = part.depth
                continue
            }
            take(part, isRoot: part.index == 0)
        }
    }

    private mutating func take(_ part: MIMEPart, isRoot: Bool) {
        switch part.mediaType {
        case "message/delivery-status", "message/global-delivery-status", "message/delivery_status":
            deliveryStatus.append(part.index)
        case "message/feedback-report", "text/feedback-report":
            feedback = feedback ?? part.index
        case "message/disposition-notification", "message/global-disposition-notification":
            disposition = disposition ?? part.index
        case "text/html", "application/xhtml+xml":
            html.append(part.index)
        case "text/plain":
            // A part without a header of its own, whose "header" is the returned message's.
            if !isRoot, original == nil, part.header.has("received"), part.header.has("from") {
                original = part.index
            } else {
                plain.append(part.index)
            }
        default:
            if part.mediaType.utf8.starts(with: "text/".utf8), part.mediaType != "text/calendar" {
                plain.append(part.index)
            }
        }
    }

    /// The bytes of the returned message when a part holds it.
    func originalBytes(in message: MIMEMessage) -> [UInt8]? {
        guard let original else { return nil }
        let part = message.parts[original]
        let start = min(part.header.range.lowerBound, part.body.lowerBound)
        let end = min(part.body.upperBound, start + ReportLimits.notice)
        guard start <= end, end <= part.header.bytes.count else { return nil }
        return Array(part.header.bytes[start..<end])
    }
}

/// The text for people, and the returned message that some systems put behind it in the same text.
struct NoticeReading {
    /// The text for people.
    private(set) var notice = Passage.empty
    /// What stands behind the notice in the same text.
    private(set) var original: [UInt8] = []

    /// Reads the texts of a message.
    init(_ message: MIMEMessage, _ layout: Layout) {
        var text: [UInt8] = []
        for index in layout.plain where text.count < ReportLimits.notice {
            append(message.parts[index].text(atMost: ReportLimits.notice), to: &text)
        }
        for index in layout.deliveryStatus where text.count < ReportLimits.notice {
            // Some systems call their text for people message/delivery-status too.
            let part = message.parts[index]
            let raw = part.rawBody.prefix(8_192)
            if !ByteSearch.contains("ecipient:", in: raw) { append(part.text(atMost: 8_192), to: &text) }
        }
        if ByteSearch.trimmed(text[...]).count < 24 {
            for index in layout.html where text.count < ReportLimits.notice {
                append(HTMLText.plain(message.parts[index].text(atMost: ReportLimits.notice * 2)), to: &text)
            }
        }
        (notice, original) = Passage.cut(text)
    }

    private func append(_ part: [UInt8], to text: inout [UInt8]) {
        if !text.isEmpty { text.append(0x0A) }
        text.append(contentsOf: part.prefix(max(0, ReportLimits.notice - text.count)))
    }
}
