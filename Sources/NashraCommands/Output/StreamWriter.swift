// SPDX-License-Identifier: Apache-2.0
//
// Writes all of some bytes to one of the process's streams, and says when that fails instead of trapping.
// Foundation's FileHandle ends the process when the reader of a pipe has gone.
import Foundation
import NashraCore

/// The way to a stream.
enum StreamWriter {
    /// Writes `bytes` whole.
    ///
    /// - Returns: 0, or the system's error number.
    static func write(_ bytes: [UInt8], to descriptor: CInt) -> CInt {
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress, $0.count)
            }
            if count > 0 {
                done += count
            } else if count < 0, errno == EAGAIN {
                // Somebody made the stream non-blocking; wait until it takes more.
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&wanted, 1, -1)
            } else if count == 0 || errno != EINTR {
                return count == 0 ? EIO : errno
            }
        }
        return 0
    }

    /// Writes a result; a result that did not arrive is an error.
    static func writeResult(_ bytes: [UInt8]) throws(UserError) {
        let fault = write(bytes, to: STDOUT_FILENO)
        guard fault != 0 else { return }
        throw UserError(
            .inputOutput,
            fault == EPIPE
                ? "Whoever read stdout has gone; the rest was not printed."
                : "stdout cannot be written: \(String(cString: strerror(fault)))"
        )
    }
}
