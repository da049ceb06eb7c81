// SPDX-License-Identifier: Apache-2.0
//
// What the header of a message says about who, or what, sent it.
// Pure. Rules: RFC 3834 section 5, RFC 5321 section 4.5.5, RFC 6522 section 3, RFC 2076 (Precedence).
import NashraCore
import NashraMIME

/// Facts from the header of the message itself, not of the returned one.
struct HeaderFacts {
    /// Auto-Submitted (RFC 3834 section 5), by its first word.
    enum AutoSubmitted { case absent, no, generated, replied, notified, other }

    /// The address in From as given, at most 320 bytes; empty for `<>` and for none.
    var from = ""
    /// The part of ``from`` before the `@`, small letters; or the whole word when there is no `@`.
    var fromLocalPart = ""
    /// The whole From field, folded: display name and all.
    var fromFolded: [UInt8] = []
    /// Whether the envelope sender is known to be null: Return-Path is `<>` or MAILER-DAEMON.
    var hasNullSender = false
    /// Whether From names a machine: mailer-daemon, postmaster and the like, or `<>`.
    var isFromMachine = false
    /// Auto-Submitted.
    var autoSubmitted = AutoSubmitted.absent
    /// Precedence, small letters; or empty.
    var precedence = ""
    /// The report-type of a multipart/report, small letters; or empty.
    var reportType = ""
    /// The media type of the whole, small letters: `multipart/report`.
    var contentType = ""
    /// Addresses of X-Failed-Recipients (Exim, Gmail), in order.
    var failedRecipients: [String] = []
    /// The subject, decoded: one line.
    var subject = ""
    /// The subject, folded.
    var subjectFolded: [UInt8] = []
    /// Whether a mailing list or a bulk sender marks it as its own: List-Id, List-Unsubscribe, List-Post.
    var isFromList = false

    /// Whether the message shows any mark of a machine that reports: what must be there before words may make a bounce.
    var looksLikeReport: Bool {
        hasNullSender || isFromMachine || reportType == "delivery-status" || !failedRecipients.isEmpty
    }
}
