// SPDX-License-Identifier: Apache-2.0
//
// A short queue from one thread to another: whoever is faster waits, and whoever fails stops the other.
// Pure waiting, by Monitor.
import Foundation
import NashraCore

/// A queue of a few things between two threads.
final class ImportHandoff<Item: Sendable>: Sendable {
    private struct Shared: Sendable {
        var items: [Item] = []
        var hasEnded = false
        var fault: UserError?
    }

    private let monitor = Monitor(Shared(), conditions: 2)
    private let limit: Int

    /// - Parameter limit: How many things may wait.
    init(limit: Int) { self.limit = limit }

    /// Puts something last; blocks while the queue is full.
    ///
    /// - Throws: The fault with which the other side stopped.
    func put(_ item: Item) throws(UserError) {
        let fault = monitor.wait(for: 0) { shared, access in
            guard !shared.hasEnded else { return .done(shared.fault) }
            guard shared.items.count < limit else { return .again(within: nil) }
            shared.items.append(item)
            access.signal(1)
            return .done(nil)
        }
        if let fault { throw fault }
    }

    /// Takes what came first; blocks until there is something.
    ///
    /// - Returns: `nil` when the other side has ended.
    /// - Throws: The fault with which it did.
    func take() throws(UserError) -> Item? {
        let result: Result<Item?, UserError> = monitor.wait(for: 1) { shared, access in
            if let fault = shared.fault { return .done(.failure(fault)) }
            if !shared.items.isEmpty {
                access.signal(0)
                return .done(.success(shared.items.removeFirst()))
            }
            return shared.hasEnded ? .done(.success(nil)) : .again(within: nil)
        }
        return try result.get()
    }

    /// Says that nothing more comes, or is wanted.
    func end(_ fault: UserError? = nil) {
        monitor.withLock { shared, access in
            guard !shared.hasEnded else { return }
            shared.hasEnded = true
            shared.fault = fault
            access.broadcast(0)
            access.broadcast(1)
        }
    }

    /// Runs `body` on a thread of its own and ends the queue with it.
    ///
    /// - Returns: Waits for the thread, and gives what it gave.
    static func thread<Value: Sendable>(
        _ name: String,
        _ body: @escaping @Sendable () throws(UserError) -> Value
    ) -> @Sendable () throws(UserError) -> Value {
        let slot = Monitor(Result<Value, UserError>?.none)
        let thread = Thread {
            let result: Result<Value, UserError>
            do throws(UserError) {
                result = .success(try body())
            } catch {
                result = .failure(error)
            }
            slot.withLock { value, access in
                value = result
                access.broadcast()
            }
        }
        thread.name = name
        thread.start()
        return { () throws(UserError) in
            try slot.wait { value, _ in value.map { .done($0) } ?? .again(within: nil) }.get()
        }
    }
}
