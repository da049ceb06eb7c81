// SPDX-License-Identifier: Apache-2.0
//
// Addresses, and with them the other readers of short texts of people: what is pasted around addresses, findings,
// foldings, typed attributes. Begins with the set that the tests of NashraCore use.
// Rules: the doc comments of EmailAddress, CleanedAddress, AddressFindings, SearchFolding and AttributeSchema.
import Foundation
import NashraCore

/// Reads damaged addresses.
struct AddressSubject: Subject {
    private let examples: [[UInt8]]
    /// Those that are addresses, of which most inputs are made: what is refused at its third byte tells little.
    private let good: [[UInt8]]

    /// Takes the first column of `addresses.tsv` in a folder; its escapes stay, they are as good as any start.
    init(folder: String) throws {
        let file = URL(filePath: folder).appending(path: "addresses.tsv")
        let lines = try Data(contentsOf: file).split(separator: 0x0A).filter { $0.first != UInt8(ascii: "#") }
        let rows = lines.map { $0.split(separator: 0x09, omittingEmptySubsequences: false).map { Array($0) } }
        let isGood = [Array("valid".utf8), Array("cleaned".utf8)]
        examples = rows.compactMap(\.first).filter { !$0.isEmpty }
        good = rows.filter { $0.count > 1 && isGood.contains($0[1]) }.compactMap(\.first)
        guard !good.isEmpty else { throw Fault("\(file.path) has no example") }
    }

    func input(_ random: inout SplitMix) -> [UInt8] {
        let start = random.pick(random.oneIn(4) ? examples : good)
        let damaged = Self.damage(start, with: Self.vocabulary, others: examples, &random)
        guard random.oneIn(200) else { return damaged }
        return Array(repeatElement(damaged, count: 1 + random.below(400)).joined().prefix(64 << 10))
    }

    func read(_ bytes: [UInt8]) throws(Fault) -> String {
        try folding(bytes)
        try attributes(bytes)
        let read: CleanedAddress
        do throws(AddressFault) {
            read = try CleanedAddress.read(bytes[...])
        } catch {
            try Fault.unless(error.offset >= 0 && error.offset <= 254, "a fault's offset")
            try Fault.unless(!error.description.utf8.contains(UInt8(ascii: "\n")), "a fault of two lines")
            try Fault.unless((try? EmailAddress.parse(bytes)) == nil, "strict takes what lenient refuses")
            return "refused"
        }
        try check(read.address)
        var looking = AddressFindings(ownDomains: ["moi.gov.qa", "xn--mgbh0fb.xn--kgbechtv"])
        let findings = looking.findings(for: read.address)
        for finding in findings { try MailChecks.isLine(finding.words, "a finding's words") }
        try Fault.unless(looking.findings(for: read.address) == findings, "two looks, two findings")
        guard read.cleanings.isEmpty else { return "cleaned" }
        return findings.isEmpty ? "taken" : "odd"
    }

    private func check(_ address: EmailAddress) throws(Fault) {
        let (text, wire) = (Array(address.text.utf8), Array(address.wire.utf8))
        try Fault.unless(text.count <= 254 && wire.count <= 254, "an address's length")
        try Fault.unless(address.localPart.utf8.count <= 64, "a local part's length")
        try Fault.unless(wire.filter { $0 == UInt8(ascii: "@") }.count == 1, "more than one @")
        let forbidden = Array("<>()[]:;,\\\" ".utf8)
        try Fault.unless(
            wire.allSatisfy { $0 > 0x20 && $0 != 0x7F && !forbidden.contains($0) },
            "a byte that has no place on the wire"
        )
        try Fault.unless(
            address.domain.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
            },
            "a domain that is no A-labels"
        )
        let again = try? EmailAddress.parse(address.wire)
        try Fault.unless(again?.key == address.key, "the wire's form is another person")
        // Folding can make a local part longer than one may be; otherwise a key is its own key.
        let ofKey: EmailAddress
        do throws(AddressFault) {
            ofKey = try EmailAddress.parse(address.key)
        } catch {
            let isLength = error.problem == .localPartTooLong || error.problem == .tooLong
            return try Fault.unless(isLength, "a key that is no address: \(error)")
        }
        try Fault.unless(Array(ofKey.key.utf8) == Array(address.key.utf8), "a key's key is another")
    }

    private func folding(_ bytes: [UInt8]) throws(Fault) {
        var once: [UInt8] = []
        var twice: [UInt8] = []
        bytes.withUnsafeBufferPointer { SearchFolding.fold($0, into: &once) }
        once.withUnsafeBufferPointer { SearchFolding.fold($0, into: &twice) }
        guard String(validating: bytes, as: UTF8.self) != nil else { return }
        try Fault.unless(String(validating: once, as: UTF8.self) != nil, "folding broke UTF-8")
        try Fault.unless(once == twice, "folding what is folded changes it")
    }

    private func attributes(_ bytes: [UInt8]) throws(Fault) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        for name in ["number", "comma", "date", "bool", "word"] {
            guard let canonical = try? Self.schema.canonical(text, for: name) else { continue }
            let again = try? Self.schema.canonical(canonical, for: name)
            try Fault.unless(again == canonical, "a canonical \(name) is not its own")
            try Fault.unless(canonical.utf8.count <= 32, "a canonical \(name)'s length")
        }
    }

    private static let schema = AttributeSchema([
        .init(name: "number", kind: .number), .init(name: "comma", kind: .number, decimalMark: .comma),
        .init(name: "date", kind: .date), .init(name: "bool", kind: .bool),
        .init(name: "word", kind: .enumeration(["Doha", "الخور"]), spellings: ["Doha": ["الدوحة"]]),
    ])

    private static let vocabulary: [[UInt8]] =
        [
            "@", "@@", ".", "..", "<", ">", "\"", "'", "mailto:", "?", ";", ",", "[", "]", "(c)", "\\", " ",
            "\t", "\r\n",
            "\n", "\0", "xn--", "XN--", "--", "-", "gmail.com", "gmial.com", "example.org", "مثال.إختبار",
            "أحمد", "ß", "ﬁ",
            "İ", "ς", "ẞ", "\u{301}", "\u{345}", "\u{64B}", "\u{640}", "\u{200B}", "\u{200C}", "\u{200D}",
            "\u{200E}",
            "\u{200F}", "\u{202E}", "\u{2066}", "\u{FEFF}", "\u{AD}", "\u{A0}", "\u{3000}", "\u{3002}",
            "\u{FF0E}",
            "\u{FF20}", "\u{2024}", "\u{1F4A9}", "\u{E0041}", "\u{FDFA}", "\u{1E9E}", "+", "5", "٥", "1,234",
            "31/01/2026",
            "2026-01-31T00:00:00Z", "نعم", "-", "e5", "الدوحة", "\u{66B}", "\u{66C}", "k", "\u{212A}",
            "\u{13A0}",
        ].map { Array($0.utf8) } + [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xD8],
        ]
}
