// SPDX-License-Identifier: Apache-2.0
//
// How long each step of a dialogue may take.
// Pure. Rules: RFC 5321 section 4.5.3.2, whose minimums these defaults are, except where nothing is lost by
// less.
public import NashraCore

/// The longest wait at each step of a dialogue.
///
/// A step that exceeds it ends the connection.
public struct Timeouts: Sendable, Hashable {
    /// For name resolution and TCP, and for TLS where it comes first.
    public var connect = Duration.seconds(30)
    /// For the server's greeting.
    public var greeting = Duration.seconds(300)
    /// For the reply to EHLO.
    public var ehlo = Duration.seconds(300)
    /// For the reply to STARTTLS and the handshake after it.
    public var startTLS = Duration.seconds(60)
    /// For each reply to AUTH.
    public var auth = Duration.seconds(60)
    /// For the reply to MAIL.
    public var mail = Duration.seconds(300)
    /// For the reply to RCPT.
    public var rcpt = Duration.seconds(300)
    /// For the reply to DATA.
    public var data = Duration.seconds(120)
    /// For the server to take the next part of the body.
    public var body = Duration.seconds(180)
    /// For the reply to the final dot.
    ///
    /// Less than ten minutes makes duplicates.
    public var afterDot = Duration.seconds(600)
    /// For the reply to RSET.
    public var rset = Duration.seconds(60)
    /// For the reply to QUIT; nothing depends on it.
    public var quit = Duration.seconds(2)

    /// The defaults.
    public init() {}

    /// The longest wait at `stage`.
    public subscript(stage: SMTPStage) -> Duration {
        switch stage {
        case .connect: connect
        case .greeting: greeting
        case .ehlo: ehlo
        case .startTLS: startTLS
        case .auth: auth
        case .mail: mail
        case .rcpt: rcpt
        case .data: data
        case .body, .beforeDot: body
        case .afterDot: afterDot
        case .rset: rset
        case .quit: quit
        }
    }

    /// The longest that opening a connection may take altogether: EHLO comes up to three times, AUTH has up
    /// to three replies.
    var opening: Duration { connect + greeting + ehlo * 3 + startTLS + auth * 3 }
}
