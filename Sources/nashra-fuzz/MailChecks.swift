// SPDX-License-Identifier: Apache-2.0
//
// What must hold of every reading, whatever was read; the first thing that does not is a fault.
// Rules: the doc comments of NashraMIME's reader and of NashraCore's BounceVerdict.
import NashraBounce
import NashraCore
import NashraMIME

extension MailChecks {
    /// Reads all that the MIME reader can read, and returns a word about it for the statistics.
    static func mime(_ bytes: [UInt8]) throws(Fault) -> String {
        let mail = MIMEMessage(bytes)
        try Fault.unless((1...256).contains(mail.parts.count), "the number of parts")
        for (index, part) in mail.parts.enumerated() {
            try Fault.unless(part.index == index && part.depth <= 16, "index or depth")
            try Fault.unless((part.parent ?? -1) < index, "a parent comes after its child")
            try Fault.unless(
                part.parent.map { mail.parts[$0].depth + 1 == part.depth } ?? (index == 0),
                "a parent's depth"
            )
            let size = part.header.bytes.count
            try Fault.unless(part.body.upperBound <= size && part.header.range.upperBound <= size, "a range")
            try check(part.header)
            for group in part.fieldGroups() { try check(group) }
            if !part.isMultipart { try text(part) }
        }
        return mail.parts.count > 1 ? "parts" : "single"
    }

    private static func check(_ header: HeaderFields) throws(Fault) {
        try Fault.unless(header.fields.count <= 1_000, "the number of fields")
        for field in header.fields {
            try Fault.unless(!field.name.isEmpty, "a field without a name")
            try Fault.unless(field.value.upperBound <= header.bytes.count, "a field's value")
        }
        for name in ["subject", "from"] {
            guard let raw = header.first(name) else { continue }
            try isLine(HeaderText.decode(raw), "a decoded \(name)")
        }
        for raw in header.all("to") {
            for address in AddressReader.addresses(in: raw) {
                try Fault.unless(address.utf8.contains(UInt8(ascii: "@")), "an address without @")
                try Fault.unless(address.utf8.count <= 1_000, "an address's length")
            }
        }
    }

    private static func text(_ part: MIMEPart) throws(Fault) {
        try Fault.unless(part.decodedBody().count <= part.rawBody.count, "decoding made a body longer")
        let text = part.text()
        try Fault.unless(String(validating: text, as: UTF8.self) != nil, "text is not UTF-8")
        if part.mediaType == "text/html" {
            let plain = HTMLText.plain(text)
            try Fault.unless(String(validating: plain, as: UTF8.self) != nil, "HTML's text is not UTF-8")
        }
    }

    /// Classifies a mail, and returns the kind for the statistics.
    static func classification(_ bytes: [UInt8], _ classifier: BounceClassifier) throws(Fault) -> String {
        let finding = classifier.classify(bytes)
        let verdict = finding.verdict
        try isLine(finding.subject, "the subject")
        try Fault.unless(finding.subject.utf8.count <= 1_024, "the subject's length")
        try Fault.unless((finding.sender ?? "").utf8.count <= 320, "the sender's length")
        for recipient in verdict.recipients {
            try isLine(recipient.diagnostic ?? "", "a diagnostic")
            try Fault.unless((recipient.diagnostic ?? "").utf8.count <= 1_024, "a diagnostic's length")
            try isLine(recipient.address, "a recipient")
        }
        let addresses = verdict.recipients.map(\.address)
        try Fault.unless(Set(addresses).count == addresses.count, "a recipient twice (\(verdict.rule))")
        try Fault.unless(
            addresses.allSatisfy { $0.utf8.count <= 320 },
            "a recipient's length (\(verdict.rule))"
        )
        if verdict.kind == .none || verdict.kind == .unknown {
            try Fault.unless(verdict.recipients.allSatisfy { $0.kind == verdict.kind }, "a recipient's kind")
        }
        let trace = finding.trace
        for list in [trace.recipients, trace.envelopeSenders, trace.messageIDs, trace.answered] {
            try Fault.unless(list.count <= 16, "the length of a trace")
        }
        try Fault.unless(!finding.isFromPerson || verdict.kind == .none, "a person's report")
        return verdict.kind.rawValue
    }
}
