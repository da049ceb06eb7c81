// SPDX-License-Identifier: Apache-2.0
//
// A small file, read whole, but never more of it than was asked for.
// Touches that one file.
import Foundation

/// A file that is open for reading.
struct BoundedFile: ~Copyable {
    private let descriptor: Int32

    /// Why the system refused.
    struct Fault: Error {
        /// The system's sentence.
        let reason: String
        /// Whether there is no such file.
        let isMissing: Bool

        init() {
            isMissing = errno == ENOENT
            reason = String(cString: strerror(errno))
        }
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// Opens a file; a FIFO or a device does not hold us up.
    static func open(_ path: String) throws(Fault) -> BoundedFile {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Fault() }
        return BoundedFile(descriptor: descriptor)
    }

    deinit { close(descriptor) }

    /// What the system knows about the file that is open, whatever its name stands for by now.
    func status() throws(Fault) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Fault() }
        return status
    }

    /// Reads to the end, or `limit` bytes.
    func read(limit: Int) throws(Fault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        var count = 0
        while count < limit {
            let taken = bytes.withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count)
            }
            if taken < 0 && errno == EINTR { continue }
            guard taken >= 0 else { throw Fault() }
            if taken == 0 { break }
            count += taken
        }
        return Array(bytes[..<count])
    }
}
