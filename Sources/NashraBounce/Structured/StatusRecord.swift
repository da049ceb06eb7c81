// SPDX-License-Identifier: Apache-2.0
//
// What a delivery status notification says about one recipient, field by field.
// Pure. Rules: RFC 3464 section 2.3; RFC 6533 section 4; X-Actual-Recipient is Sendmail's, X-Original-Recipient others'.
import NashraCore
import NashraMIME

/// The fields about one recipient.
struct StatusRecord {
    /// Final-Recipient, without its type.
    var final: String?
    /// Original-Recipient, without its type.
    var original: String?
    /// X-Actual-Recipient, without its type.
    var actual: String?
    /// Action, or `nil`.
    var action: BounceVerdict.Action?
    /// Whether Action says `expired`, which is no action of the standard.
    var isExpired = false
    /// Status, or `nil`.
    var status: EnhancedStatusCode?
    /// The comment behind the status: `4.4.7 (unable to deliver this message after 1 day)`.
    var remark: [UInt8] = []
    /// Diagnostic-Code without its type; several are joined.
    var diagnostic: [UInt8] = []
    /// Remote-MTA, folded.
    var remote: [UInt8] = []
    /// Whether Will-Retry-Until is there.
    var willRetry = false

    private var hasAction = false
    private var hasStatus = false

    /// Nothing yet.
    init() {}

    /// Whether it says anything about a recipient.
    private var isRecipient: Bool {
        final != nil || original != nil || actual != nil || hasAction || hasStatus
    }
    private var isWhole: Bool { (final != nil || original != nil) && (hasAction || hasStatus) }

    /// Reads the groups of one part and appends what they say about each recipient.
    static func collect(_ groups: [HeaderFields], into records: inout [StatusRecord]) {
        var current = StatusRecord()
        for group in groups {
            for field in group.fields {
                guard let kind = Kind(group.bytes[field.name]) else { continue }
                if current.has(kind) {
                    flush(&current, into: &records)
                }
                current.take(kind, group.unfolded(field), raw: group.bytes[field.value])
            }
            if current.isWhole { flush(&current, into: &records) }
        }
        flush(&current, into: &records)
    }

    private static func flush(_ current: inout StatusRecord, into records: inout [StatusRecord]) {
        defer { current = StatusRecord() }
        guard current.isRecipient else { return }
        if current.final == nil, current.original == nil, current.actual == nil,
            let last = records.indices.last,
            records[last].lacks(current)
        {
            records[last].merge(current)
        } else if records.count < ReportLimits.recipients {
            records.append(current)
        }
    }

    /// Whether `other`, which names nobody, is the rest of this one: empty lines tore the group.
    private func lacks(_ other: StatusRecord) -> Bool {
        !(hasStatus && other.hasStatus) && !(hasAction && other.hasAction)
    }

    private mutating func merge(_ other: StatusRecord) {
        action = action ?? other.action
        isExpired = isExpired || other.isExpired
        status = status ?? other.status
        if diagnostic.isEmpty { diagnostic = other.diagnostic }
        if remark.isEmpty { remark = other.remark }
        if remote.isEmpty { remote = other.remote }
        willRetry = willRetry || other.willRetry
        hasAction = hasAction || other.hasAction
        hasStatus = hasStatus || other.hasStatus
    }

    /// The fields that count.
    private enum Kind {
        case final, original, actual, action, status, diagnostic, remote, retry

        init?(_ name: ArraySlice<UInt8>) {
            let known: [(String, Kind)] = [
                ("final-recipient", .final), ("original-recipient", .original),
                ("x-actual-recipient", .actual),
                ("action", .action), ("status", .status), ("diagnostic-code", .diagnostic),
                ("remote-mta", .remote),
                ("will-retry-until", .retry), ("x-original-recipient", .original),
                ("localized-diagnostic", .diagnostic),
            ]
            for (text, kind) in known where ByteSearch.equals(text, name) {
                self = kind
                return
            }
            return nil
        }
    }

    /// Whether a line begins with one of the fields.
    static func isStatusField(_ line: ArraySlice<UInt8>) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon - line.startIndex <= 24 else {
            return false
        }
        let name = line[..<colon]
        return Kind(name) != nil || ByteSearch.equals("reporting-mta", name)
            || ByteSearch.equals("arrival-date", name)
            || ByteSearch.equals("last-attempt-date", name)
    }

    /// Whether a further field of this kind begins another recipient.
    private func has(_ kind: Kind) -> Bool {
        switch kind {
        case .final: final != nil
        case .original: original != nil && (final != nil || hasAction || hasStatus)
        case .action: hasAction && (final != nil || original != nil)
        case .status: hasStatus && (final != nil || original != nil)
        case .actual, .diagnostic, .remote, .retry: false
        }
    }

    private mutating func take(_ kind: Kind, _ value: [UInt8], raw: ArraySlice<UInt8>) {
        switch kind {
        case .final: final = StatusAddress.read(value)
        case .original: original = StatusAddress.read(value)
        case .actual: actual = StatusAddress.read(value)
        case .action: takeAction(value)
        case .status: takeStatus(value)
        case .diagnostic: takeDiagnostic(raw)
        case .remote: remote = TextFolding.fold(value.prefix(256))
        case .retry: willRetry = true
        }
    }

    private mutating func takeAction(_ value: [UInt8]) {
        hasAction = true
        let words: [(String, BounceVerdict.Action)] = [
            ("fail", .failed), ("delay", .delayed), ("deliver", .delivered), ("relay", .relayed),
            ("expand", .expanded),
            ("undeliver", .failed), ("expired", .failed), ("bounce", .failed), ("reject", .failed),
            ("error", .failed),
            ("defer", .delayed), ("transient", .delayed), ("success", .delivered), ("permanent", .failed),
        ]
        let word = ByteSearch.trimmed(value[...])
        isExpired = ByteSearch.hasPrefix("expired", in: word)
        action = words.first { ByteSearch.hasPrefix($0.0, in: word) }?.1
    }

    private mutating func takeStatus(_ value: [UInt8]) {
        hasStatus = true
        guard let start = value.firstIndex(where: { (0x32...0x35).contains($0) }) else { return }
        let digits = value[start...].prefix { $0.isASCIIDigit || $0 == UInt8(ascii: ".") }
        let ended = digits.last == UInt8(ascii: ".") ? digits.dropLast() : digits
        status =
            EnhancedStatusCode.parse(prefixOf: ended)?.code ?? ReplyScan(value[...]).statuses.first?.status
        remark = Array(ByteSearch.trimmed(value[digits.endIndex...]))
        if status == nil { remark = value }
    }

    private mutating func takeDiagnostic(_ raw: ArraySlice<UInt8>) {
        var words = ByteSearch.trimmed(raw)
        if let end = words.prefix(32).firstIndex(of: UInt8(ascii: ";")),
            words[..<end].allSatisfy({
                $0.isASCIILetter || $0.isASCIIDigit || [0x2D, 0x5F, 0x2E, 0x2F].contains($0)
            })
        {
            words = ByteSearch.trimmed(words[(end + 1)...])
        }
        guard !words.isEmpty, diagnostic.count < ReportLimits.words else { return }
        if !diagnostic.isEmpty { diagnostic.append(0x0A) }
        diagnostic.append(contentsOf: words.prefix(ReportLimits.words))
    }
}
