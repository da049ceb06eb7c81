// SPDX-License-Identifier: Apache-2.0
//
// The commonest shape of a report: lines that begin with an address, and under each the lines that say why.
// Pure. One engine for qmail's paragraphs, Exim's indented lists, Postfix, Exchange, Gmail, Yahoo, OpenSMTPD and others.
// Rules: docs/bounce-rules.md, "Forms".

/// Reads lists of recipients with their reasons.
struct RecipientBlocks {
    /// One for each recipient, in order.
    private(set) var findings: [Finding] = []
    /// Where an address stands among the findings.
    private var places: [[UInt8]: Int] = [:]
    /// Findings that the next words are about: a list of addresses shares the reason under it.
    private var open: [Int] = []
    /// Words of the paragraph that is being read.
    private var paragraph: [UInt8] = []
    /// Whether the paragraph began right under its address, or stands apart from it.
    private var isApart = false
    /// Words before the first address.
    private var introduction: [UInt8] = []
    /// Paragraphs behind the reasons: they explain, but are about nobody in particular.
    private var conclusion: [UInt8] = []
    /// Addresses that are no recipients, small letters: ours, and the reporter's.
    private let excluded: Set<[UInt8]>

    /// Reads the lines of `text` from `first` on.
    ///
    /// - Parameter excluded: Addresses that are no recipients, in small letters.
    init(_ text: Passage, from first: Int, excluding excluded: Set<[UInt8]> = []) {
        self.excluded = excluded
        for index in max(0, first)..<max(first, text.lines.count) {
            let line = ByteSearch.trimmed(text.line(index))
            if line.isEmpty {
                endParagraph()
                isApart = true
            } else if !findings.isEmpty, Self.isEnd(line) {
                break
            } else if findings.count < ReportLimits.recipients, let lead = lead(of: line) {
                take(lead)
            } else {
                add(line)
            }
        }
        endParagraph()
        for index in findings.indices {
            findings[index].explanation = Array((introduction + conclusion).prefix(ReportLimits.words))
        }
    }

    /// The recipient that a line begins with, or names behind a label.
    private func lead(of line: ArraySlice<UInt8>) -> AddressText.Leading? {
        guard let found = AddressText.leading(line) ?? RecipientLabels.labelled(line) else { return nil }
        return excluded.contains(Self.key(found.address)) ? nil : found
    }

    static func key(_ address: ArraySlice<UInt8>) -> [UInt8] { address.map(\.asciiLowercased) }

    private mutating func take(_ lead: AddressText.Leading) {
        endParagraph()
        let key = Self.key(lead.address)
        let place: Int
        if let known = places[key] {
            place = known
        } else {
            place = findings.count
            places[key] = place
            findings.append(Finding(address: String(decoding: lead.address, as: UTF8.self)))
        }
        // Addresses in a row without words between them share what follows.
        if !open.allSatisfy({ findings[$0].words.isEmpty }) { open = [] }
        if !open.contains(place) { open.append(place) }
        isApart = false
        if !lead.rest.isEmpty {
            open = [place]
            add(lead.rest)
        }
    }

    private mutating func add(_ line: ArraySlice<UInt8>) {
        guard paragraph.count < ReportLimits.words else { return }
        // What we sent is no reason, and names us.
        if ByteSearch.hasPrefix(">>> mail from", in: line) || ByteSearch.hasPrefix(">>> data", in: line) {
            return
        }
        if !paragraph.isEmpty { paragraph.append(0x0A) }
        paragraph.append(contentsOf: line.prefix(ReportLimits.words))
    }

    /// Gives the paragraph to whom it belongs.
    private mutating func endParagraph() {
        guard !paragraph.isEmpty else { return }
        defer { paragraph = [] }
        if findings.isEmpty {
            introduction += paragraph + [0x0A]
            return
        }
        // A paragraph apart tells the reason when there is none yet, or none with a code and it has one.
        let scan = ReplyScan(paragraph[...])
        let tells = scan.replyCode != 0 || !scan.statuses.isEmpty
        var isTaken = false
        for index in open {
            let words = findings[index].words
            if isApart, !words.isEmpty {
                let known = ReplyScan(words[...])
                guard tells, known.replyCode == 0, known.statuses.isEmpty else { continue }
            }
            guard words.count < ReportLimits.words else { continue }
            findings[index].words = words.isEmpty ? paragraph : words + [0x0A] + paragraph
            isTaken = true
        }
        if !isTaken, conclusion.count < ReportLimits.words { conclusion += paragraph + [0x0A] }
    }

