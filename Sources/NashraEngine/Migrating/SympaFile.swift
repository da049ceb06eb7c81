// SPDX-License-Identifier: Apache-2.0
//
// What Sympa exports: a list's member.dump, its blocklist.txt, and printed lists of members.
// Reads one file. Formats: `sympa.pl dump`, Sympa::List::dump_users, blocklist.txt; docs/moving-in.md.
import Foundation
import NashraCore
import NashraStore

/// Opens one file of Sympa.
enum SympaFile {
    static func open(_ path: String, _ context: MigrationContext) throws(UserError) -> any ForeignFile {
        let file = URL(fileURLWithPath: path)
        let name = file.lastPathComponent
        if name.hasPrefix("owner.dump") || name.hasPrefix("editor.dump") {
            throw context.unknown(path, "owners and moderators are no subscribers")
        }
        let reader = try PieceReader(path: path)
        if ["blocklist", "blacklist"].contains(where: { name.lowercased().hasPrefix($0) }) {
            return SympaBlocklist(reader)
        }
        let head = String(decoding: reader.beginning(64 << 10), as: UTF8.self)
        let isDump = head.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("email ") }
        let generic = ["member.dump", "subscribers.db.dump", "members.txt", "review.txt"]
        let isGeneric = generic.contains { name.hasPrefix($0) }
        let list =
            isGeneric
            ? file.deletingLastPathComponent().lastPathComponent
            : file.deletingPathExtension().lastPathComponent
        if isDump { return SympaDump(reader, list: list, context) }
        let lines = AddressLines(reader)
        guard lines.looksRight, !head.contains("\0") else {
            throw context.unknown(path, "no line begins with “email ”, and the first lines hold no address")
        }
        return SympaText(lines, list: list)
    }
}

/// Paragraphs of `key value` lines.
private final class SympaDump: ForeignFile {
    /// From which score on Sympa takes a member for one who bounces: bouncers_level2.rate of its defaults.
    static let bouncing = 80

    let kind: String
    private(set) var notes: [String: Int] = [:]
    private let reader: PieceReader
    private let list: String
    private let now: Timestamp

    init(_ reader: PieceReader, list: String, _ context: MigrationContext) {
        kind = "members of \(list)"
        self.reader = reader
        self.list = list
        now = context.now
    }

    func next() throws(UserError) -> ForeignStep {
        var fields: [String: String] = [:]
        var begin = 0
        var fault: String?
        while let (bytes, line) = try reader.takeLine() {
            if let bytes, bytes.allSatisfy({ $0 <= 0x20 }) {
                if fields.isEmpty, fault == nil { continue }
                break
            }
            if begin == 0 { begin = line }
            guard let bytes, let text = String(validating: bytes, as: UTF8.self) else {
                fault = bytes == nil ? "a line is longer than 64 KiB" : "the paragraph is not valid UTF-8"
                continue
            }
            let parts = text.split(separator: " ", maxSplits: 1).map(String.init)
            if parts.count == 2, fields[parts[0]] == nil { fields[parts[0]] = parts[1] }
        }
        if let fault { return .refused(line: begin, reason: fault, fields: [fields["email"] ?? ""]) }
        guard !fields.isEmpty else { return .end }
        guard let address = fields["email"] else {
            return .refused(line: begin, reason: "the paragraph has no email", fields: [])
        }
        return .person(person(fields, address), line: begin)
    }

    private func person(_ fields: [String: String], _ address: String) -> ForeignPerson {
        var person = ForeignPerson(address: address, name: fields["gecos"] ?? "")
        person.createdAt = fields["date"].flatMap(ForeignTime.parse)
        person.attributes = SympaAttributes.read(fields["custom_attribute"] ?? "")
        var membership = ForeignPerson.Membership(list: list)
        membership.consentAt = person.createdAt
        switch fields["reception"] ?? "mail" {
        case "digest", "digestplain", "summary":
            membership.frequency = .daily
            notes["people read digests, which come on the list's days in Sympa and daily here", default: 0] +=
                1
        case "nomail":
            membership.pausedFrom =
                fields["update_date"].flatMap(ForeignTime.parse) ?? person.createdAt ?? now
        default: break
        }
        if fields["suspend"] == "1" {
            membership.pausedFrom = fields["startdate"].flatMap(ForeignTime.parse) ?? now
            membership.pausedUntil = fields["enddate"].flatMap(ForeignTime.parse)
        }
        if fields["subscribed"] == "0" || (fields["subscribed"] == nil && fields["included"] == "1") {
            notes[
                "people are members because a data source includes them, and did not subscribe",
                default: 0
            ] += 1
        }
        person.memberships = [membership]
        person.suppression = bounced(fields)
        return person
    }

    /// `bounce` is: first and last time, count, status.
    private func bounced(_ fields: [String: String]) -> ImportSuppression? {
        guard let score = fields["bounce_score"].flatMap(Int.init), score >= Self.bouncing else { return nil }
        let words = (fields["bounce"] ?? "").split(separator: " ")
        let status = words.count > 3 ? ", last with status \(words[3])" : ""
        return ImportSuppression(
            reason: .softBounce,
            note: "bounce score \(score) in Sympa\(status)",
            since: words.count > 1 ? ForeignTime.parse(words[1]) : nil
        )
    }
}

/// Addresses and patterns that may not be members.
private final class SympaBlocklist: ForeignFile {
    private let lines: AddressLines

    var kind: String { "blocklist" }

    init(_ reader: PieceReader) { lines = AddressLines(reader) }

    func next() throws(UserError) -> ForeignStep {
        switch try lines.next() {
        case .end: return .end
        case .refused(let line, let reason, let text):
            return .refused(line: line, reason: reason, fields: [text])
        case .address(let address, _, let line):
            guard !address.contains("*") else {
                return .refused(
                    line: line,
                    reason: "a pattern blocks many addresses; name each",
                    fields: [address]
                )
            }
            var person = ForeignPerson(address: address)
            person.suppression = ImportSuppression(reason: .operator, note: "on Sympa's blocklist")
            return .person(person, line: line)
        }
    }
}

/// A printed list of members.
private final class SympaText: ForeignFile {
    let kind: String
    private let lines: AddressLines
    private let list: String

    init(_ lines: AddressLines, list: String) {
        kind = "members of \(list), without dates and states"
        self.lines = lines
        self.list = list
    }

    func next() throws(UserError) -> ForeignStep {
        switch try lines.next() {
        case .end: return .end
        case .refused(let line, let reason, let text):
            return .refused(line: line, reason: reason, fields: [text])
        case .address(let address, let name, let line):
            var person = ForeignPerson(address: address, name: name)
            person.memberships = [ForeignPerson.Membership(list: list)]
            return .person(person, line: line)
        }
    }
}
