// SPDX-License-Identifier: Apache-2.0
//
// The real returned mails that the classifier is tested with, and what Python's email package makes of a
// message.
// Rules: Tests/NashraBounceTests/Examples/README.md; docs/architecture.md, "Real parts in tests".
import Foundation
import Testing

/// A mail kept beside the tests.
struct Example: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]

    var testDescription: String { name }

    /// All of them, by name.
    static let all: [Example] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "NashraBounceTests/Examples")
        let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return (files ?? []).filter { $0.pathExtension == "eml" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
            .compactMap { file in
                guard let data = try? Data(contentsOf: file) else { return nil }
                return Example(name: file.lastPathComponent, bytes: Array(data))
            }
    }()
}

/// What Python's email package made of one message: every part that its `walk` goes through.
struct PythonParts: Decodable {
    struct Part: Decodable {
        let type: String
        let names: [String]
        let values: [String]
        /// The body, transfer decoding undone, in base64; `nil` for what has parts.
        let body: String?
        /// Whether it lies in a `message/…` other than a message, such as a group of a delivery status: no
        /// part for us.
        let isGroup: Bool
        /// Whether it is a group of fields of a delivery status.
        let isStatus: Bool
    }

    let parts: [Part]
    /// The decoded subject; `nil` when there is none, or Python cannot decode it.
    let subject: String?
    /// The addresses of From, To and Cc.
    let addresses: [String]

    /// Reads messages in one call of python3.
    static func read(_ messages: [[UInt8]]) throws -> [PythonParts] {
        let file = FileManager.default.temporaryDirectory.appending(path: "nashra-parts-\(UUID().uuidString)")
        let lines = messages.map { Data($0).base64EncodedString() }.joined(separator: "\n")
        try Data(lines.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-W", "ignore", "-c", script, file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        struct Failure: Error, CustomStringConvertible { let description: String }
        guard process.terminationStatus == 0 else {
            throw Failure(
                description: "python3 failed (package python3): status \(process.terminationStatus)"
            )
        }
        return try JSONDecoder().decode([PythonParts].self, from: answer)
    }

    private static let script = #"""
        import base64, email, email.header, email.utils, json, sys

        def text(value):
            return str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")

        def look(raw):
            mail = email.message_from_bytes(raw)
            groups, statuses = set(), set()
            parts = []
            for part in mail.walk():
                # Python takes what is in any message/… for a message, or for one a group.
                kind = part.get_content_type()
                if part.is_multipart() and (id(part) in groups or kind.startswith("message/") and kind != "message/rfc822"):
                    groups.update(id(group) for group in part.get_payload())
                    if kind == "message/delivery-status":
                        statuses.update(id(group) for group in part.get_payload())
                body = None
                if not part.is_multipart():
                    body = base64.b64encode(part.get_payload(decode=True) or b"").decode()
                parts.append({
                    "type": part.get_content_type(),
                    "names": [name.lower() for name, _ in part.raw_items()],
                    "values": [text(v).replace("\r", "").replace("\n", "").strip(" \t") for _, v in part.raw_items()],
                    "body": body,
                    "isGroup": id(part) in groups,
                    "isStatus": id(part) in statuses,
                })
            try:
                subject = mail["subject"]
                if subject is not None:
                    subject = text(email.header.make_header(email.header.decode_header(subject)))
            except (LookupError, ValueError, email.errors.MessageError):
                subject = None
            fields = [text(v) for name in ("from", "to", "cc") for v in mail.get_all(name, [])]
            addresses = [a for _, a in email.utils.getaddresses(fields) if "@" in a]
            return {"parts": parts, "subject": subject, "addresses": addresses}

        with open(sys.argv[1], "rb") as file:
            json.dump([look(base64.b64decode(line)) for line in file], sys.stdout)
        """#
}
