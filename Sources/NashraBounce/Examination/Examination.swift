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

    /// Looks at a message.
    init(_ message: MIMEMessage) {
        self.message = message
        self.header = HeaderFacts(message)
    }

    /// The report's own words: the text for people, of text/plain before text/html (its tags gone), up to where the
    /// returned message begins.
    private(set) lazy var notice: Passage = notices.notice

    /// The returned message: its header (and perhaps body) as bytes, from a message/rfc822, text/rfc822-headers or
    /// message/global part, or out of the text behind a line like "--- Below this line is a copy of the message."; empty
    /// when there is none.
    private(set) lazy var original: [UInt8] = notices.original

    /// The parts of type message/delivery-status or message/global-delivery-status outside of any returned message, decoded.
    private(set) lazy var deliveryStatus: [[UInt8]] = notices.deliveryStatus

    private lazy var notices = NoticeFinder.find(in: message)
}
