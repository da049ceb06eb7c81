// SPDX-License-Identifier: Apache-2.0
//
// Whether a person wrote a message that is no report and no automatic reply.
// Pure. In doubt it is a person: a machine's mail forwarded to an office costs a glance, a person's lost costs trust.
// Rules: RFC 3834 section 2; RFC 2919; RFC 2076 section 3.9; Rules/autoreplies.tsv.
import NashraCore
import NashraMIME

/// Tells people from machines.
enum Authorship {
    /// Whether a person wrote the message, as far as its header says.
    ///
    /// Only asked about messages whose kind is ``BounceVerdict/Kind/none``.
    static func isPerson(_ examination: Examination) -> Bool {
        let header = examination.header
        guard header.from.utf8.contains(UInt8(ascii: "@")), !header.hasNullSender, !header.isFromList,
            header.autoSubmitted == .absent || header.autoSubmitted == .no,
            header.reportType.isEmpty, !isMachineMedia(header.contentType)
        else { return false }
        let marks = examination.marks
        guard marks.sure == nil, marks.support == nil, !marks.isNotification, !marks.isMachine else {
            return false
        }
        if isMachineName(header.fromLocalPart) { return false }
        return !header.isFromMachine || marks.isReply
    }

    /// Messages that are a machine's file and no text: reports in an archive (RFC 7489 section 7.2.1.1), calendar
    /// answers (RFC 6047), certificates of delivery.
    private static func isMachineMedia(_ type: String) -> Bool {
        switch type {
        case "application/zip", "application/gzip", "application/x-gzip", "application/x-zip-compressed",
            "application/tlsrpt+gzip", "application/tlsrpt+json", "text/calendar", "multipart/report":
            true
        default: false
        }
    }

    private static func isMachineName(_ local: String) -> Bool {
        let name = Array(local.utf8)
        return AutomaticRules.standard.senders.contains { rule in
            rule.text.utf8.first == UInt8(ascii: "=")
                ? name.elementsEqual(rule.text.utf8.dropFirst())
                : ByteSearch.contains(rule.text, in: name[...])
        }
    }
}
