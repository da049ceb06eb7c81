// SPDX-License-Identifier: Apache-2.0
//
// Files as the ways in need them: opened without following links, read with a bound, written whole and synced.
// The one file of these sources that hands pointers to the system; every result is checked.
// Rules: open(2), fsync(2): a new name is durable only after its folder was synced too.
import Glibc
import NashraCore

/// What the system refused.
struct SystemFailure: Error, Hashable, CustomStringConvertible {
    /// What was tried, as a verb: `read`.
    let act: String
    /// The file or folder.
    let path: String
    /// The system's number for it.
    let code: Int32

    /// Takes the number from `errno`.
    init(_ act: String, _ path: String, code: Int32 = errno) {
        self.act = act
        self.path = path
        self.code = code
    }

    /// Whether the file, or its folder, is not there.
    var isMissing: Bool { code == ENOENT }

    /// What it is, for people.
    var description: String { "cannot \(act) \(path): \(String(cString: strerror(code)))" }

    /// The same as the end of a command.
    func asUserError(remedy: String = "") -> UserError {
        switch code {
        case EACCES, EPERM, EROFS:
            UserError(
                .notPermitted,
                description,
                remedy: remedy.isEmpty ? "Give it to the user who runs nashra." : remedy
            )
        case ENOENT, ENOTDIR: UserError(.noInput, description, remedy: remedy)
        case ENOSPC, EDQUOT:
            UserError(.inputOutput, description, remedy: remedy.isEmpty ? "Make room on that disk." : remedy)
        default: UserError(.inputOutput, description, remedy: remedy)
        }
    }
}

/// One open file, closed when it goes out of use.
struct OpenFile: ~Copyable {
    /// The system's number for it.
    let descriptor: Int32

    /// Takes an open descriptor over.
    init(owning descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    /// Opens `path`; `flags` as in open(2).
    static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(SystemFailure) -> OpenFile {
        while true {
            let descriptor = Glibc.open(path, flags | O_CLOEXEC, mode)
            if descriptor >= 0 { return OpenFile(owning: descriptor) }
            guard errno == EINTR else { throw SystemFailure("open", path) }
        }
    }

    /// Opens a message for reading: not through a link, and a FIFO or a device does not hold us up.
    static func openMessage(_ path: String) throws(SystemFailure) -> OpenFile {
        try open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    }

    /// What the system knows about the open file, whatever its name stands for by now.
    func status(_ path: String) throws(SystemFailure) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemFailure("look at", path) }
        return status
    }

    /// Gives the descriptor away: the caller closes it.
    consuming func take() -> Int32 {
        let number = descriptor
        discard self
        return number
    }

    /// Closes it and says whether that worked: some file systems report a failed write only now.
    consuming func close(_ path: String) throws(SystemFailure) {
        let number = descriptor
        discard self
        guard Glibc.close(number) == 0 || errno == EINTR else { throw SystemFailure("close", path) }
    }

    /// Reads the next bytes, at most `count`; fewer only at the end.
    static func read(_ descriptor: Int32, count: Int, path: String) throws(SystemFailure) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let taken = Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, count - filled)
                if taken < 0, errno == EINTR { continue }
                if taken < 0 { failure = errno }
                guard taken > 0 else { return }
                filled += taken
            }
        }
        guard failure == 0 else { throw SystemFailure("read", path, code: failure) }
        return bytes
    }

    /// Reads `count` bytes from `offset`; fewer only at the end of the file.
    func read(count: Int, at offset: Int, path: String) throws(SystemFailure) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let place = buffer.baseAddress.map { $0 + filled }
                let taken = pread(descriptor, place, count - filled, offset + filled)
                if taken < 0, errno == EINTR { continue }
                if taken < 0 { failure = errno }
                guard taken > 0 else { return }
                filled += taken
            }
        }
        guard failure == 0 else { throw SystemFailure("read", path, code: failure) }
        return bytes
    }

    /// Writes all of `bytes` where the file stands.
    func write(_ bytes: some ContiguousBytesOfMail, path: String) throws(SystemFailure) {
        var failure: Int32 = 0
        bytes.withUnsafeBytes { raw in
            var done = 0
            while done < raw.count {
                let taken = Glibc.write(descriptor, raw.baseAddress.map { $0 + done }, raw.count - done)
                if taken < 0, errno == EINTR { continue }
                if taken <= 0 {
                    failure = taken < 0 ? errno : EIO
                    return
                }
                done += taken
            }
        }
        guard failure == 0 else { throw SystemFailure("write", path, code: failure) }
    }

    /// Waits until what was written is on the disk.
    func synchronize(_ path: String) throws(SystemFailure) {
        guard fsync(descriptor) == 0 else { throw SystemFailure("sync", path) }
    }
}

/// Bytes that lie in one piece.
protocol ContiguousBytesOfMail {
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
}

extension Array: ContiguousBytesOfMail where Element == UInt8 {}
extension ArraySlice: ContiguousBytesOfMail where Element == UInt8 {}
