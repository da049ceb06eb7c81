// SPDX-License-Identifier: Apache-2.0
//
// Why an address is not mailed any more, in one closed list of words for SQL, JSON and reports.
// Pure.

/// Why an address is suppressed.
public enum SuppressionReason: String, Sendable, Hashable, Codable, CaseIterable {
    /// A server said that the address will never work.
    case hardBounce = "hard_bounce"
    /// Nothing got through for too many campaigns in a row.
    case softBounce = "soft_bounce"
    /// The reader called it abuse.
    case complaint
    /// The reader asked to leave, and there was no topic to leave.
    case unsubscribe
    /// Somebody at the command line said so.
    case `operator`

    /// Whether it was inferred from failures, so that a statement of the reader or of an operator takes its place.
    public var isInferred: Bool { self == .hardBounce || self == .softBounce }
}
