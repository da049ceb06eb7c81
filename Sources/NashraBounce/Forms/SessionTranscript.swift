// SPDX-License-Identifier: Apache-2.0
//
// Quoted SMTP dialogues: Sendmail's transcript of session, Postfix's for the postmaster, gateways' logs.
// Pure. Rules: RFC 5321 sections 3.3 and 4.2.1; sendmail/savemail.c, postfix src/smtpd/smtpd_chat.c.
import NashraCore

/// Reads what a quoted dialogue says about recipients.
struct SessionTranscript {
    /// One for each recipient that failed, in the order of their failures.
    private(set) var findings: [Finding] = []
    private var places: [[UInt8]: Int] = [:]
    /// The recipient of the last RCPT, until another command comes.
    private var current: ArraySlice<UInt8>?
    /// Recipients that were accepted: what fails after DATA fails for them.
    private var accepted: [ArraySlice<UInt8>] = []
    /// Refusals that named nobody.
    private var general: [UInt8] = []
    private let excluded: Set<[UInt8]>

    /// Reads the lines of `text` from `first` on.
    init(_ text: Passage, from first: Int = 0, excluding excluded: Set<[UInt8]> = []) {
        self.excluded = excluded
        for index in max(0, first)..<max(first, text.lines.count) {
            take(ByteSearch.trimmed(text.line(index)))
        }
        for address in accepted where findings.isEmpty || places[RecipientBlocks.key(address)] == nil {
            if !general.isEmpty { add(general[...], to: address) }
        }
        if !general.isEmpty {
            for index in findings.indices { findings[index].explanation = general }
        }
    }

    private mutating func take(_ line: ArraySlice<UInt8>) {
        guard line.count >= 3 else { return }
        let text = Self.withoutArrow(line)
        if let code = Self.code(text) {
            reply(code, text)
        } else if let address = Self.recipient(line) {
            current = address
        } else if Self.isOtherCommand(text) {
            current = nil
        }
    }

    private mutating func reply(_ code: Int, _ text: ArraySlice<UInt8>) {
        let named = Self.named(text)
        if code >= 400 {
            if let named {
                add(text, to: named)
            } else if let current {
                add(text, to: current)
            } else if general.count < ReportLimits.words {
                if !general.isEmpty { general.append(0x0A) }
                general.append(contentsOf: text.prefix(512))
            }
        } else if code == 250, let address = current {
            accepted.append(address)
            current = nil
        }
    }

    private mutating func add(_ words: ArraySlice<UInt8>, to address: ArraySlice<UInt8>) {
        let key = RecipientBlocks.key(address)
        guard !excluded.contains(key) else { return }
        if let place = places[key] {
            guard findings[place].words.count < ReportLimits.words else { return }
            findings[place].words += [0x0A] + words.prefix(1_024)
        } else if findings.count < ReportLimits.recipients {
            places[key] = findings.count
            var finding = Finding(address: String(decoding: address, as: UTF8.self))
            finding.words = Array(words.prefix(1_024))
            finding.stage = .rcpt
            findings.append(finding)
        }
    }

    /// `<<<`, `Out:`, `Received >>>` and the like taken off.
    private static func withoutArrow(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = line
        // A log's time before the arrow: `Fri 2010-01-01 00:00:00: <-- 550 …`.
        for arrow in ["<-- ", "--> ", "<<< ", ">>> "] {
            guard let start = ByteSearch.find(arrow, in: text.prefix(60)) else { continue }
            text = text[(start + arrow.utf8.count)...]
        }
        for prefix in [
            "out:", "in:", "received", "sent", "<<<", ">>>", "->", "<-", "s:", "c:", "<", ">", ":",
        ]
        where ByteSearch.hasPrefix(prefix, in: text) {
            text = ByteSearch.trimmed(text.dropFirst(prefix.utf8.count))
        }
        return text
    }

    /// The reply code that a line begins with, 2xx to 5xx.
    private static func code(_ text: ArraySlice<UInt8>) -> Int? {
        let digits = text.prefix(3)
        guard digits.count == 3, digits.allSatisfy(\.isASCIIDigit), let first = digits.first else {
            return nil
        }
        guard (0x32...0x35).contains(first) else { return nil }
        if let next = text.dropFirst(3).first, next != 0x20, next != UInt8(ascii: "-"), next != 0x09 {
            return nil
        }
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    /// The address in `RCPT TO:<a@b>`.
    private static func recipient(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let folded = TextFolding.fold(line.prefix(400))
        guard
            ByteSearch.find("rcpt to:", in: folded) != nil || ByteSearch.find("rcpt to <", in: folded) != nil
        else {
            return nil
        }
        return AddressText.all(in: line.prefix(400), atMost: 1).first
    }

    /// The address in `550 5.1.1 <a@b>... User unknown`.
    private static func named(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let words = text.prefix(400)
        guard let dots = ByteSearch.find("...", in: words) else { return nil }
        return AddressText.all(in: words[..<dots], atMost: 1).first
    }

    private static func isOtherCommand(_ text: ArraySlice<UInt8>) -> Bool {
        ["mail", "data", "quit", "rset", "ehlo", "helo", "bdat", "starttls"].contains {
            ByteSearch.hasPrefix($0, in: text)
        }
    }
}
