// SPDX-License-Identifier: Apache-2.0
//
// Folders of messages: made, listed a piece at a time, and synced so that a new name survives a power cut.
// Touches the folders it is given. Rules: rename(2), fsync(2), readdir(3).
import Glibc

/// What is done with folders.
enum Folder {
    /// Makes `path` when it is missing; its parent must be there.
    ///
    /// - Returns: Whether it was missing.
    @discardableResult
    static func make(_ path: String, mode: mode_t = 0o700) throws(SystemFailure) -> Bool {
        if mkdir(path, mode) == 0 { return true }
        guard errno == EEXIST else { throw SystemFailure("make the folder", path) }
        guard isFolder(path) else { throw SystemFailure("make the folder", path, code: ENOTDIR) }
        return false
    }

    /// Whether `path` is a folder, or a link to one.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether there is anything called `path`.
    static func has(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Makes the names in `path` durable.
    static func synchronize(_ path: String) throws(SystemFailure) {
        let folder = try OpenFile.open(path, O_RDONLY | O_DIRECTORY)
        // Some network file systems cannot sync a folder and say EINVAL; they write names through.
        guard fsync(folder.descriptor) == 0 || errno == EINVAL else { throw SystemFailure("sync", path) }
    }

    /// Names in `path`, in the order of their bytes: at most `limit` of those that `isWanted`, no hidden ones.
    ///
    /// Where there are more, they are whichever the system names first; a folder of a million costs no more memory.
    static func names(
        in path: String,
        limit: Int,
        where isWanted: (String) -> Bool = { _ in true }
    ) throws(SystemFailure) -> [String] {
        guard let folder = opendir(path) else { throw SystemFailure("list", path) }
        defer { closedir(folder) }
        var names: [String] = []
        while names.count < limit {
            errno = 0
            guard let entry = readdir(folder) else {
                guard errno == 0 else { throw SystemFailure("list", path) }
                break
            }
            guard entry.pointee.d_name.0 != CChar(bitPattern: UInt8(ascii: ".")) else { continue }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if isWanted(name) { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Renames; both must be on one file system.
    static func move(_ old: String, to new: String) throws(SystemFailure) {
        guard rename(old, new) == 0 else { throw SystemFailure("move", old) }
    }

    /// Removes a file.
    ///
    /// - Returns: Whether it was there.
    @discardableResult
    static func remove(_ path: String) throws(SystemFailure) -> Bool {
        if unlink(path) == 0 { return true }
        guard errno == ENOENT else { throw SystemFailure("delete", path) }
        return false
    }
}
