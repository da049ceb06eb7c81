// SPDX-License-Identifier: Apache-2.0
//
// One message, looked at once: what every reader of reports asks for, made when first asked for.
// Pure. One thread looks at one message; an examination is never shared.
import NashraCore
import NashraMIME

/// One message under examination.
///
/// The message is the outermost one; when a report is wrapped in another message, the classifier examines the inner one
/// with an examination of its own.
final class Examination {
    /// The message's parts and fields.
    let message: MIMEMessage
    /// What its own header says.
    let header: HeaderFacts
    /// Which part plays which role.
    let layout: Layout

    /// Looks at a message.
    init(_ message: MIMEMessage) {
        self.message = message
        self.header = HeaderFacts(message.root)
        self.layout = Layout(message)
    }

    /// The report's own words: the text for people, of text/plain before text/html (its tags gone), up to where the
    /// returned message begins.
    private(set) lazy var notice: Passage = reading.notice

    /// The returned message: its header and perhaps its body, at most 64 KiB; empty when there is none.
    ///
    /// It is of a message/rfc822, text/rfc822-headers or message/global part, or stands in the text behind a line like
    /// "--- Below this line is a copy of the message."
    private(set) lazy var original: [UInt8] = layout.originalBytes(in: message) ?? reading.original

    /// The header of the returned message, or `nil` when there is none.
    private(set) lazy var originalHeader: HeaderFields? = {
        if let index = layout.original { return message.parts[index].header }
        return HeaderFields.groups(in: original).first
    }()

    /// The marks of machines in the message's header.
    private(set) lazy var marks = AutomaticMarks(self)

    private lazy var reading: NoticeReading = NoticeReading(message, layout)

    /// Addresses in To of the returned message, at most 16.
    private(set) lazy var originalRecipients: [String] = {
        guard let header = originalHeader else { return [] }
        return header.all("to").prefix(4).flatMap { AddressReader.addresses(in: $0, atMost: 16) }
    }()
}
