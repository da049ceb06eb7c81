// SPDX-License-Identifier: Apache-2.0
//
// Segments asked of a register: who is found, in what time, and how the question is answered.
import Foundation
import GRDB
import NashraCore
import NashraSegments
import NashraTestKit
import Testing

@testable import NashraStore

struct SegmentTests {
    static let schema = AttributeSchema([
        .init(name: "grade", kind: .number), .init(name: "city"), .init(name: "due", kind: .date),
    ])

    static func question(_ world: StoreWorld, _ text: String) throws -> SegmentQuestion {
        let vocabulary = SegmentVocabulary(schema: schema)
        return SegmentQuestion(
            try SegmentParser.parse(text, vocabulary: vocabulary),
            timeZone: "Asia/Riyadh",
            at: world.clock.now()
        )
    }

    static func names(_ world: StoreWorld, _ text: String) throws -> [String] {
        try world.store.segmentMembers(try question(world, text)).map { $0.name ?? "" }
    }

    static func world() throws -> StoreWorld {
        let world = try StoreWorld()
        let people: [(String, String?, Language?, [String: String])] = [
            ("a", "أَحْمَد الدُّوسري", .arabic, ["city": "الدوحة", "grade": "5.25"]),
            ("b", "احـمد ٧٧", .arabic, ["city": "Doha", "grade": "12"]),
            ("c", "Zoë \"Z\" O'Brien", .french, ["city": "Al Khor", "due": "2026-01-31"]),
            ("d", nil, nil, ["grade": "twelve"]),
        ]
        _ = try world.store.importBatch(
            people.map {
                ImportRow(address: StoreWorld.address($0.0), name: $0.1, language: $0.2, attributes: $0.3)
            },
            topic: "fraud",
            source: "test"
        )
        return world
    }

    @Test(arguments: [
        ("name contains \"احمد\"", ["أَحْمَد الدُّوسري", "احـمد ٧٧"]),
        ("name contains 77", ["احـمد ٧٧"]),
        ("name contains الدوسرى", ["أَحْمَد الدُّوسري"]),
        ("name starts with ZOE", ["Zoë \"Z\" O'Brien"]),
        ("name ends with \"o'brien\"", ["Zoë \"Z\" O'Brien"]),
        ("name = \"zoe \\\"z\\\" o'brien\"", ["Zoë \"Z\" O'Brien"]),
        ("name is empty", [""]),
        ("city in (doha, \"al khor\")", ["احـمد ٧٧", "Zoë \"Z\" O'Brien"]),
        ("city != Doha", ["أَحْمَد الدُّوسري", "Zoë \"Z\" O'Brien", ""]),
        ("city is known and city != Doha", ["أَحْمَد الدُّوسري", "Zoë \"Z\" O'Brien"]),
        ("grade > 5 and grade <= 12", ["أَحْمَد الدُّوسري", "احـمد ٧٧"]),
        ("not grade > 5", ["Zoë \"Z\" O'Brien", ""]),
        ("due between 2026-01-01 and 2026-01-31", ["Zoë \"Z\" O'Brien"]),
        ("language != ar", ["Zoë \"Z\" O'Brien", ""]),
        ("address = A@EXAMPLE.ORG or address starts with c", ["أَحْمَد الدُّوسري", "Zoë \"Z\" O'Brien"]),
        ("joined = today and language = fr", ["Zoë \"Z\" O'Brien"]),
        ("joined before today", []),
        ("subscribed to fraud after 2 days ago and language = fr", ["Zoë \"Z\" O'Brien"]),
        ("subscribed to nothing-of-the-sort", []),
    ])
    func `a question finds whom it is true of`(_ text: String, _ expected: [String]) throws {
        let world = try Self.world()
        #expect(try Self.names(world, text) == expected)
        #expect(try world.store.segmentCount(try Self.question(world, text)) == expected.count)
    }

    @Test func `a page begins after the one before`() throws {
        let world = try StoreWorld(people: 10)
        let question = try Self.question(world, "language = ar")
        let first = try world.store.segmentMembers(question, count: 2)
        let second = try world.store.segmentMembers(question, after: first.last?.id, count: 5)
        #expect((first + second).map(\.id.rawValue) == [1, 4, 7, 10])
    }

