// SPDX-License-Identifier: Apache-2.0
//
// Who is meant by an address: the row in the register, the forms of the address, the deliveries, and what came back.
// Reads the store.
import Foundation
import GRDB
import NashraCore

/// One person, as far as the store knows her.
struct PersonScope {
    /// The row in the register, or `nil`.
    let id: Int64?
    /// What takes the place of the address when it is erased.
    let label: String
    /// The keys of the addresses that are hers: the one that was asked for, and those she had before.
    let keys: [String]
    /// The addresses as they may stand in texts.
    let texts: [String]
    /// The domain of the address, as A-labels.
    let domain: String
    /// Her deliveries.
    private(set) var deliveries: [Int64] = []
    /// What came back for them, and what strangers sent that names her.
    private(set) var returned: [Int64] = []
    /// Whose bytes are hers: what came back for her deliveries, and letters of strangers that name her.
    private(set) var letters: [Int64] = []

    /// Finds the person.
    ///
    /// - Parameters:
    ///   - db: The store.
    ///   - address: One of her addresses.
    ///   - isThorough: Whether to look through what strangers sent, too; that reads those tables whole.
    /// - Throws: What the store throws.
    init(_ db: Database, _ address: EmailAddress, isThorough: Bool) throws {
        let row = try Row.fetchOne(
            db,
            sql: "SELECT id, address, domain FROM subscriber WHERE address_key = ?",
            arguments: [address.key]
        )
        id = row?[0]
        domain = row?[2] ?? address.domain
        label = "erased-" + (id.map(String.init) ?? Self.number())
        let earlier = try id.map { try Self.earlierAddresses(db, of: $0) } ?? []
        keys = [address.key] + earlier.map(\.key)
        var texts: Set<String> = [address.text, address.key]
        if let text = row?[1] as String? { texts.insert(text) }
        for address in earlier { texts.formUnion([address.text, address.key]) }
        let found = try Row.fetchAll(
            db,
            sql: Self.deliveriesSQL,
            arguments: ["keys": Self.json(keys), "id": id]
        )
        deliveries = found.map { $0[0] }
        texts.formUnion(found.map { $0[1] as String })
        self.texts = texts.sorted()
        let tied = try Int64.fetchAll(db, sql: Self.tiedSQL, arguments: arguments)
        let named = isThorough ? try mentions(db) : []
        returned = Set(tied + named).sorted()
        letters = Set(tied + (isThorough ? try strangers(db) : [])).sorted()
    }

    /// The parameters of the conditions in PersonalData.
    var arguments: StatementArguments {
        [
            "id": id, "keys": Self.json(keys), "texts": Self.json(texts), "deliveries": Self.json(deliveries),
            "returned": Self.json(returned), "letters": Self.json(letters),
        ]
    }

    /// The search for the person's addresses in texts and files.
    var search: AddressSearch { AddressSearch(texts) }

    /// One look into the key of (campaign, address) for each campaign and key.
    ///
    /// What another person has got at an address
    /// that was hers before is not hers.
    private static let deliveriesSQL = """
        SELECT d.id, d.address FROM json_each(:keys) k CROSS JOIN campaign c CROSS JOIN delivery d
            ON d.campaign_id = c.id AND d.address_key = k.value
        WHERE d.subscriber_id IS NULL OR d.subscriber_id = :id OR :id IS NULL
        ORDER BY d.id
        """

    private static let tiedSQL = """
        SELECT id FROM returned WHERE delivery_id IN (SELECT value FROM json_each(:deliveries))
        UNION SELECT returned_id FROM probe
            WHERE returned_id IS NOT NULL AND delivery_id IN (SELECT value FROM json_each(:deliveries))
        """

    /// The addresses that the person had before, but for one that is somebody else's now.
    private static func earlierAddresses(_ db: Database, of id: Int64) throws -> [EmailAddress] {
        let texts = try String.fetchAll(
            db,
            sql: """
                SELECT DISTINCT detail ->> '$."address.before"' AS earlier FROM subscriber_event
                WHERE subscriber_id = ? AND event = 'edited' AND earlier IS NOT NULL
                """,
            arguments: [id]
        )
        return try texts.compactMap { try? EmailAddress.parse($0) }.filter { address in
            try Int64.fetchOne(
                db,
                sql: "SELECT id FROM subscriber WHERE address_key = ?",
                arguments: [address.key]
            ) == nil
        }
    }

    /// Returned messages of anybody that name the person as sender, recipient or in the server's words.
    private func mentions(_ db: Database) throws -> [Int64] {
        let search = search
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT id, recipients, coalesce(sender, ''), subject, coalesce(diagnostic, '') FROM returned
                WHERE \(Self.anyNeedle(in: "recipients || coalesce(sender, '') || subject || coalesce(diagnostic, '')"))
                """,
            arguments: arguments
        )
        var found: [Int64] = []
        while let row = try rows.next() {
            let texts: [String] = [row[1], row[2], row[3], row[4]]
            if texts.contains(where: search.isNamed(in:)) { found.append(row[0]) }
        }
        return found
    }

    /// Kept messages of strangers that name the person in plain.
    private func strangers(_ db: Database) throws -> [Int64] {
        let search = search
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT returned_id, bytes FROM returned_bytes WHERE of_stranger = 1"
        )
        var found: [Int64] = []
        while let row = try rows.next() {
            if search.isNamed(in: [UInt8](row[1] as Data)) { found.append(row[0]) }
        }
        return found
    }

    /// Whether a column may name the person: a quick look before the exact one.
    ///
    /// It takes `:texts`.
    static func anyNeedle(in column: String) -> String {
        "EXISTS (SELECT 1 FROM json_each(:texts) n WHERE instr(lower(\(column)), lower(n.value)) > 0)"
    }

    /// Who is not in the register has no number; a random one tells the erasures apart.
    private static func number() -> String {
        "u" + String(UInt64.random(in: (1 << 40)..<(1 << 50)), radix: 32)
    }

    private static func json(_ value: some Encodable) -> String {
        (try? JSONEncoder().encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}
