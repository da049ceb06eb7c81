// SPDX-License-Identifier: Apache-2.0
//
// A reader of mail that is not ours: Python's email package with policy "default", many messages in one process.
// Starts python3; throws when there is none. Rules: docs/architecture.md, "Real parts in tests".
import Foundation

/// What Python's email package made of one message.
public struct PythonMail: Sendable, Decodable {
    /// A mailbox of an address header.
    public struct Mailbox: Sendable, Decodable, Hashable {
        /// The decoded display name, empty when there is none.
        public let name: String
        /// The same, decoded by the package's older code, which drops the space between two encoded words as
        /// RFC 2047 section 6.2 demands; the newer code keeps it in names of more than one word.
        public let olderName: String
        /// The address.
        public let address: String
    }

    /// One header, decoded and unfolded.
    public struct Header: Sendable, Decodable, Hashable {
        /// Its name as written.
        public let name: String
        /// Its value, decoded.
        public let value: String
    }

    /// Everything that Python found wrong, in the message, its headers and its parts.
    public let defects: [String]
    /// All headers of the message in their order.
    public let headers: [Header]
    /// The mailboxes of From, To and Reply-To, by lower-case name.
    public let mailboxes: [String: [Mailbox]]
    /// The content types, the message's first, then its parts' in order.
    public let types: [String]
    /// The decoded plain-text part, or `nil` when there is none.
    public let text: String?
    /// The decoded HTML part, or `nil` when there is none.
    public let html: String?

    /// The value of the first header with a name, or `nil`.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Why Python could not be asked.
    public struct Failure: Error, CustomStringConvertible {
        /// What went wrong.
        public let description: String
    }

    /// Reads messages, in one call of python3.
    public static func read(_ messages: [[UInt8]]) throws -> [PythonMail] {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "nashra-mail-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let input = folder.appending(path: "messages")
        try Data(messages.map { Data($0).base64EncodedString() }.joined(separator: "\n").utf8).write(
            to: input
        )
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script, input.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(
                description: "python3 failed (package python3): status \(process.terminationStatus)"
            )
        }
        let mails = try JSONDecoder().decode([PythonMail].self, from: answer)
        guard mails.count == messages.count else {
            throw Failure(description: "python3 read \(mails.count) messages of \(messages.count)")
        }
        return mails
    }

    private static let script = #"""
        import base64, email, email.header, email.policy, email.utils, json, sys

        def decoded(text):
            return str(email.header.make_header(email.header.decode_header(text)))

        def look(raw):
            mail = email.message_from_bytes(raw, policy=email.policy.default)
            defects = []
            for part in mail.walk():
                defects += [repr(d) for d in part.defects]
                for value in part.values():
                    defects += [repr(d) for d in value.defects]
            older = email.message_from_bytes(raw)
            boxes = {}
            for name in ("from", "to", "reply-to"):
                if mail[name] is not None:
                    old, _ = email.utils.parseaddr(older[name].replace("\r\n", ""))
                    boxes[name] = [
                        {"name": a.display_name, "address": a.addr_spec, "olderName": decoded(old)}
                        for a in mail[name].addresses]
            text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
            return {
                "defects": defects,
                "headers": [{"name": k, "value": str(v)} for k, v in mail.items()],
                "mailboxes": boxes,
                "types": [part.get_content_type() for part in mail.walk()],
                "text": None if text is None else text.get_content(),
                "html": None if html is None else html.get_content(),
            }

        with open(sys.argv[1], "rb") as file:
            json.dump([look(base64.b64decode(line)) for line in file], sys.stdout)
        """#
}
