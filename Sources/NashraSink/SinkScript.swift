// SPDX-License-Identifier: Apache-2.0
//
// All that the sink was told to do differently, and how often it has done it already.
// Shared by all connections; one lock around the counts.
import Synchronization

/// The rules in force and their counts.
final class SinkScript: Sendable {
    private struct Compiled: Sendable {
        let rule: SinkRule
        let pattern: SinkPattern
    }

    private struct Try: Hashable {
        let rule: Int
        let address: [UInt8]
    }

    /// Beyond so many addresses a rule with `times` lets the new ones pass: the table must not grow for ever.
    private static let rememberedTries = 2_000_000

    private let rules: [SinkStage: [(index: Int, rule: Compiled)]]
    private let usesBuiltIn: Bool
    private let tries = Mutex<[Try: Int]>([:])

    init(_ rules: [SinkRule], usesBuiltIn: Bool) {
        var table: [SinkStage: [(index: Int, rule: Compiled)]] = [:]
        for (index, rule) in rules.enumerated() {
            let compiled = Compiled(rule: rule, pattern: SinkPattern(rule.match))
            table[rule.stage, default: []].append((index, compiled))
        }
        self.rules = table
        self.usesBuiltIn = usesBuiltIn
    }

    /// What to do at `stage` for `address`, or `nil` for the usual; counts the try.
    func action(at stage: SinkStage, for address: [UInt8] = []) -> SinkAction? {
        for (index, entry) in rules[stage] ?? [] where entry.pattern.matches(address) {
            if spoils(entry.rule, index, address) { return entry.rule.action }
        }
        guard usesBuiltIn, stage == .rcpt || stage == .dot else { return nil }
        let end = address.lastIndex(of: UInt8(ascii: "@")) ?? address.endIndex
        guard let rule = BuiltInScript.rule(forLocalPart: address[..<end]), rule.stage == stage else {
            return nil
        }
        return spoils(rule, -1, address) ? rule.action : nil
    }

    private func spoils(_ rule: SinkRule, _ index: Int, _ address: [UInt8]) -> Bool {
        guard let times = rule.times else { return true }
        let key = Try(rule: index, address: address.map(SinkPattern.lower))
        return tries.withLock { table in
            let done = table[key] ?? 0
            guard done < times, done > 0 || table.count < Self.rememberedTries else { return false }
            table[key] = done + 1
            return true
        }
    }
}
