// SPDX-License-Identifier: Apache-2.0
//
// Disposition notifications: read receipts, which say nothing about a delivery, and refusals dressed as one.
// Pure. Rules: RFC 8098 section 3.2.6; RFC 5429 section 2.1.2 (Sieve's reject as a disposition notification), which Dovecot
// and Cyrus send for a full mailbox too.
import NashraCore
import NashraMIME

/// Reads disposition notifications.
enum DispositionReader {
    /// What a disposition notification turned out to be.
    enum Reading {
        /// A receipt.
        case receipt
        /// A refusal by the recipient's own server.
        case refusal(FormReport)
    }

    /// Words that say that the message was refused and not just deleted, folded.
    private static let refusals = [
        "automatically rejected", "was rejected", "message refused", "has been refused",
        "message was refused",
        "automatisch abgewiesen", "a été rejeté", "a été refusé", "rechazado", "تم رفض",
    ]

    /// Reads the message; `nil` when it is no disposition notification.
    static func read(_ examination: Examination) -> Reading? {
        let isTyped = examination.header.reportType == "disposition-notification"
        guard isTyped || examination.layout.disposition != nil else { return nil }
        guard let index = examination.layout.disposition else { return .receipt }
        for group in examination.message.parts[index].fieldGroups() {
            guard let disposition = group.first("disposition") else { continue }
            let folded = TextFolding.fold(disposition.prefix(256))
            let isMachines = ByteSearch.contains("automatic-action/mdn-sent-automatically", in: folded[...])
            guard isMachines, ByteSearch.contains("delete", in: folded[...]) else { return .receipt }
            guard refusals.contains(where: examination.notice.contains) else { return .receipt }
            let named = [group.first("original-recipient"), group.first("final-recipient")]
            let address = named.compactMap { $0 }.compactMap(StatusAddress.read).first(
                where: StatusAddress.isUsable
            )
            var finding = Finding(address: address ?? "", action: .failed)
            finding.words = reason(examination.notice)
            return .refusal(FormReport(rule: "mdn-refusal", findings: [finding], evidence: .form))
        }
        return .receipt
    }

    /// The notice from the refusal on; its first sentence names the message and not the cause.
    private static func reason(_ notice: Passage) -> [UInt8] {
        Array(notice.bytes.prefix(ReportLimits.words))
    }
}
