// SPDX-License-Identifier: Apache-2.0
//
// Ten thousand random queries over random registers: what SQL answers is what an evaluator without SQL answers, and no
// literal of a query stands in a statement.
import Foundation
import GRDB
import NashraCore
import NashraSegments
import Testing

@testable import NashraStore

struct SegmentPropertyTests {
    static let zones = ["Asia/Riyadh", "Europe/Paris", "Africa/Casablanca", "GMT"]

    @Test(arguments: 0..<8)
    func `SQL and an evaluator without SQL agree on random queries`(_ seed: Int) throws {
        let world = try StoreWorld()
        var random = SeededRandom(state: UInt64(seed) &* 0x1234_5678_9ABC)
        let population = try SegmentPopulation(world, count: 25, random: &random)
        let zone = Self.zones[seed % Self.zones.count]
        let timeZone = try #require(TimeZone(identifier: zone))
        let evaluator = SegmentEvaluator(now: population.now, timeZone: timeZone)
        var queries = SegmentQueries(random: random)
        var (matched, differing) = (0, 0)
        try world.store.pool.read { db in
            for _ in 0..<1_250 {
                let expression = queries.expression()
                let question = SegmentQuestion(expression, timeZone: zone, at: population.now)
                let sql = SegmentSQL(question)
                let answer = try Int64.fetchAll(
                    db,
                    sql:
                        "SELECT s.id FROM subscriber s WHERE \(SegmentSQL.notErased) AND (\(sql.condition)) ORDER BY 1",
                    arguments: sql.arguments
                )
                let expected = population.people.filter {
                    $0.state != "erased" && evaluator.matches(expression, $0)
                }.map(\.id)
                matched += answer.count
                differing += answer.isEmpty || answer.count == population.people.count ? 0 : 1
                if answer != expected { Issue.record("\(expression): \(answer), expected \(expected)") }
                if !Self.isFree(sql.condition) {
                    Issue.record("a literal of \(expression) stands in \(sql.condition)")
                }
                let again = try? SegmentParser.parse(
                    canonical: expression.text,
                    vocabulary: SegmentWords.vocabulary
                )
                if again != expression {
                    Issue.record("\(expression) is read as \(String(describing: again))")
                }
            }
        }
        // Queries that nobody or everybody answers prove little.
        #expect(differing > 300 && matched > 2_000)
    }

    /// Whether every word, number and text in quotes of a condition is one of ours: then no literal of a query is in it.
    static func isFree(_ sql: String) -> Bool {
        pieces(sql).isSubset(of: words)
    }

    /// All that our conditions are made of, apart from signs and parameters.
    static let words = Set(
        """
        AND OR NOT IS TRUE NULL IN BETWEEN EXISTS SELECT FROM WHERE CROSS JOIN ON 0 1 2 '' 'hard' 'accepted'
        s.language s.state s.name s.domain s.address s.address_key s.created_at_ms s.attributes s.id
        nashra_attr nashra_attr_fold nashra_attr_number nashra_attr_day nashra_fold nashra_holds
        subscription u u.subscriber_id u.topic_id u.ended_at_ms u.is_pending u.consent_at_ms topic t t.id t.name
        suppression x x.address_key x.topic_id x.expires_at_ms bulletin b b.id b.number b.delivery_id b.event bounce
        campaign c c.bulletin_id c.id delivery d d.campaign_id d.address_key d.state d.id d.subscriber_id
        """.split { $0 == " " || $0 == "\n" }.map(String.init)
    )

    /// The words, numbers and quoted texts of a statement; anything that is not ASCII is a word too.
    static func pieces(_ sql: String) -> Set<String> {
        var (pieces, piece, isQuoted): (Set<String>, [UInt8], Bool) = ([], [], false)
        func end() {
            // A parameter is a colon, q and a number.
            if piece.first != UInt8(ascii: ":"), !piece.isEmpty {
                pieces.insert(String(decoding: piece, as: UTF8.self))
            }
            piece = []
        }
        for byte in Array(sql.utf8) {
            let isQuote = byte == UInt8(ascii: "'")
            if isQuoted || isQuote {
                if isQuote, !isQuoted { end() }
                piece.append(byte)
                if isQuote, isQuoted { end() }
                if isQuote { isQuoted.toggle() }
                continue
            }
            switch byte {
            case UInt8(ascii: " "), 0x0A, 0x28, 0x29, 0x2B, 0x2C, 0x3C...0x3E: end()
            default: piece.append(byte)
            }
        }
        end()
        return pieces
    }

    @Test func `the check for literals can fail`() throws {
        #expect(Self.isFree("nashra_attr_fold(s.attributes, :q0) = :q1"))
        #expect(!Self.isFree("nashra_attr_fold(s.attributes, 'wqcity') = :q1"))
        #expect(!Self.isFree("nashra_attr_fold(s.attributes, :q0) = 'x'"))
        #expect(!Self.isFree("s.created_at_ms > 17"))
        #expect(!Self.isFree("s.name = الدوحة"))
        // None of our words is one of the queries'.
        var queries = SegmentQueries(random: SeededRandom(state: 1))
        for _ in 0..<200 {
            #expect(Self.words.isDisjoint(with: queries.expression().literals))
        }
    }
}
