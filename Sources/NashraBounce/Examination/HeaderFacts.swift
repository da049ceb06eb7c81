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
    /// Whether Return-Path names somebody.
    private var hasNamedSender = false
    /// Whether the name in From, and perhaps nothing else, is a machine's.
    private var isMachineByName = false
    /// Whether the address in From is a machine's.
    private var isMachineByAddress = false
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

    /// Whether a mail program for people left its mark: User-Agent, or an X-Mailer together with In-Reply-To.
    private var isOfMailProgram = false
    private var hasMailer = false
    private var isAnswer = false

    /// Whether the message shows any mark of a machine that reports: what must be there before words may make a bounce.
    var looksLikeReport: Bool {
        hasNullSender || isFromMachine || reportType == "delivery-status" || !failedRecipients.isEmpty
    }

    /// Whether a machine sent it beyond doubt, so that words in nobody's form count too.
    ///
    /// A postmaster may be a person, and a name beside the address is quickly written: these need a subject that reports.
    func isSurelyMachine(_ signs: ReturnSigns) -> Bool {
        if hasNullSender || reportType == "delivery-status" || !failedRecipients.isEmpty { return true }
        guard isFromMachine else { return false }
        let isNameOnly = isMachineByName && !isMachineByAddress
        guard isNameOnly || fromLocalPart.hasPrefix("postmaster") else { return true }
        if isNameOnly { return false }
        switch autoSubmitted {
        case .generated, .replied, .notified, .other: return true
        case .absent, .no: return isMachineByName || signs.isReport(subjectFolded)
        }
    }
}

extension HeaderFacts {
    /// Local parts of addresses from which mail systems report, small letters.
    private static let machines: Set<String> = [
        "mailer-daemon", "mailerdaemon", "mailer_daemon", "mailer.daemon", "mail-daemon", "maildaemon",
        "mail.daemon",
        "mailer-demon", "postmaster", "post_master", "post-master", "poostmaster", "postmast", "mdaemon",
        "mmdf",
        "double-bounce", "bounce", "bounces", "mail-deamon", "mailer-deamon", "mailsystem", "mail-system",
        "mailadm",
        "mailadmin", "maildelivery", "mail-delivery", "dsn", "ndr", "delivery-failure", "mailfailure",
        "smtp-daemon",
        "mailer", "mta", "smtpd", "mail-gateway", "returned-mail", "undeliverable", "exim", "qmaild",
        "postoffice",
        "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e",
    ]

    /// Names in From that stand for a mail system whatever the address, folded.
    private static let machineNames = [
        "mail delivery sub", "mail delivery sys", "mail deliver system", "mailer-daemon", "mailer daemon",
        "internet mail delivery", "mail delivery service",
    ]

    /// Reads the header of a message.
    init(_ root: MIMEPart) {
        let header = root.header
        contentType = root.mediaType
        if root.isMultipart, let type = root.parameter("report-type") {
            reportType = String(decoding: type.map(\.asciiLowercased), as: UTF8.self)
        }
        for field in header.fields { take(field, of: header) }
        subjectFolded = TextFolding.fold(Array(subject.utf8)[...])
        isMachineByAddress = isFromMachine
        // A name is quickly written: it does not count against an envelope sender that is somebody.
        if isMachineByName, !hasNamedSender || hasNullSender { isFromMachine = true }
        // A postmaster who writes with a mail program is a person at work.
        let isPerson = isOfMailProgram || (hasMailer && isAnswer) || isAnswering
        if isPerson, fromLocalPart.hasPrefix("postmaster"), !hasNullSender, !isMachineByName {
            isFromMachine = false
        }
        if let value = header.first("auto-submitted") { autoSubmitted = Self.autoSubmitted(value) }
    }

    /// Whether the subject begins as answers do.
    private var isAnswering: Bool {
        ["re:", "aw:", "sv:", "رد:"].contains { ByteSearch.hasPrefix($0, in: subjectFolded[...]) }
    }

