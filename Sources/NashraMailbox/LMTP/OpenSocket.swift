// SPDX-License-Identifier: Apache-2.0
//
// A listening socket and, where it has one, its file: made only where nobody else listens, removed when we end.
// Touches that file and PATH.lock beside it.
// Rules: unix(7). A socket's file outlives its program; that it is stale is known when nobody answers there while we
// hold the lock.
import Glibc
import NashraCore
import Synchronization

/// A socket that listens.
final class OpenSocket: Sendable {
    /// To poll and to accept from.
    let descriptor: Int32
    /// Of a loopback socket; 0 for a file.
    let port: UInt16

    private let path: String?
    private let inode: UInt
    private let lock: Int32
    private let isOpen = Mutex(true)

    private init(descriptor: Int32, port: UInt16, path: String? = nil, lock: Int32 = -1) {
        self.descriptor = descriptor
        self.port = port
        self.path = path
        self.lock = lock
        inode = path.flatMap(Self.inode) ?? 0
    }

    deinit { close() }

    /// Listens at `place`.
    static func listen(at place: LMTPListener.Place) throws(UserError) -> OpenSocket {
        switch place {
        case .port(let port):
            do {
                let socket = try LMTPSocket.listen(onPort: port).take()
                return OpenSocket(descriptor: socket, port: LMTPSocket.port(of: socket))
            } catch {
                guard error.code == EADDRINUSE else { throw error.asUserError() }
                throw taken("127.0.0.1:\(port)")
            }
        case .socket(let path, let mode, let group):
            return try listen(path, mode: mode_t(mode), group: group)
        }
    }

    private static func listen(_ path: String, mode: mode_t, group: String?) throws(UserError) -> OpenSocket {
        var number: gid_t?
        if let group {
            guard let found = LMTPSocket.group(group) else {
                throw UserError(
                    .noInput,
                    "there is no group \(group)",
                    remedy: "Name the mail system's group."
                )
            }
            number = found
        }
        do {
            let lock = try OpenFile.open(path + ".lock", O_RDWR | O_CREAT)
            guard flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 else { throw taken(path) }
            try clear(path)
            let socket = try LMTPSocket.listen(at: path, mode: mode, group: number)
            return OpenSocket(descriptor: socket.take(), port: 0, path: path, lock: lock.take())
        } catch let error as UserError {
            throw error
        } catch let error as SystemFailure {
            throw error.asUserError(
                remedy:
                    "Its folder has to exist and belong to the user who runs nashra; a path has at most 106 bytes."
            )
        } catch {
            throw UserError(.bug, "\(error)")
        }
    }

    /// Makes sure that nothing is at `path`, or throws: nothing but a socket that nobody answers is removed.
    private static func clear(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw UserError(
                .cannotCreate,
                "\(path) is there and is not a socket",
                remedy: "Name another path, or remove it yourself."
            )
        }
        guard try !LMTPSocket.isAnswered(path) else { throw taken(path) }
        try Folder.remove(path)
    }

    private static func taken(_ place: String) -> UserError {
        UserError(
            .tryAgain,
            "another program listens on \(place)",
            remedy: "Is nashra bounces listen running already?"
        )
    }

    /// Stops listening and removes the file, unless it is somebody else's by now.
    func close() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        guard wasOpen else { return }
        if let path, Self.inode(path) == inode { unlink(path) }
        Glibc.close(descriptor)
        if lock >= 0 { Glibc.close(lock) }
    }

    private static func inode(_ path: String) -> UInt? {
        var status = stat()
        return lstat(path, &status) == 0 ? UInt(status.st_ino) : nil
    }
}