    @Test func `a large register is counted in two halves, and no longer than allowed`() throws {
        let world = try StoreWorld()
        try world.run(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30001)
            INSERT INTO subscriber (address, address_key, domain, language, attributes, created_at_ms, updated_at_ms)
            SELECT i || '@x.example', i || '@x.example', 'x.example', CASE WHEN i % 3 = 0 THEN 'ar' END,
                '{"city":"الدوحة","grade":"' || (i % 7) || '"}', 1, 1 FROM n
            """
        )
        let question = try Self.question(world, "language = ar and grade = 3 and city contains دوحه")
        let expected = (1...30_001).filter { $0 % 3 == 0 && $0 % 7 == 3 }.count
        #expect(try world.store.segmentCount(question, limit: .seconds(60)) == expected)
        do {
            _ = try world.store.segmentCount(question, limit: .zero)
            Issue.record("the limit was not kept")
        } catch {
            #expect(error.status == .tryAgain)
            #expect(error.remedy.contains("--time-limit"))
        }
        // The connections are as before.
        #expect(try world.store.segmentCount(question, limit: .seconds(60)) == expected)
    }

    @Test func `an explanation shows values apart, the plan, and each term's count`() throws {
        let world = try Self.world()
        let text = "language = ar and city = Doha and (grade > 5 or city = Doha) and subscribed to fraud"
        let explanation = try world.store.explain(try Self.question(world, text))
        #expect(
            explanation.terms.map(\.text) == [
                "language = ar", "attr.city = Doha", "attr.grade > 5", "subscribed to fraud",
            ]
        )
        #expect(explanation.terms.map(\.members) == [2, 1, 2, 4])
        #expect(!explanation.sql.contains("Doha") && !explanation.sql.contains("fraud"))
        #expect(explanation.parameters.contains { $0.value.contains("doha") })
        #expect(!explanation.plan.isEmpty)
    }

    @Test func `terms about other tables are looks at a key`() throws {
        let world = try Self.world()
        let text = "subscribed to fraud and received 2026-014 and suppressed and language = ar"
        let explanation = try world.store.explain(try Self.question(world, text))
        let plan = explanation.plan.joined(separator: "\n")
        #expect(plan.contains("SEARCH u USING"))
        #expect(
            plan.contains(
                "SEARCH d USING INDEX sqlite_autoindex_delivery_1 (campaign_id=? AND address_key=?)"
            )
        )
        #expect(plan.contains("SEARCH x USING PRIMARY KEY (address_key=? AND topic_id=?)"))
        // Columns are asked before tables.
        let language = try #require(explanation.sql.range(of: "s.language"))
        let look = try #require(explanation.sql.range(of: "EXISTS"))
        #expect(language.lowerBound < look.lowerBound)
    }

    @Test(
        arguments: [
            ("{}", nil), ("", nil), ("{", nil), ("[]", nil), ("{\"a\"", nil), ("{\"a\":", nil),
            ("{\"a\":\"x", nil),
            ("{\"a\":\"x\\", nil), ("{\"a\":\"x\\\"", nil), ("{\"a\":null}", nil), ("{\"a\":{\"b\":1}}", nil),
            ("{\"a\":\"\"}", nil), ("{\"b\":\"a\",\"a\":\"1\"}", "1"), ("{ \"a\" : \"x y\" }", "x y"),
            ("{\"a\":5}", "5"),
            ("{\"b\":1,\"a\":true}", "true"), ("{\"\\u0061\":\"ب\\u0628\\\\\\\"\\n\"}", "بب\\\"\n"),
            ("{\"a\":\"\\ud83c\\udf89\\ud83c\"}", "🎉\u{FFFD}"), ("{\"a\":\"\\u00\"}", "00"),
            ("{\"x\":\"\\\"a\\\":\\\"no\\\"\",\"a\":\"yes\"}", "yes"), ("nonsense \"a\":\"1\"", nil),
        ] as [(String, String?)]
    )
    func `one value is found in whatever stands for attributes`(_ json: String, _ expected: String?) throws {
        let world = try StoreWorld()
        let found = try world.store.pool.read { db in
            try String.fetchOne(db, sql: "SELECT nashra_attr(?, 'a')", arguments: [json])
        }
        #expect(found == expected)
    }

    @Test(
        arguments: [
            ("5", 5), ("-0.25", -0.25), ("123456789012345", 123_456_789_012_345), ("0.1", 0.1),
            ("1234567890123456", nil),
            ("", nil), ("-", nil), (".5", nil), ("5.", nil), ("1.2.3", nil), ("+5", nil), ("1e3", nil),
            ("٥", nil),
        ] as [(String, Double?)]
    )
    func `only canonical numbers are numbers`(_ text: String, _ expected: Double?) {
        var text = text
        #expect(text.withUTF8 { CanonicalValue.number($0) } == expected)
    }

    @Test func `the functions cannot be called by a schema`() throws {
        let world = try StoreWorld()
        #expect(throws: (any Error).self) {
            try world.run("CREATE VIEW v AS SELECT nashra_fold(name) AS f FROM subscriber; SELECT f FROM v")
        }
    }
}