    private mutating func take(_ field: HeaderField, of header: HeaderFields) {
        let name = header.bytes[field.name]
        guard let first = name.first?.asciiLowercased else { return }
        switch first {
        case UInt8(ascii: "f") where ByteSearch.equals("from", name) && fromFolded.isEmpty:
            takeFrom(header.unfolded(field))
        case UInt8(ascii: "s") where ByteSearch.equals("subject", name) && subject.isEmpty:
            subject = Self.bounded(HeaderText.decode(header.bytes[field.value], atMost: 4_096), 1_024)
        case UInt8(ascii: "r") where ByteSearch.equals("return-path", name):
            let value = ByteSearch.trimmed(header.bytes[field.value])
            let isNull =
                value.isEmpty || ByteSearch.equals("<>", value)
                || ByteSearch.hasPrefix("<mailer-daemon", in: value)
                || ByteSearch.hasPrefix("mailer-daemon", in: value)
            hasNullSender = hasNullSender || isNull
            hasNamedSender = hasNamedSender || (!isNull && value.contains(UInt8(ascii: "@")))
        case UInt8(ascii: "p") where ByteSearch.equals("precedence", name):
            precedence = String(
                decoding: header.bytes[field.value].prefix(32).map(\.asciiLowercased),
                as: UTF8.self
            )
        case UInt8(ascii: "l") where ByteSearch.hasPrefix("list-", in: name):
            isFromList = true
        case UInt8(ascii: "u") where ByteSearch.equals("user-agent", name):
            isOfMailProgram = true
        case UInt8(ascii: "x") where ByteSearch.equals("x-mailer", name):
            hasMailer = true
        case UInt8(ascii: "i") where ByteSearch.equals("in-reply-to", name):
            isAnswer = true
        case UInt8(ascii: "x") where ByteSearch.equals("x-failed-recipients", name):
            guard failedRecipients.count < ReportLimits.recipients else { return }
            failedRecipients += AddressReader.addresses(in: header.unfolded(field))
        default: break
        }
    }

    private mutating func takeFrom(_ value: [UInt8]) {
        fromFolded = TextFolding.fold(Array(HeaderText.decode(value, atMost: 2_048).utf8)[...])
        // Bytes that are no UTF-8 become characters of three, so the length counts only now.
        from = Self.bounded(AddressReader.addresses(in: value, atMost: 1).first ?? "", 320)
        let bare = ByteSearch.trimmed(value[...])
        if from.isEmpty {
            fromLocalPart = String(decoding: bare.prefix(64).map(\.asciiLowercased), as: UTF8.self)
        } else {
            let local = from.utf8.prefix { $0 != UInt8(ascii: "@") }
            fromLocalPart = String(decoding: local.map(\.asciiLowercased), as: UTF8.self)
        }
        isFromMachine =
            Self.machines.contains(fromLocalPart) || fromLocalPart.hasPrefix("mailer-daemon")
            || fromLocalPart.hasPrefix("postmaster") || (from.isEmpty && ByteSearch.contains("<>", in: bare))
        isMachineByName = Self.machineNames.contains { ByteSearch.find($0, in: fromFolded) != nil }
    }

    private static func autoSubmitted(_ value: [UInt8]) -> AutoSubmitted {
        let word = ByteSearch.trimmed(value[...])
        if ByteSearch.equals("no", word) { return .no }
        if ByteSearch.hasPrefix("auto-generated", in: word) { return .generated }
        if ByteSearch.hasPrefix("auto-replied", in: word) { return .replied }
        if ByteSearch.hasPrefix("auto-notified", in: word) { return .notified }
        return .other
    }

    /// At most `limit` bytes of a text, cut between characters.
    static func bounded(_ text: String, _ limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: limit)
        while end > text.startIndex, end.samePosition(in: text.unicodeScalars) == nil {
            end = text.utf8.index(before: end)
        }
        return String(text[..<end])
    }
}
