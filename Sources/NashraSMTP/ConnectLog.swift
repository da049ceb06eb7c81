// SPDX-License-Identifier: Apache-2.0
//
// What happened while libcurl opened a connection: how far it came and what the server said last.
// libcurl's callbacks write it, EasyHandle reads it, all on the connection's thread. No I/O.
import NashraCore

/// The step at which opening stands, and the server's reply to it.
///
/// libcurl's result codes do not say which step failed nor what the server wrote; the commands and replies
/// that pass by do.
final class ConnectLog {
    /// The step that is under way.
    private(set) var stage = SMTPStage.connect
    /// The last complete reply at this step.
    private(set) var reply: SMTPReply?
    /// Whether the server said 235, which is the only proof of a login: libcurl goes on without one when the
    /// server does not offer AUTH.
    private(set) var isAuthenticated = false
    /// What was wrong with the server's bytes.
    private(set) var fault: ReplyFault?
    private var reader = ReplyReader()

    /// The transport stands: TCP, and TLS where it comes first.
    func connected() {
        if stage == .connect { enter(.greeting) }
    }

    /// A command went out.
    ///
    /// Only its verb is looked at: what follows may be a password.
    func sent(_ command: some Collection<UInt8>) {
        // After AUTH come base64 lines, which may look like any verb.
        guard stage != .auth else { return }
        let verb = command.prefix(5).map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }
        switch verb {
        case Array("EHLO ".utf8), Array("HELO ".utf8): enter(.ehlo)
        case Array("START".utf8): enter(.startTLS)
        case Array("AUTH ".utf8): enter(.auth)
        default: break
        }
    }

    /// Part of a reply came in.
    ///
    /// - Returns: `false` when it is no reply and libcurl is to stop.
    func received(_ bytes: some Collection<UInt8>) -> Bool {
        connected()
        reader.append(bytes)
        do {
            while let raw = try reader.next() {
                reply = reader.reply(raw)
                if stage == .auth, raw.code == 235 { isAuthenticated = true }
            }
        } catch {
            fault = error
            return false
        }
        return true
    }

    /// A refused EHLO is kept: in plain text libcurl tries HELO next, and what counts is what the server said first.
    private func enter(_ next: SMTPStage) {
        if next == .ehlo, stage == .ehlo, let reply, reply.code >= 400 { return }
        stage = next
        reply = nil
    }
}
