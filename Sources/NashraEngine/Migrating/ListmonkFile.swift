// SPDX-License-Identifier: Apache-2.0
//
// What listmonk exports: subscribers with their lists as the API tells them, bounces, and the CSV of subscribers.
// Reads one file. Formats: listmonk docs, "APIs / Subscribers" and "APIs / Bounces"; docs/moving-in.md.
import NashraCSV
import NashraCore
import NashraStore

/// Opens one file of listmonk.
enum ListmonkFile {
    static func open(_ path: String, _ context: MigrationContext) throws(UserError) -> any ForeignFile {
        let reader = try PieceReader(path: path)
        let head = Array(reader.beginning(64 << 10))
        let first = head.first { $0 > 0x20 }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return ListmonkJSON(reader, context) }
        if head.starts(with: [0x50, 0x4B]) {
            throw context.unknown(path, "the file is packed; unpack it first")
        }
        return try ListmonkCSV(path, context)
    }

    /// What a status of a subscriber means: `disabled` and `blocklisted` are never mailed.
    static func suppression(_ status: String, since: Timestamp?) -> ImportSuppression? {
        switch status {
        case "blocklisted", "disabled":
            ImportSuppression(reason: .operator, note: "\(status) in listmonk", since: since)
        default: nil
        }
    }
}

/// Answers of the API.
private final class ListmonkJSON: ForeignFile {
    private let objects: JSONObjects
    private let context: MigrationContext

    var kind: String { "listmonk's API" }

    init(_ reader: PieceReader, _ context: MigrationContext) {
        objects = JSONObjects(reader, in: ["results"])
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
            if value["subscriber_uuid"] != nil || value["campaign"] != nil {
                return bounce(value, address, line)
            }
            return .person(person(value, address), line: line)
        }
    }

    /// A hard bounce or a complaint; soft ones decide nothing.
    private func bounce(_ value: JSONValue, _ address: String, _ line: Int) -> ForeignStep {
        let reason: SuppressionReason
        switch value["type"]?.text {
        case "hard": reason = .hardBounce
        case "complaint": reason = .complaint
        case "soft": return .passedOver(reason: "soft bounces (they decide nothing)")
        default: return .refused(line: line, reason: "the bounce has no known type", fields: [address])
        }
        var person = ForeignPerson(address: address)
        let source = value["source"]?.text.map { " by \($0)" } ?? ""
        person.suppression = ImportSuppression(
            reason: reason,
            note: "\(reason == .complaint ? "complaint" : "hard bounce") in listmonk\(source)",
            since: value["created_at"]?.text.flatMap(ForeignTime.parse)
        )
        return .person(person, line: line)
    }

    private func person(_ value: JSONValue, _ address: String) -> ForeignPerson {
        var person = ForeignPerson(address: address)
        person.name = value["name"]?.text ?? ""
        person.attributes = (value["attribs"] ?? .null).flattened()
        person.createdAt = value["created_at"]?.text.flatMap(ForeignTime.parse)
        person.suppression = ListmonkFile.suppression(
            value["status"]?.text ?? "",
            since: value["updated_at"]?.text.flatMap(ForeignTime.parse)
        )
        person.memberships = (value["lists"]?.items ?? []).compactMap { membership($0, person.createdAt) }
        return person
    }

    private func membership(_ list: JSONValue, _ created: Timestamp?) -> ForeignPerson.Membership? {
        guard let name = list["name"]?.text ?? list["uuid"]?.text else { return nil }
        var membership = ForeignPerson.Membership(list: name)
        membership.consentAt = list["subscription_created_at"]?.text.flatMap(ForeignTime.parse) ?? created
        switch list["subscription_status"]?.text {
        case "unsubscribed":
            membership.state = .ended
            membership.endedReason = "unsubscribed in listmonk"
            membership.endedAt = list["subscription_updated_at"]?.text.flatMap(ForeignTime.parse)
        case "confirmed": break
        // A list of single opt-in asks nobody to confirm, and listmonk mails its members all the same.
        default: membership.state = list["optin"]?.text == "single" ? .active : .pending
        }
        return membership
    }
}

/// The CSV of subscribers: without lists, so their topic comes from the command line.
private final class ListmonkCSV: ForeignFile {
    private let table: ForeignTable
    private let email: Int
    private let attributes: Int?

    var kind: String { "listmonk's CSV of subscribers, without lists" }

    init(_ path: String, _ context: MigrationContext) throws(UserError) {
        table = try ForeignTable(path, context)
        guard let email = table.column("email"), table.column("status") ?? table.column("attributes") != nil
        else {
            throw context.unknown(path, "the first row does not name email, name, attributes, status")
        }
        self.email = email
        attributes = table.column("attributes")
    }

    func next() throws(UserError) -> ForeignStep {
        let row: ForeignTable.Row
        switch try table.next() {
        case .row(let found): row = found
        case .other(let step): return step
        }
        var person = ForeignPerson(address: row[email])
        person.name = row[table.column("name")]
        person.createdAt = ForeignTime.parse(row[table.column("created_at")])
        person.suppression = ListmonkFile.suppression(
            row[table.column("status")],
            since: ForeignTime.parse(row[table.column("updated_at")])
        )
        let text = row[attributes]
        if !text.isEmpty {
            guard let value = JSONValue(text) else {
                return .refused(line: row.line, reason: "attributes are not valid JSON", fields: row.texts)
            }
            person.attributes = value.flattened()
        }
        return .person(person, line: row.line)
    }
}
