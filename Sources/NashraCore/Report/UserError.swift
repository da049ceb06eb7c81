// SPDX-License-Identifier: Apache-2.0
//
// An error for the person at the keyboard, with the exit status it leads to.
// Pure values. Statuses: sysexits.h, and DESIGN of the command line in docs/commands.md.

/// How the program ends.
public enum ExitStatus: Int32, Sendable, Hashable, CaseIterable {
    case ok = 0
    /// Finished, with failures.
    case failures = 1
    case usage = 64
    case badData = 65
    case noInput = 66
    case unknownObject = 67
    case unavailable = 69
    case bug = 70
    case cannotCreate = 73
    case inputOutput = 74
    case tryAgain = 75
    case notPermitted = 77
    case configuration = 78
    /// Interrupted; can be resumed.
    case interrupted = 130
}

/// An error that says what, where and how to mend it.
public struct UserError: Error, Hashable, Sendable, CustomStringConvertible {
    /// How the program ends.
    public var status: ExitStatus
    /// What is wrong, and where.
    public var message: String
    /// How to mend it; empty when the message says it.
    public var remedy: String
    /// The findings behind it, when it is about files.
    public var diagnostics: [Diagnostic]

    /// Makes an error.
    public init(_ status: ExitStatus, _ message: String, remedy: String = "", diagnostics: [Diagnostic] = [])
    {
        self.status = status
        self.message = message
        self.remedy = remedy
        self.diagnostics = diagnostics
    }

    /// What it is, for people.
    public var description: String {
        (diagnostics.map(\.description) + [message, remedy]).filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
