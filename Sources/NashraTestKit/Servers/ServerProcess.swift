// SPDX-License-Identifier: Apache-2.0
//
// A server's process for a test: started without our signal mask, waited for by its port, stopped by its
// number. Loopback only.
public import Glibc
import Synchronization

/// Why a real part could not be started.
public struct ServerFailure: Error, CustomStringConvertible {
    /// What went wrong, and which package is missing when one is.
    public let description: String

    /// Makes a failure.
    public init(_ description: String) { self.description = description }
}

/// One running program.
public final class ServerProcess: Sendable {
    /// Its number.
    public let identifier: pid_t
    private let isOver = Mutex(false)

    /// Starts a program; its output goes to a file.
    ///
    /// - Parameters:
    ///   - path: The program.
    ///   - arguments: What follows its name.
    ///   - output: Where stdout and stderr go.
    /// - Throws: ``ServerFailure`` when there is no such program.
    public init(_ path: String, _ arguments: [String], output: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A child inherits the mask and the ignored signals of its parent; tests block and ignore some.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var started: pid_t = 0
        let result = posix_spawn(&started, path, &actions, &attributes, words, environ)
        guard result == 0 else { throw ServerFailure("\(path): \(String(cString: strerror(result)))") }
        identifier = started
    }

    deinit { stop() }

    /// Ends it, at first politely; safe to call twice.
    public func stop() {
        let wasOver = isOver.withLock { isOver in
            defer { isOver = true }
            return isOver
        }
        guard !wasOver else { return }
        kill(identifier, SIGTERM)
        for _ in 0..<500 {
            if waitpid(identifier, nil, WNOHANG) != 0 { return }
            _ = poll(nil, 0, 10)
        }
        kill(identifier, SIGKILL)
        waitpid(identifier, nil, 0)
    }

    /// Runs a program to its end.
    ///
    /// - Returns: Its exit status; 127 when it was killed.
    public static func run(_ path: String, _ arguments: [String], output: String = "/dev/null") throws
        -> Int32
    {
        let process = try ServerProcess(path, arguments, output: output)
        process.isOver.withLock { $0 = true }
        var status: Int32 = 0
        waitpid(process.identifier, &status, 0)
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 127
    }

    /// Waits until something listens on a port of 127.0.0.1, for ten seconds.
    public static func waitForPort(_ port: Int, name: String) throws {
        for _ in 0..<1000 {
            if LoopbackPort.answers(port) { return }
            _ = poll(nil, 0, 10)
        }
        throw ServerFailure("\(name) does not listen on port \(port)")
    }
}

/// Ports of 127.0.0.1.
public enum LoopbackPort {
    /// A port that nobody uses at the moment.
    public static func free() -> Int {
        let (descriptor, port) = listen()
        close(descriptor)
        return port
    }

    /// A listening socket on a free port.
    public static func listen() -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                _ = bind(descriptor, generic, length)
                _ = Glibc.listen(descriptor, 64)
                _ = getsockname(descriptor, generic, &length)
            }
        }
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Whether somebody takes a connection there.
    static func answers(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        let address = loopback(port)
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        return address
    }
}
