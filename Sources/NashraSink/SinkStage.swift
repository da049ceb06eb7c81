// SPDX-License-Identifier: Apache-2.0
//
// Where in a dialogue the sink may be told to misbehave.
// Pure.

/// A step of a dialogue at which a rule of the sink's script can act.
public enum SinkStage: String, Sendable, Hashable, Codable, CaseIterable {
    /// The connection was accepted and nothing was said yet.
    case connect
    /// In place of the greeting.
    case greeting
    /// In place of the reply to EHLO or HELO.
    case ehlo
    /// In place of the reply to STARTTLS.
    case startTLS = "starttls"
    /// In place of the verdict on the credentials.
    case auth
    /// In place of the reply to MAIL; the rule's pattern is matched against the sender.
    case mail
    /// In place of the reply to RCPT.
    case rcpt
    /// In place of the 354 to DATA.
    case data
    /// When the first bytes of a message have arrived.
    case body
    /// When the final dot has arrived.
    case dot
    /// In place of the reply to QUIT.
    case quit
}
