// SPDX-License-Identifier: Apache-2.0
//
// SQLite's fault loop over the whole sender: the n-th operation of the store fails, for n = 1, 2, …, until none is
// left to fail; a second run without fault must then account for everybody.
// The promise: docs/decisions/0002-ledger.md.
import Foundation
import NashraCore
import NashraStore
import NashraTestKit
import Synchronization
import Testing

@testable import NashraEngine

@Suite struct `The store breaks at the n-th operation` {
    private static let connections = 3
    private static let people = [
        "sara", "5.1.1-gone", "نورة", "tempfail", "amal", "bilal", "camille", "dina",
    ]

    /// The scopes of the store's failures and SQLite's codes for them.
    enum Fault: Int32, CaseIterable, Sendable, CustomTestStringConvertible {
        case full = 13
        case sync = 1_034
        case corrupt = 11
        case busy = 5

        var testDescription: String {
            switch self {
            case .full: "the disk is full"
            case .sync: "the disk fails to sync"
            case .corrupt: "the file is damaged"
            case .busy: "another process writes"
            }
        }

        /// A full disk is met at every operation; the others, which end a run in the same way, at every fifth.
        var stride: Int { self == .full ? 1 : 5 }
    }

    @Test(arguments: Fault.allCases)
    func `and a second run reaches everybody, twice at most one per connection`(_ fault: Fault) throws {
        let tally = Tally()
        // Several worlds at a time: each mostly waits for the other side.
        let lanes = 4
        let group = DispatchGroup()
        for lane in 0..<lanes {
            group.enter()
            let thread = Thread {
                Self.loop(fault, from: 1 + lane * fault.stride, by: lanes * fault.stride, tally)
                group.leave()
            }
            thread.stackSize = 4 << 20
            thread.start()
        }
        try #require(group.wait(timeout: .now() + 60) == .success)
        let (troubles, fired, doubled) = tally.counts
        #expect(troubles.isEmpty, "\(troubles.joined(separator: "\n"))")
        #expect(fired > 30 / fault.stride, "only \(fired) operations were broken")
        print("\(fault.testDescription): \(fired) operations broken, \(doubled) messages doubled")
    }

    /// Breaks every `step`-th operation, until one is not reached any more.
    private static func loop(_ fault: Fault, from first: Int, by step: Int, _ tally: Tally) {
        var operation = first
        while operation < 2_000 {
            let breaker = Breaker(at: operation, code: fault.rawValue)
            do {
                let doubled = try cutOff(breaker)
                tally.add(fired: breaker.hasFired, doubled: doubled)
            } catch {
                tally.add(trouble: "operation \(operation): \(error)")
            }
            guard breaker.hasFired else { return }
            operation += step
        }
        tally.add(trouble: "no end of operations")
    }

    /// Freezes and sends with one fault, then goes on without.
    ///
    /// - Returns: How many messages the sink got twice.
    private static func cutOff(_ breaker: Breaker) throws -> Int {
        let world = try SendWorld(people)
        try world.openStore(fault: breaker.plan)
        var first: SendEnd?
        if let campaign = try? world.freeze() { first = try? world.send(campaign, connections: connections) }
        if breaker.hasFired, first != nil { throw Violation("a fault went unnoticed") }
        try world.openStore()
        let campaign = try world.store.campaigns().first ?? world.freeze()
        try world.accounted(campaign, people.count)
        var end = try world.send(campaign, connections: connections)
        try world.accounted(campaign, people.count)
        if case .waiting(let count, let next) = end {
            guard count == 1 else { throw Violation("\(count) wait, for \(next.iso8601)") }
            world.clock.advance(by: .seconds(3_600))
            end = try world.send(campaign, connections: connections)
        }
        guard end == .finished else { throw Violation("the last run ended as \(end)") }
        guard try world.states(campaign) == [.accepted: people.count - 1, .rejected: 1] else {
            throw Violation("\(try world.states(campaign))")
        }
        return try world.checkReceived(people.filter { !$0.hasPrefix("5.1.1") }, most: connections)
    }
}

private struct Violation: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

extension SendWorld {
    fileprivate func accounted(_ campaign: Campaign, _ audience: Int) throws {
        let sum = try states(campaign).values.reduce(0, +)
        guard sum == audience else { throw Violation("\(sum) of \(audience) are accounted for") }
    }

    /// Everybody of `locals` has the message, nobody else has, doubles are few and have equal bytes.
    fileprivate func checkReceived(_ locals: [String], most: Int) throws -> Int {
        let lines = try received()
        let recipients = Set(lines.flatMap(\.recipients))
        guard recipients == Set(locals.map { "\($0)@example.org" }) else {
            throw Violation("received by \(recipients.sorted())")
        }
        let versions = Dictionary(grouping: lines, by: \.message_id).mapValues { Set($0.map(\.sha256)) }
        guard versions.count == locals.count, versions.values.allSatisfy({ $0.count == 1 }) else {
            throw Violation("the bytes of a message changed: \(versions)")
        }
        let doubled = lines.count - locals.count
        guard (0...most).contains(doubled) else { throw Violation("\(doubled) messages came twice") }
        return doubled
    }
}

/// Fails the n-th operation, once.
private final class Breaker: Sendable {
    private let left: Atomic<Int>
    private let code: Int32

    init(at operation: Int, code: Int32) {
        left = Atomic(operation)
        self.code = code
    }

    var hasFired: Bool { left.load(ordering: .sequentiallyConsistent) <= 0 }

    var plan: FaultPlan {
        { [self] _ in left.subtract(1, ordering: .sequentiallyConsistent).newValue == 0 ? code : nil }
    }
}

/// What the lanes of a loop have found.
private final class Tally: Sendable {
    private let state = Mutex((troubles: [String](), fired: 0, doubled: 0))

    var counts: (troubles: [String], fired: Int, doubled: Int) { state.withLock { $0 } }

    func add(fired: Bool, doubled: Int) {
        state.withLock {
            $0.fired += fired ? 1 : 0
            $0.doubled += doubled
        }
    }

    func add(trouble: String) { state.withLock { $0.troubles.append(trouble) } }
}
