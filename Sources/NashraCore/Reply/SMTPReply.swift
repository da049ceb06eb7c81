// SPDX-License-Identifier: Apache-2.0
//
// One reply of an SMTP server, all its lines, bounded.
// Pure. Rules: RFC 5321 section 4.2, RFC 2034.

/// One complete reply of a server.
public struct SMTPReply: Hashable, Sendable, CustomStringConvertible {
    /// The three digits, 200...599.
    public let code: Int

    /// The enhanced status code, when the server sent one that matches `code`'s class.
    public let status: EnhancedStatusCode?

    /// The text after code and status; lines are joined by one space, controls replaced, at most 1,024 bytes.
    public let text: String

    /// Makes a reply from parts that were read already.
    public init(code: Int, status: EnhancedStatusCode? = nil, text: String = "") {
        self.code = code
        self.status = status
        self.text = text
    }

    /// 2xx.
    public var isPositive: Bool { (200..<300).contains(code) }
    /// 4xx.
    public var isTransient: Bool { (400..<500).contains(code) }
    /// 5xx.
    public var isPermanent: Bool { (500..<600).contains(code) }

    /// Code, status and text, in one line.
    public var description: String {
        [String(code), status?.description, text.isEmpty ? nil : text].compactMap { $0 }.joined(
            separator: " "
        )
    }
}
