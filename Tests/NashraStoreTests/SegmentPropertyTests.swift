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
        let population = try SegmentPopulation(world, count: 40, random: &random)
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
                if !Self.isFree(sql.condition, of: expression) {
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
        #expect(differing > 500 && matched > 5_000)
    }

    /// Whether no literal of the query stands in the text, and every word of the text is one of ours.
    static func isFree(_ sql: String, of expression: SegmentExpression) -> Bool {
        guard !expression.literals.contains(where: { sql.contains($0) }) else { return false }
        let quoted = sql.matches(of: /'[^']*'/).map { String($0.output) }
        let plain = sql.replacing(/[:A-Za-z_][A-Za-z_0-9.]*/, with: " ")
        let numbers = plain.matches(of: /[0-9]+/).map { String($0.output) }
        return sql.utf8.allSatisfy { $0 < 0x80 } && Set(quoted).isSubset(of: ["''", "'hard'", "'accepted'"])
            && Set(numbers).isSubset(of: ["0", "1", "2"])
    }

    @Test func `the check for literals can fail`() throws {
        let city = SegmentExpression.term(.field(.attribute("wqcity", .text), .isIn([.text("Doha")])))
        #expect(Self.isFree("nashra_attr_fold(s.attributes, :q0) = :q1", of: city))
        #expect(!Self.isFree("nashra_attr_fold(s.attributes, 'wqcity') = :q1", of: city))
        #expect(!Self.isFree("nashra_attr_fold(s.attributes, :q0) = 'x'", of: city))
        #expect(!Self.isFree("s.created_at_ms > 17", of: city))
    }
}
