// SPDX-License-Identifier: Apache-2.0
//
// One finding about a file: what, where and how to mend it. One run reports all there are.
// Pure values.

/// A finding about something a person wrote.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible, Encodable {
    /// Whether it stops the work.
    public enum Severity: String, Sendable, Hashable, Codable { case error, warning }

    /// Whether it stops the work.
    public var severity: Severity
    /// A short stable code such as `NSH012`, for filters and documentation; empty when there is none.
    public var code: String
    /// The file, as the user would name it.
    public var file: String
    /// The line, from 1; `nil` when it is about the file as a whole.
    public var line: Int?
    /// The column, from 1.
    public var column: Int?
    /// What is wrong, in one sentence.
    public var message: String
    /// How to mend it, in one sentence; empty when the message says it.
    public var remedy: String

    /// Makes a finding.
    public init(
        _ severity: Severity = .error,
        code: String = "",
        file: String,
        line: Int? = nil,
        column: Int? = nil,
        _ message: String,
        remedy: String = ""
    ) {
        self.severity = severity
        self.code = code
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.remedy = remedy
    }

    /// `file:line:column: severity: message [code]. remedy`, the form that editors understand.
    public var description: String {
        let place = [file, line.map(String.init), line == nil ? nil : column.map(String.init)]
            .compactMap { $0 }.joined(separator: ":")
        let tail = (code.isEmpty ? "" : " [\(code)]") + (remedy.isEmpty ? "" : "\n    \(remedy)")
        return "\(place): \(severity.rawValue): \(message)\(tail)"
    }
}
