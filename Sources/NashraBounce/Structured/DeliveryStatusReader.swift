// SPDX-License-Identifier: Apache-2.0
//
// Delivery status notifications: fields of RFC 3464 and RFC 6533, as they are sent and not as they should be.
// Pure. Tolerated: groups joined or torn, no per-message group, missing fields, fields in a text/plain part, types missing.
// Rules: RFC 3464 sections 2.2 and 2.3, RFC 6533 section 4, RFC 6522; docs/bounce-rules.md, "Delivery status".
import NashraCore
import NashraMIME

/// Reads delivery status notifications.
enum DeliveryStatusReader {
    /// The report's name in docs/bounce-rules.md.
    static let name = "delivery-status"

    /// The findings of the delivery-status parts, or of such fields in the notice of a machine's report.
    ///
    /// - Returns: `nil` when the message has neither.
    static func read(_ examination: Examination) -> FormReport? {
        var records: [StatusRecord] = []
        for index in examination.layout.deliveryStatus {
            StatusRecord.collect(examination.message.parts[index].fieldGroups(), into: &records)
        }
        if records.isEmpty, examination.header.looksLikeReport, let text = quotedFields(examination.notice) {
            StatusRecord.collect(HeaderFields.groups(in: text), into: &records)
        }
        guard !records.isEmpty else { return nil }
        let names = RecipientNames(examination, count: records.count)
        var report = FormReport(rule: name, findings: [], evidence: .deliveryStatus)
        for (index, record) in records.prefix(ReportLimits.recipients).enumerated() {
            report.findings.append(finding(record, names.address(of: record, at: index)))
        }
        return report
    }

    private static func finding(_ record: StatusRecord, _ address: String) -> Finding {
        var finding = Finding(address: address, action: record.action)
        finding.status = record.status
        finding.words = record.diagnostic.isEmpty ? record.remark : record.diagnostic
        finding.remote = record.remote
        if record.action == nil, record.willRetry { finding.action = .delayed }
        if record.isExpired, finding.words.isEmpty { finding.hint = .timeout }
        return finding
    }

    /// The lines of a text from the first that is a field of a recipient or of the message, indents gone; `nil` when it has
    /// none.
    private static func quotedFields(_ notice: Passage) -> [UInt8]? {
        guard notice.contains("final-recipient:") || notice.contains("original-recipient:") else {
            return nil
        }
        var text: [UInt8] = []
        for range in notice.lines {
            let line = notice.bytes[range]
            let trimmed = ByteSearch.trimmed(line)
            let isField = StatusRecord.isStatusField(trimmed)
            if text.isEmpty, !isField { continue }
            // A continuation keeps its indent; a field loses it.
            text.append(contentsOf: isField || trimmed.isEmpty ? trimmed : [0x20] + trimmed)
            text.append(0x0A)
        }
        return text.isEmpty ? nil : text
    }
}
