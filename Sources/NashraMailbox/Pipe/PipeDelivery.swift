// SPDX-License-Identifier: Apache-2.0
//
// A mail system hands over one message through a pipe: it goes to the spool, and is read later.
// Reads one descriptor and writes the spool; needs no store and no configuration, so that it can say "later" and mean it.
// Rules: pipe(8) and local(8) of Postfix. Any other status than 0 and 75 makes Postfix return the message, and a returned
// message has no sender: it would be lost for ever.
import Glibc
import NashraCore

/// What `bounces ingest --mta` does.
public enum PipeDelivery {
    /// How the process has to end.
    public struct Answer: Sendable, Hashable {
        /// 0 when the message is on the disk, 75 in every other case.
        public var status: Int32
        /// What to write to standard output: empty, or `4.3.0` and a sentence in one line, which Postfix logs.
        public var text: String

        /// Kept.
        public static let kept = Answer(status: 0, text: "")

        /// Try again: whatever was wrong.
        ///
        /// For failures before ``PipeDelivery/run(spool:input:recipient:environment:limit:)``
        /// too, such as an argument that nobody understands.
        public static func later(_ why: String) -> Answer {
            let line = why.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
            let text = String(String.UnicodeScalarView(line.prefix(400)))
            return Answer(status: ExitStatus.tryAgain.rawValue, text: "4.3.0 \(text)\n")
        }
    }

    /// Takes one message in.
    ///
    /// - Parameters:
    ///   - path: The spool's folder; made when it is missing, its parent has to exist.
    ///   - input: Where the message comes from, until its end.
    ///   - recipient: Whom the envelope names, from the command's argument.
    ///   - environment: Where else to look for the recipient: `ORIGINAL_RECIPIENT`, then `RECIPIENT`, as local(8) sets
    ///     them.
    ///   - limit: How long the mail system may take to hand the message over. Postfix returns a message whose command
    ///     takes longer than `command_time_limit`, 1,000 s; so we give up well before.
    /// - Returns: What to say; never throws.
    public static func run(
        spool path: String,
        input: Int32 = 0,
        recipient: String?,
        environment: [String: String],
        limit: Duration = .seconds(300)
    ) -> Answer {
        do {
            let message = try read(input, until: .now + limit)
            let named = recipient ?? environment["ORIGINAL_RECIPIENT"] ?? environment["RECIPIENT"]
            try Spool(path: path).deposit(message, for: named)
            return .kept
        } catch let error as UserError {
            return .later(error.message)
        } catch {
            return .later("\(error)")
        }
    }

    /// Reads to the end; what is longer than a message may be is read and dropped, so that the mail system does not
    /// see a broken pipe and return the message.
    private static func read(_ descriptor: Int32, until end: Moment) throws(SystemFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = end - .now
            guard left > .zero else { throw SystemFailure("read", "standard input", code: ETIMEDOUT) }
            let ready = poll(&polled, 1, left.milliseconds)
            if ready < 0, errno != EINTR { throw SystemFailure("read", "standard input") }
            guard ready > 0 else { continue }
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count >= 0 else { throw SystemFailure("read", "standard input") }
            guard count > 0 else { return bytes }
            bytes += buffer[..<min(count, ReturnedMail.maximumBytes - bytes.count)]
        }
    }
}