    /// Whether a line ends the list: from here on the report speaks of the message.
    private static func isEnd(_ line: ArraySlice<UInt8>) -> Bool {
        guard line.count < 120 else { return false }
        if ByteSearch.hasPrefix("reporting-mta:", in: line) || ByteSearch.hasPrefix("content-type:", in: line)
        {
            return true
        }
        let folded = TextFolding.fold(line)
        return ["original message headers", "message details:", "message headers", "original message"]
            .contains {
                ByteSearch.find($0, in: folded) == 0
            }
    }
}

/// Labels before a recipient's address.
enum RecipientLabels {
    /// What stands before a recipient, small letters, folded.
    private static let known: Set<[UInt8]> = Set(
        [
            "recipient", "recipients", "failed recipient", "failed recipients", "failed address",
            "failed addresses",
            "recipient address", "original recipient", "original address", "final recipient",
            "final-recipient",
            "original-recipient", "could not be delivered to", "couldn't be delivered to", "not delivered to",
            "undeliverable to", "undelivered to", "was not delivered to", "unknown user", "unknown recipient",
            "unknown address", "invalid recipient", "invalid user", "invalid address",
            "invalid final delivery user",
            "no such user", "user unknown", "user mailbox exceeds allowed size", "mailbox full", "user",
            "address",
            "email address", "e-mail address", "email", "e-mail", "rcpt to", "to address",
            "intended recipient",
            "addressee", "destination", "destination address", "recipient(s)", "the following address",
            "delivery failed", "delivery failed to", "failed to deliver to", "unable to deliver to",
            "could not deliver to",
            "your message to", "your mail to", "message to", "mail to", "destinataire", "destinataires",
            "adresse du destinataire", "adresse", "adresse e-mail", "empfänger", "empfängeradresse",
            "e-mail-adresse",
            "destinatario", "destinatarios", "destinatari", "dirección", "indirizzo", "destinatário",
            "destinatários", "endereço", "ontvanger", "geadresseerde", "adres", "odbiorca", "adresat",
            "alıcı",
            "получатель", "адрес", "адресат", "المستلم", "المستلمون", "المستلمين", "البريد الالكتروني",
            "عنوان البريد الالكتروني", "العنوان", "الي", "گيرنده", "نشاني", "宛先", "送信先", "受信者", "收件人",
            "收件者", "받는 사람", "수신자",
        ].map { TextFolding.fold(Array($0.utf8)[...]) }
    )

    /// The address behind a label; words that are a reason themselves are kept as the rest.
    static func labelled(_ line: ArraySlice<UInt8>) -> AddressText.Leading? {
        guard
            let end = line.prefix(80).firstIndex(where: {
                $0 == UInt8(ascii: ":") || $0 == 0xEF || $0 == UInt8(ascii: "<")
            })
        else { return nil }
        var value = line[end...]
        if line[end] == UInt8(ascii: ":") { value = value.dropFirst() }
        // A wide colon, as Japanese and Chinese texts write it.
        if value.starts(with: [0xEF, 0xBC, 0x9A]) { value = value.dropFirst(3) }
        let label = TextFolding.fold(line[..<end])
        guard known.contains(label) else { return nil }
        value = ByteSearch.trimmed(value)
        for type in ["rfc822;", "rfc822:", "utf-8;", "smtp;", "smtp:"]
        where ByteSearch.hasPrefix(type, in: value) {
            value = ByteSearch.trimmed(value.dropFirst(type.utf8.count))
        }
        guard var found = AddressText.leading(value) else { return nil }
        if found.rest.isEmpty { found.rest = reason(line[..<end]) }
        return found
    }

    /// A label that says why: `Unknown user: a@b`.
    private static func reason(_ label: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let folded = TextFolding.fold(label)
        let words = ["unknown", "invalid", "no such", "exceeds", "full"]
        return words.contains { ByteSearch.find($0, in: folded) != nil } ? label : []
    }
}
