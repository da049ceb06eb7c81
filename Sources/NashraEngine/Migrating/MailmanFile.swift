// SPDX-License-Identifier: Apache-2.0
//
// What GNU Mailman exports: printed lists of members, one file for each way in which mail is off, and REST answers.
// Reads one file. Formats: Mailman 2 list_members(8); Mailman 3 `mailman members`, REST API 3.1; docs/moving-in.md.
import Foundation
import NashraCore
import NashraStore

/// Opens one file of Mailman.
enum MailmanFile {
    static func open(_ path: String, _ context: MigrationContext) throws(UserError) -> any ForeignFile {
        let reader = try PieceReader(path: path)
        let head = Array(reader.beginning(64 << 10))
        switch head.first(where: { $0 > 0x20 }) {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return MailmanJSON(reader, context)
        case UInt8(ascii: "<") where !head.contains(UInt8(ascii: "@")), nil where !head.isEmpty:
            throw context.unknown(path, "this is a page and no list of members")
        default: break
        }
        guard !head.contains(0) else {
            throw context.unknown(path, "this is not text (config.pck is Mailman's own format)")
        }
        return try MailmanText(reader, context)
    }

    /// What the end of a file's name, before `.txt`, says of all who are in it.
    enum Manner: String, CaseIterable {
        case all, regular, digest
        case byUser = "by_user"
        case byBounces = "by_bounces"
        case byModerator = "by_moderator"
        case unknown
        case bans

        init?(word: String) {
            switch word.lowercased() {
            case "members", "all": self = .all
            case "regular": self = .regular
            case "digest", "mime", "plain", "plaintext": self = .digest
            case "by_user", "byuser", "nomail": self = .byUser
            case "by_bounces", "by_bounce", "bybounce", "bybounces": self = .byBounces
            case "by_moderator", "by_admin", "byadmin", "bymoderator": self = .byModerator
            case "unknown", "disabled": self = .unknown
            case "bans", "banned", "ban": self = .bans
            default: return nil
            }
        }

        var words: String {
            switch self {
            case .all, .regular: "members"
            case .digest: "members who read digests"
            case .byUser: "members who turned delivery off"
            case .byBounces: "members whose delivery is off by bounces"
            case .byModerator: "members whose delivery a moderator turned off"
            case .unknown: "members whose delivery is off"
            case .bans: "banned addresses"
            }
        }

        /// What it makes of a membership.
        func apply(to person: inout ForeignPerson, list: String, now: Timestamp) {
            var membership = ForeignPerson.Membership(list: list)
            switch self {
            case .all, .regular: break
            case .digest: membership.frequency = .daily
            case .byUser, .byModerator, .unknown: membership.pausedFrom = now
            case .byBounces:
                person.suppression = ImportSuppression(
                    reason: .softBounce,
                    note: "delivery is off by bounces in Mailman"
                )
            case .bans:
                membership.state = .ended
                membership.endedReason = "banned in Mailman"
            }
            person.memberships.append(membership)
        }
    }

    /// A list's name and the manner of its members, out of a file's name such as `fraud@lists.example.by_user.txt`.
    static func name(_ path: String) -> (list: String, manner: Manner) {
        var parts = URL(fileURLWithPath: path).lastPathComponent.split(separator: ".").map(String.init)
        if let last = parts.last, parts.count > 1,
            ["txt", "csv", "lst", "list", "out"].contains(last.lowercased())
        {
            parts.removeLast()
        }
        guard parts.count > 1, let last = parts.last, let manner = Manner(word: last) else {
            return (parts.joined(separator: "."), .all)
        }
        return (parts.dropLast().joined(separator: "."), manner)
    }
}

/// One address a line, with or without a name.
private final class MailmanText: ForeignFile {
    let kind: String
    private let lines: AddressLines
    private let list: String
    private let manner: MailmanFile.Manner
    private let now: Timestamp

    init(_ reader: PieceReader, _ context: MigrationContext) throws(UserError) {
        (list, manner) = MailmanFile.name(reader.path)
        kind = "\(manner.words) of \(list)"
        now = context.now
        lines = AddressLines(reader)
        guard lines.looksRight else { throw context.unknown(reader.path, "the first lines hold no address") }
    }

    func next() throws(UserError) -> ForeignStep {
        switch try lines.next() {
        case .end: return .end
        case .refused(let line, let reason, let text):
            return .refused(line: line, reason: reason, fields: [text])
        case .address(let address, let name, let line):
            var person = ForeignPerson(address: address, name: name)
            manner.apply(to: &person, list: list, now: now)
            return .person(person, line: line)
        }
    }
}

/// REST answers: members, bans, requests.
private final class MailmanJSON: ForeignFile {
    private let objects: JSONObjects
    private let context: MigrationContext

    var kind: String { "Mailman's REST answers" }

    init(_ reader: PieceReader, _ context: MigrationContext) {
        objects = JSONObjects(reader, in: ["entries"])
        self.context = context
    }

    func next() throws(UserError) -> ForeignStep {
        switch try objects.next() {
        case .end: return .end
        case .bad(let line, let reason): return .refused(line: line, reason: reason, fields: [])
        case .object(let value, let line):
            guard let address = value["email"]?.text else {
                return .refused(line: line, reason: "the object has no email", fields: [])
            }
            return step(value, address, line)
        }
    }

    private func step(_ value: JSONValue, _ address: String, _ line: Int) -> ForeignStep {
        var person = ForeignPerson(address: address, name: value["display_name"]?.text ?? "")
        let list = value["list_id"]?.text
        if let owner = value["token_owner"]?.text {
            guard let list else {
                return .refused(line: line, reason: "the request names no list", fields: [address])
            }
            guard owner == "subscriber" else {
                return .passedOver(reason: "requests that wait for a moderator")
            }
            person.memberships = [ForeignPerson.Membership(list: list, state: .pending)]
        } else if let role = value["role"]?.text {
            guard role == "member" else {
                return .passedOver(reason: "people who are \(word(role)) and no members")
            }
            guard let list else {
                return .refused(line: line, reason: "the member has no list_id", fields: [address])
            }
            manner(value).apply(to: &person, list: list, now: context.now)
            person.language =
                value["preferred_language"]?.text ?? value["preferences"]?["preferred_language"]?.text ?? ""
        } else if let list {
            MailmanFile.Manner.bans.apply(to: &person, list: list, now: context.now)
        } else {
            person.suppression = ImportSuppression(reason: .operator, note: "banned in Mailman")
        }
        if address.hasPrefix("^") {
            return .refused(line: line, reason: "a pattern bans many addresses; name each", fields: [address])
        }
        return .person(person, line: line)
    }

    private func manner(_ value: JSONValue) -> MailmanFile.Manner {
        let preferences = value["preferences"]
        let status = value["delivery_status"]?.text ?? preferences?["delivery_status"]?.text ?? "enabled"
        if status != "enabled" { return MailmanFile.Manner(word: status) ?? .unknown }
        let mode = value["delivery_mode"]?.text ?? preferences?["delivery_mode"]?.text ?? "regular"
        return mode.hasSuffix("_digests") ? .digest : .regular
    }

    private func word(_ role: String) -> String {
        ["owner", "moderator", "nonmember"].contains(role) ? "\(role)s" : "something else"
    }
}
