// SPDX-License-Identifier: Apache-2.0
//
// A file that holds one secret: read only when nobody else could have read it.
// Touches that one file. Rules: docs/threat-model.md, "Secrets at rest".
import Foundation
import NashraCore

/// Reads a secret from its own file.
struct SecretFile {
    /// Why a file was not taken as a secret.
    struct Fault: Error {
        let message: String
        let remedy: String
    }

    /// The most bytes of a secret.
    static let maximumSizeInBytes = 4096

    /// The file.
    let path: String
    /// Whether the file's group may read it, as with the credentials that systemd hands over.
    let allowsGroup: Bool

    /// Reads the first and only line.
    func read() throws(Fault) -> Secret {
        let status: stat
        let bytes: [UInt8]
        do throws(BoundedFile.Fault) {
            let file = try BoundedFile.open(path)
            status = try file.status()
            bytes =
                status.st_mode & S_IFMT == S_IFREG ? try file.read(limit: Self.maximumSizeInBytes + 1) : []
        } catch {
            throw Fault(
                message: "\(path) cannot be read: \(error.reason)",
                remedy: "Make the file, with mode 0600, owned by the user who runs nashra."
            )
        }
        if let fault = fault(status) { throw fault }
        return try secret(bytes)
    }

    private func fault(_ status: stat) -> Fault? {
        guard status.st_mode & S_IFMT == S_IFREG else {
            return Fault(message: "\(path) is not a plain file", remedy: "Name a file that holds the secret.")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            return Fault(
                message: "\(path) belongs to the user with number \(status.st_uid)",
                remedy: "It must belong to the user who runs nashra, or to root: chown it."
            )
        }
        let forbidden: mode_t = allowsGroup ? 0o137 : 0o177
        guard status.st_mode & forbidden == 0 else {
            let mode = String(status.st_mode & 0o7777, radix: 8)
            return Fault(
                message: "\(path) has mode 0\(mode); others can read it, or it can be run",
                remedy: "Run: chmod 0600 \(path) — and change the secret if others may have seen it."
            )
        }
        return nil
    }

    private func secret(_ content: [UInt8]) throws(Fault) -> Secret {
        var bytes = content[...]
        if bytes.last == 0x0A { bytes.removeLast() }
        if bytes.last == 0x0D { bytes.removeLast() }
        guard bytes.count <= Self.maximumSizeInBytes - 2 else {
            throw Fault(
                message: "\(path) is too long for a secret",
                remedy: "It holds the secret and nothing else."
            )
        }
        guard !bytes.isEmpty else {
            throw Fault(message: "\(path) is empty", remedy: "Put the secret into it, in one line.")
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            let text = String(validating: bytes, as: UTF8.self)
        else {
            throw Fault(
                message: "\(path) holds more than one line, or bytes that are no text",
                remedy: "It holds the secret in one line and nothing else."
            )
        }
        return Secret(text)
    }
}
