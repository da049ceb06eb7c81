// SPDX-License-Identifier: Apache-2.0
//
// A file that is there whole or not at all, and that only its owner can read: for what holds people's data.
// Touches that file and a draft beside it. Rules: rename(2), fsync(2).
import Foundation
public import NashraCore

/// A file in the making.
public final class NewFile {
    private let path: String
    private let draft: String
    private var descriptor: Int32

    /// Begins the file beside its place.
    ///
    /// - Parameter path: Where it shall be. What is there stays until ``finish()``.
    /// - Throws: `cannotCreate` when the folder takes no file.
    public init(_ path: String) throws(UserError) {
        self.path = path
        draft = "\(path).new-\(getpid())"
        unlink(draft)
        descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw UserError(
                .cannotCreate,
                "\(path) cannot be written: \(String(cString: strerror(errno)))",
                remedy: "Name a file in a folder that is there and that you may write to."
            )
        }
    }

    /// Adds bytes.
    ///
    /// - Throws: `inputOutput` when the disk is full or fails.
    public func write(_ bytes: [UInt8]) throws(UserError) {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                done += count
            } else if count == 0 || errno != EINTR {
                throw fault(count == 0 ? EIO : errno)
            }
        }
    }

    /// Puts the file in its place, durable when this returns.
    ///
    /// - Throws: `inputOutput` when that fails; what was there before is there still.
    public func finish() throws(UserError) {
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw fault(errno) }
        close(descriptor)
        descriptor = -1
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(draft)
    }

    private func fault(_ code: Int32) -> UserError {
        UserError(
            .inputOutput,
            "\(path) cannot be written: \(String(cString: strerror(code)))",
            remedy: "Nothing of it was kept. Make room on that disk, and try again."
        )
    }
}
