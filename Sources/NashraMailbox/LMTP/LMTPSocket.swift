// SPDX-License-Identifier: Apache-2.0
//
// The sockets of the LMTP listener: made, accepted, read and written, each with a limit.
// The one file of the listener that hands pointers to the system.
// Rules: unix(7), ip(7). A socket's file gets its mode before anybody can find it under its name.
import Glibc
import NashraCore

/// Calls on sockets; every descriptor is closed on exec, and SIGPIPE is never raised.
enum LMTPSocket {
    /// Listens on a file.
    ///
    /// The caller has made sure that nothing of value is at `path`.
    static func listen(at path: String, mode: mode_t, group: gid_t?) throws(SystemFailure) -> OpenFile {
        let temporary = path + "~"
        unlink(temporary)
        let socket = try make(AF_UNIX, temporary)
        let result = try withAddress(ofFile: temporary) { bind(socket.descriptor, $0, $1) }
        guard result == 0 else { throw SystemFailure("listen on", path) }
        if let group, chown(temporary, uid_t.max, group) != 0 {
            throw SystemFailure("give to its group", path)
        }
        guard chmod(temporary, mode) == 0 else { throw SystemFailure("set the mode of", path) }
        guard Glibc.listen(socket.descriptor, 128) == 0 else { throw SystemFailure("listen on", path) }
        try Folder.move(temporary, to: path)
        return socket
    }

    /// Listens on 127.0.0.1.
    ///
    /// With port 0 the system chooses one; ``port(of:)`` tells it.
    static func listen(onPort port: UInt16) throws(SystemFailure) -> OpenFile {
        let name = "127.0.0.1:\(port)"
        let socket = try make(AF_INET, name)
        var yes: Int32 = 1
        setsockopt(socket.descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket.descriptor, $0, length) }
        }
        guard result == 0, Glibc.listen(socket.descriptor, 128) == 0 else {
            throw SystemFailure("listen on", name)
        }
        return socket
    }

    /// The port that a listener has.
    static func port(of listener: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(listener, $0, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    /// Whether a program answers on the socket file `path`.
    static func isAnswered(_ path: String) throws(SystemFailure) -> Bool {
        let socket = try make(AF_UNIX, path)
        return try withAddress(ofFile: path) { connect(socket.descriptor, $0, $1) } == 0
    }

    /// Takes a connection that waits; `nil` when it is gone again or there is no room for it.
    static func accept(_ listener: Int32) -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        return descriptor
    }

    /// Writes all of `bytes`.
    ///
    /// - Returns: Whether that worked; a peer that takes nothing for a minute is gone.
    static func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { raw in
            var done = 0
            while done < raw.count {
                let place = raw.baseAddress.map { $0 + done }
                let count = Glibc.send(descriptor, place, raw.count - done, Int32(MSG_NOSIGNAL))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }

    private static func make(_ family: Int32, _ path: String) throws(SystemFailure) -> OpenFile {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, 0)
        guard descriptor >= 0 else { throw SystemFailure("make a socket for", path) }
        return OpenFile(owning: descriptor)
    }

    private static func withAddress<Result>(
        ofFile path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) throws(SystemFailure) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room, !bytes.contains(0) else {
            throw SystemFailure("use", path, code: ENAMETOOLONG)
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// The number of a group.
    static func group(_ name: String) -> gid_t? {
        var entry = group_entry()
        var buffer = [CChar](repeating: 0, count: 64 << 10)
        var found: UnsafeMutablePointer<group_entry>?
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }

    private typealias group_entry = Glibc.group
}
