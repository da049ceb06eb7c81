// SPDX-License-Identifier: Apache-2.0
//
// How an mbox file is emptied without losing what others do to it meanwhile.
// Changes the file under its lock, and appends to FILE.unparsed.
// Rules: as in MboxSource.swift. What is appended while we work is read before the file is emptied; when it is not
// what was read any more, reading begins anew.
import Glibc
import NashraCore

extension MboxSource {
    /// What the file was when its length was taken.
    struct SeenFile: Equatable {
        var device: UInt = 0
        var inode: UInt = 0
        var size = 0
        var seconds = 0
        var nanoseconds = 0

        init() {}

        init(_ status: stat) {
            device = UInt(status.st_dev)
            inode = UInt(status.st_ino)
            size = Int(status.st_size)
            seconds = status.st_mtim.tv_sec
            nanoseconds = status.st_mtim.tv_nsec
        }

        func isSameFile(as other: SeenFile) -> Bool { device == other.device && inode == other.inode }
    }

    private static let mostRounds = 3

    /// Looks how long the file is, under its lock: no mail system is half-way through a message.
    func measure() throws(UserError) {
        let lock = try MboxLock.take(file, path, isShared: done == .keep, patience: patience)
        defer { lock.release() }
        do { seen = SeenFile(try file.status(path)) } catch { throw error.asUserError() }
        reader = MboxReader(path: path, to: seen.size)
    }

    /// Empties the file when all of it was handed out and acknowledged.
    func emptyIfFinished() throws(UserError) {
        guard done == .delete, !isLeft, unfinished.isEmpty, reader.position == reader.end, reader.end > 0
        else { return }
        let lock = try MboxLock.take(file, path, isShared: false, patience: patience)
        defer { lock.release() }
        do { try empty() } catch {
            throw error.asUserError(remedy: "Nothing is lost: what is in the file comes again.")
        }
    }

    /// The same file, as long as it was, and not changed since? Then it can go.
    private func empty() throws(SystemFailure) {
        let now = SeenFile(try file.status(path))
        guard isStillThere(now) else { return leave("another program has replaced it") }
        if now != seen {
            guard now.size >= seen.size, try isUnchanged() else { return beginAnew(now) }
        }
        seen = now
        guard now.size == reader.end else { return reader.extend(to: now.size) }
        try before("empty")
        guard ftruncate(file.descriptor, 0) == 0 else { throw SystemFailure("empty", path) }
        try before("sync")
        try file.synchronize(path)
        seen = SeenFile(try file.status(path))
        reader = MboxReader(path: path, to: 0)
        round += 1
    }

    /// Whether the name still stands for the file that is open.
    private func isStillThere(_ now: SeenFile) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && SeenFile(status).isSameFile(as: now)
    }

    /// Whether what was read is still what the file begins with.
    private func isUnchanged() throws(SystemFailure) -> Bool {
        try reader.digest == MboxDigest.of(file, path, count: seen.size)
    }

    /// Another program has rewritten the file: everything in it is read again.
    private func beginAnew(_ now: SeenFile) {
        guard round < Self.mostRounds else { return leave("another program keeps changing it") }
        round += 1
        seen = now
        reader = MboxReader(path: path, to: now.size)
    }

    /// Appends parts of the file, with their `From ` lines, to ``asideFile``; durable when it returns.
    ///
    /// A crash before the file is emptied brings them again, so they may stand there twice.
    func copyAside(_ ranges: [Range<Int>]) throws(SystemFailure) {
        guard !ranges.isEmpty else { return }
        let isNew = !Folder.has(asideFile)
        let aside = try OpenFile.open(asideFile, O_WRONLY | O_CREAT | O_APPEND)
        for range in ranges {
            var offset = range.lowerBound
            while offset < range.upperBound {
                try before("copy")
                let count = min(256 << 10, range.upperBound - offset)
                let piece = try file.read(count: count, at: offset, path: path)
                guard !piece.isEmpty else { throw SystemFailure("read", path, code: EIO) }
                try aside.write(piece, path: asideFile)
                offset += piece.count
            }
        }
        try before("sync-copy")
        try aside.synchronize(asideFile)
        if isNew { try Folder.synchronize(Self.parent(of: asideFile)) }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
