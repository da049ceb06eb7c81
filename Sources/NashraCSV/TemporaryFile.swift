// SPDX-License-Identifier: Apache-2.0
//
// Temporary files without a name: nothing is left behind, however the program ends.
// Creates files in the folder it is given.
import Foundation
public import NashraCore

/// Makes files that vanish when they are closed.
public enum TemporaryFile {
    /// Opens a new file for reading and writing that has no name any more.
    ///
    /// - Parameter folder: Where its bytes lie; `nil` for `TMPDIR`, or `/tmp`.
    /// - Returns: Its descriptor, which the caller closes.
    /// - Throws: ``UserError`` with status `cannotCreate`.
    public static func open(in folder: String? = nil) throws(UserError) -> Int32 {
        let place = folder ?? ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(place)/nashra-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw UserError(
                .cannotCreate,
                "\(place): no temporary file can be made there: \(InputFile.reason(errno))",
                remedy: "Set TMPDIR to a folder that can be written."
            )
        }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return descriptor
    }

    /// Writes all of `bytes` at the end.
    ///
    /// - Throws: ``UserError`` with status `inputOutput`, when the disk is full for example.
    public static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(UserError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw UserError(
                    .inputOutput,
                    "a temporary file cannot be written: \(InputFile.reason(errno))",
                    remedy: "Make room, or set TMPDIR to a folder with more of it."
                )
            }
            rest = rest.dropFirst(count)
        }
    }
}
