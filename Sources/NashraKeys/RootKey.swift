// SPDX-License-Identifier: Apache-2.0
//
// The root key: 32 random bytes in a file that only its owner can read, kept apart from the store.
// Touches that one file and its folder. Rules: docs/threat-model.md, "Secrets at rest".
import Crypto
import Glibc
public import NashraCore

/// The secret that all tokens hang on; it prints as dots.
public struct RootKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// How long a key is, in bytes.
    public static let sizeInBytes = 32

    let secret: SymmetricKey

    /// Takes a key from memory; `nil` unless it is 32 bytes long.
    public init?(bytes: some Sequence<UInt8>) {
        let bytes = Array(bytes)
        guard bytes.count == Self.sizeInBytes else { return nil }
        secret = SymmetricKey(data: bytes)
    }

    /// A new random key that no file holds.
    public static func random() -> RootKey { RootKey(secret: SymmetricKey(size: .bits256)) }

    private init(secret: SymmetricKey) { self.secret = secret }

    /// Dots.
    public var description: String { "•••" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Makes a new key in a new file with mode 0600, durable when this returns.
    ///
    /// - Parameter path: The file. Missing parent folders are made with mode 0700.
    /// - Returns: The key.
    /// - Throws: `cannotCreate` when the file is there already, whatever it holds, or cannot be written.
    @discardableResult
    public static func create(at path: String) throws(UserError) -> RootKey {
        let key = random()
        var folder = "."
        if let slash = path.lastIndex(of: "/") {
            folder = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        try makeFolder(folder, for: path)
        // Linked into place when it is whole: a crash leaves no half key, and an existing key is never replaced.
        let draft = "\(path).new-\(getpid())"
        defer { unlink(draft) }
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw cannotCreate(path, errno) }
        let written = key.secret.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        let synced = fchmod(file, 0o600) == 0 && fsync(file) == 0
        let writeError = errno
        close(file)
        guard written == sizeInBytes, synced else { throw cannotCreate(path, writeError) }
        guard link(draft, path) == 0 else {
            if errno == EEXIST { throw alreadyThere(path) }
            throw cannotCreate(path, errno)
        }
        try sync(folder: folder, for: path)
        return key
    }

    /// Reads the key, and insists that nobody else could have read it.
    ///
    /// - Throws: `configuration` when the file is missing, unreadable, not a plain file of 32 bytes, owned by another
    ///   user, or open to its group or to others; the remedy says what to do.
    public static func read(from path: String) throws(UserError) -> RootKey {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw unreadable(path, errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw unreadable(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw fault("\(path) is not a plain file.", "Give the root key's own file, or run “nashra init”.")
        }
        guard status.st_uid == geteuid() else {
            throw fault(
                "The root key \(path) belongs to user \(status.st_uid), and this is user \(geteuid()).",
                "Run nashra as its owner, or: chown \(geteuid()) \(path)"
            )
        }
        guard status.st_mode & 0o077 == 0 else {
            throw fault(
                "The root key \(path) has mode \(octal(status.st_mode & 0o777)): others than its owner can use it.",
                "chmod 600 \(path); if others may have read it, make a new key: old links and tokens then stop working."
            )
        }
        var bytes = [UInt8](repeating: 0, count: sizeInBytes)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress, $0.count) }
        guard count == sizeInBytes, status.st_size == off_t(sizeInBytes), let key = RootKey(bytes: bytes)
        else {
            throw fault(
                "The root key \(path) is \(status.st_size) bytes long; it must be \(sizeInBytes).",
                "Restore it from the backup; without it, links and bounce addresses already sent are void."
            )
        }
        return key
    }
}

extension RootKey {
    private static func makeFolder(_ folder: String, for path: String) throws(UserError) {
        if mkdir(folder, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = folder.lastIndex(of: "/"), slash != folder.startIndex else {
            throw cannotCreate(path, errno)
        }
        try makeFolder(String(folder[..<slash]), for: path)
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw cannotCreate(path, errno) }
    }

    private static func sync(folder: String, for path: String) throws(UserError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw cannotCreate(path, errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw cannotCreate(path, errno) }
    }

    private static func alreadyThere(_ path: String) -> UserError {
        UserError(
            .cannotCreate,
            "\(path) is there already; a root key is never overwritten.",
            remedy:
                "Keep it. To start anew, move it away first: old links and bounce addresses then stop working."
        )
    }

    private static func cannotCreate(_ path: String, _ code: Int32) -> UserError {
        UserError(
            .cannotCreate,
            "The root key \(path) cannot be written: \(words(code)).",
            remedy: "Check that this user may write there and that the disk has space."
        )
    }

    private static func unreadable(_ path: String, _ code: Int32) -> UserError {
        code == ENOENT
            ? fault(
                "There is no root key at \(path).",
                "Restore it from the backup, or run “nashra init” to make a new workspace with its key."
            )
            : fault(
                "The root key \(path) cannot be read: \(words(code)).",
                "Run nashra as the user who owns it; its mode must be 0600."
            )
    }

    private static func fault(_ message: String, _ remedy: String) -> UserError {
        UserError(.configuration, message, remedy: remedy)
    }

    private static func words(_ code: Int32) -> String { String(cString: strerror(code)) }

    private static func octal(_ mode: mode_t) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
