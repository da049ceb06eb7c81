// SPDX-License-Identifier: Apache-2.0
//
// How far a dialogue with a server had come.
// Pure.

/// The step of a dialogue at which something happened, in their order.
public enum SMTPStage: String, Sendable, Hashable, Codable, CaseIterable {
    case connect, greeting, ehlo
    case startTLS = "starttls"
    case auth, mail, rcpt, data, body
    /// The body is written and the final dot is not.
    case beforeDot = "before-dot"
    /// The final dot was written, even partly.
    case afterDot = "after-dot"
    case rset, quit
}
