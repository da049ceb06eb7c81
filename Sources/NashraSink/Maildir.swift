// SPDX-License-Identifier: Apache-2.0
//
// A Maildir: each message is written under tmp/ and moved to new/ when it is whole.
// Writes files under one folder; safe from several threads.
// Rules: https://cr.yp.to/proto/maildir.html
import Foundation
import NashraCore
import Synchronization

/// A folder of messages.
final class Maildir: Sendable {
    private let path: String
    private let counter = Atomic<Int>(0)
    private let process = getpid()

    /// Makes the folder and its three parts where they are missing.
    init(at path: String) throws(UserError) {
        self.path = path
        for part in ["tmp", "new", "cur"] {
            do {
                try FileManager.default.createDirectory(
                    atPath: "\(path)/\(part)",
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
            } catch {
                throw UserError(
                    .cannotCreate,
                    "The Maildir \(path) cannot be made: \(error.localizedDescription)",
                    remedy: "Name a folder that you may write to."
                )
            }
        }
    }

    /// Keeps one message: `Return-Path`, one `Delivered-To` for each recipient, then its bytes exactly.
    ///
    /// - Returns: The file, or `nil` when it could not be written.
    func keep(_ message: ReceivedMessage, at now: Timestamp) -> String? {
        let number = counter.add(1, ordering: .relaxed).newValue
        let name = "\(now.rawValue / 1000).M\(now.rawValue % 1000 * 1000)P\(process)Q\(number).nashra"
        let temporary = "\(path)/tmp/\(name)"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return nil }
        let isWritten = write(message.traceHeader, to: descriptor) && write(message.bytes, to: descriptor)
        let final = "\(path)/new/\(name)"
        guard close(descriptor) == 0, isWritten, rename(temporary, final) == 0 else {
            unlink(temporary)
            return nil
        }
        return final
    }

    private func write(_ bytes: [UInt8], to descriptor: CInt) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }
}

extension ReceivedMessage {
    /// The header lines that say what the envelope was.
    var traceHeader: [UInt8] {
        var bytes: [UInt8] = Array("Return-Path: <".utf8) + sender + Array(">\r\n".utf8)
        for recipient in recipients {
            bytes += Array("Delivered-To: ".utf8) + recipient + [Byte.return, Byte.lineFeed]
        }
        return bytes
    }
}
