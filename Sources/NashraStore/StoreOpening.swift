// SPDX-License-Identifier: Apache-2.0
//
// How the store's file is found, made, locked, opened and checked.
// Touches the store's folder. Rules: sqlite.org/wal.html (no network file systems), sqlite.org/pragma.html.
import Foundation
import GRDB
import NashraCore

/// The steps of opening one store.
struct StoreOpening {
    let path: String
    let busyTimeout: Duration

    /// Pages in the log before a commit folds them into the file: 16 MB, so that the fold's syncs come seldom.
    static let checkpointPages = 4_000

    /// Makes the folder and the file when they are missing, and counts us among the store's users.
    func prepareFiles() throws(UserError) -> UsersLock {
        let folder = (path as NSString).deletingLastPathComponent
        try makeFolder(folder.isEmpty ? "." : folder)
        try FileSystemCheck.refuseShared(folder.isEmpty ? "." : folder, store: path)
        let file = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw UserError(
                .cannotCreate,
                "the store \(path) cannot be opened or made: \(String(cString: strerror(errno)))",
                remedy: "Check that its folder exists and belongs to the user who runs nashra."
            )
        }
        Glibc.close(file)
        return try UsersLock.acquire(store: path)
    }

    private func makeFolder(_ folder: String) throws(UserError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw UserError(
                .cannotCreate,
                "the folder \(folder) for the store cannot be made: \(error.localizedDescription)",
                remedy: "Make it, with mode 0700, for the user who runs nashra."
            )
        }
    }

    /// Opens the connections and makes commits durable; reads the setting back.
    func openPool() throws(UserError) -> DatabasePool {
        do {
            let pool = try DatabasePool(path: path, configuration: configuration(readOnly: false))
            try pool.writeWithoutTransaction { db in
                // GRDB sets NORMAL when it turns on the write-ahead log; a commit must be on the disk when it returns.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                // Readers pass over rows once; the writer comes back to the pages of its indexes. A send of a million
                // must not need more than one of twenty thousand; imports ask for more, see importBatch.
                try db.execute(sql: "PRAGMA cache_size = -8000")
                let level = try Int.fetchOne(db, sql: "PRAGMA synchronous")
                let journal = try String.fetchOne(db, sql: "PRAGMA journal_mode")
                guard level == 2, journal == "wal" else {
                    throw UserError(
                        .configuration,
                        "the store \(path) cannot be made durable here (synchronous is not FULL)",
                        remedy: "Use the SQLite library of the system."
                    )
                }
            }
            return pool
        } catch {
            throw StoreError(error, path: path).userError
        }
    }

    /// Opens for reading.
    func openReadOnly(clock: any WallClock) throws(UserError) -> Store {
        guard FileManager.default.fileExists(atPath: path) else {
            throw UserError(
                .noInput,
                "there is no store at \(path)",
                remedy: "Run `nashra init`, or name the workspace."
            )
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration(readOnly: true))
            let hooks = StoreHooks(failpoint: nil, fault: nil)
            let store = Store(path: path, clock: clock, pool: pool, hooks: hooks, users: nil)
            try Migrator.shipped.checkIsCurrent(store)
            return store
        } catch {
            throw StoreError(error, path: path).userError
        }
    }

    private func configuration(readOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busyTimeout.seconds)
        configuration.foreignKeysEnabled = true
        configuration.readonly = readOnly
        configuration.maximumReaderCount = 4
        configuration.label = "nashra.store"
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA trusted_schema = OFF")
            try db.execute(sql: "PRAGMA cell_size_check = ON")
            try db.execute(sql: "PRAGMA cache_size = -4000")
            try SegmentFunctions.register(db)
            guard !readOnly else { return }
            // What is erased is written over. Debian's library does so by itself; others do not.
            try db.execute(sql: "PRAGMA secure_delete = ON")
            try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
            try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
        }
        return configuration
    }

    /// Reads the whole file after an end that was not clean.
    func checkIntegrity(_ pool: DatabasePool) throws(UserError) {
        let findings: [String]
        do {
            findings = try pool.read { db in try String.fetchAll(db, sql: "PRAGMA quick_check(5)") }
        } catch {
            throw StoreError(error, path: path).userError
        }
        guard findings == ["ok"] else {
            throw StoreError.damaged(path: path, findings.joined(separator: "; "))
        }
    }
}

/// Which processes have the store open: a lock that all share.
///
/// Whoever gets it alone knows that nobody else has the store open; a log that still has content then was left behind
/// by a crash. The lock ends with the process, however that ends.
final class UsersLock: Sendable {
    private let descriptor: Int32
    /// Whether the last user ended without closing the store.
    let mustCheckIntegrity: Bool

    private init(descriptor: Int32, mustCheckIntegrity: Bool) {
        self.descriptor = descriptor
        self.mustCheckIntegrity = mustCheckIntegrity
    }

    /// Waits for another process that is just opening the store, if there is one.
    static func acquire(store path: String) throws(UserError) -> UsersLock {
        // A file of its own: closing any descriptor of the store's file would drop SQLite's locks on it.
        let descriptor = Glibc.open(path + "-users", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw UserError(
                .cannotCreate,
                "\(path)-users cannot be made: \(String(cString: strerror(errno)))",
                remedy: "Check that the folder belongs to the user who runs nashra."
            )
        }
        let alone = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        if !alone { flock(descriptor, LOCK_SH) }
        var log = stat()
        let hasLog = stat(path + "-wal", &log) == 0 && log.st_size > 0
        return UsersLock(descriptor: descriptor, mustCheckIntegrity: alone && hasLog)
    }

    /// Lets others in, once the store has been checked.
    func share() { flock(descriptor, LOCK_SH) }

    /// Counts us out.
    ///
    /// Harmless when called twice: the descriptor itself is closed with the object.
    func release() { flock(descriptor, LOCK_UN) }

    deinit { Glibc.close(descriptor) }
}

/// Which file systems cannot hold a store.
enum FileSystemCheck {
    /// Types in `/proc/self/mounts` without reliable locks and shared memory.
    private static let shared: Set<String> = [
        "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "ncpfs", "fuse.sshfs",
        "fuse.glusterfs", "fuse.s3fs", "fuse.rclone",
    ]

    /// Refuses a folder on a file system that machines share, where SQLite's log does not work.
    static func refuseShared(_ folder: String, store: String) throws(UserError) {
        guard let mounts = FileManager.default.contents(atPath: "/proc/self/mounts") else { return }
        let real = URL(fileURLWithPath: folder).resolvingSymlinksInPath().path
        try refuseShared(real, store: store, mounts: String(decoding: mounts, as: UTF8.self))
    }

    static func refuseShared(_ folder: String, store: String, mounts: String) throws(UserError) {
        var best: (point: String, type: String)?
        for line in mounts.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 2 else { continue }
            let point = String(words[1])
            let isAbove = point == "/" || folder == point || folder.hasPrefix(point + "/")
            // A later mount on the same place hides the earlier one.
            if isAbove, point.utf8.count >= (best?.point.utf8.count ?? 0) { best = (point, String(words[2])) }
        }
        guard let best, shared.contains(best.type) else { return }
        throw UserError(
            .configuration,
            "the store \(store) would lie on \(best.type), where it would not be safe",
            remedy: "Set store.path in config/nashra.yaml to a folder on a disk of this machine."
        )
    }
}
