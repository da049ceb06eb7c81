// SPDX-License-Identifier: Apache-2.0
//
// One Dovecot for all tests of a suite, stopped when the last of them has ended.
import NashraTestKit
import Testing

/// Runs a suite with a Dovecot.
struct DovecotTrait: SuiteTrait, TestScoping {
    /// The Dovecot of the suite that runs.
    @TaskLocal static var running: DovecotInstance?

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let dovecot = try DovecotInstance()
        defer { dovecot.stop() }
        try await Self.$running.withValue(dovecot) { try await function() }
    }
}

extension SuiteTrait where Self == DovecotTrait {
    /// With a Dovecot in ``DovecotTrait/running``.
    static var withDovecot: Self { DovecotTrait() }
}
