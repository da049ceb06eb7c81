// SPDX-License-Identifier: Apache-2.0
//
// One verdict on one line: JSON (nashra.bounce.v1), CSV, or columns for people.
// Pure, on bytes. Written by hand: the standard library's encoder takes longer for a verdict than the classifier
// takes for the mail.
import NashraCore

/// The lines of `bounces classify`.
enum BounceLine {
    /// The titles of the CSV columns.
    static let header = [
        "file", "kind", "action", "status", "reason", "evidence", "rule", "recipients",
    ]

    /// Adds the verdict as a JSON object and a line end.
    static func appendJSON(_ verdict: BounceVerdict, file: String, to bytes: inout [UInt8]) {
        bytes += "{\"schema\":\"nashra.bounce.v1\",\"file\":".utf8
        JSONText.append(file, to: &bytes)
        appendFinding(verdict.kind, verdict.action, to: &bytes)
        bytes += ",\"recipients\":[".utf8
        for (index, recipient) in verdict.recipients.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONText.append(recipient.address, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        appendReason(verdict.status, verdict.reason, to: &bytes)
        bytes += ",\"evidence\":".utf8
        JSONText.append(verdict.evidence.rawValue, to: &bytes)
        bytes += ",\"rule\":".utf8
        JSONText.append(verdict.rule, to: &bytes)
        bytes += ",\"details\":[".utf8
        for (index, recipient) in verdict.recipients.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(recipient, to: &bytes)
        }
        bytes += "]}\n".utf8
    }

    private static func append(_ recipient: BounceVerdict.Recipient, to bytes: inout [UInt8]) {
        bytes += "{\"address\":".utf8
        JSONText.append(recipient.address, to: &bytes)
        appendFinding(recipient.kind, recipient.action, to: &bytes)
        appendReason(recipient.status, recipient.reason, to: &bytes)
        bytes += ",\"diagnostic\":".utf8
        JSONText.append(recipient.diagnostic, to: &bytes)
        bytes.append(UInt8(ascii: "}"))
    }

    private static func appendFinding(
        _ kind: BounceVerdict.Kind,
        _ action: BounceVerdict.Action?,
        to bytes: inout [UInt8]
    ) {
        bytes += ",\"kind\":".utf8
        JSONText.append(kind.rawValue, to: &bytes)
        bytes += ",\"action\":".utf8
        JSONText.append(action?.rawValue, to: &bytes)
    }

    private static func appendReason(
        _ status: EnhancedStatusCode?,
        _ reason: RefusalReason?,
        to bytes: inout [UInt8]
    ) {
        bytes += ",\"status\":".utf8
        JSONText.append(status?.description, to: &bytes)
        bytes += ",\"reason\":".utf8
        JSONText.append(reason?.rawValue, to: &bytes)
    }

    /// Adds the verdict as a row of CSV.
    static func appendCSV(_ verdict: BounceVerdict, file: String, to bytes: inout [UInt8]) {
        CSVWriter.append(
            [
                file, verdict.kind.rawValue, verdict.action?.rawValue ?? "",
                verdict.status?.description ?? "",
                verdict.reason?.rawValue ?? "", verdict.evidence.rawValue, verdict.rule,
                verdict.recipients.map(\.address).joined(separator: " "),
            ],
            to: &bytes
        )
    }

    /// The titles of the columns for people.
    static let columns = row(["kind", "action", "status", "reason", "evidence", "file", "recipients"])

    /// The verdict in columns that are known beforehand, so that the first line need not wait for the last.
    static func text(_ verdict: BounceVerdict, file: String) -> String {
        row([
            verdict.kind.rawValue, verdict.action?.rawValue ?? "", verdict.status?.description ?? "",
            verdict.reason?.rawValue ?? "", verdict.evidence.rawValue, file,
            verdict.recipients.map(\.address).joined(separator: " "),
        ])
    }

    private static func row(_ cells: [String]) -> String {
        let widths = [10, 9, 9, 17, 15]
        let isIsolated = Console.outIsTerminal
        var line = ""
        for (index, cell) in cells.enumerated() {
            let shown = TerminalText.escapedCell(cell)
            guard !shown.isEmpty || index < widths.count else { continue }
            line += (index == 0 ? "" : "  ") + (isIsolated ? TerminalText.isolated(shown) : shown)
            if index < widths.count {
                line += String(repeating: " ", count: max(0, widths[index] - shown.utf8.count))
            }
        }
        return line
    }
}

/// Texts as JSON writes them, RFC 8259 section 7.
enum JSONText {
    /// Adds a text in quotes, or `null`.
    static func append(_ text: String?, to bytes: inout [UInt8]) {
        guard let text else {
            bytes += "null".utf8
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20, 0x7F:
                bytes += "\\u00".utf8
                bytes.append(hex[Int(byte >> 4)])
                bytes.append(hex[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let hex = Array("0123456789abcdef".utf8)
}
