// SPDX-License-Identifier: Apache-2.0
//
// Mails in files: named ones, whole folders in the order of names, standard input; one mail in memory at a time.
// Reads files through the C library, because Foundation costs more per file than classifying one.
import Glibc
public import NashraCore

/// Mails that lie in files.
public struct MailFiles: Sendable {
    /// The paths that were named; `-` is standard input.
    private let paths: [String]

    /// Takes what was named.
    public init(_ paths: [String]) { self.paths = paths }

    /// Reads each mail, and each of a folder's in the order of their names, folders below it included.
    ///
    /// In folders, names that begin with a dot are left out, and symbolic links to folders are not followed.
    ///
    /// - Parameters:
    ///   - onMail: Called with the file's path as people would name it, and the mail; at most
    ///     ``ReturnedMail/maximumBytes`` of it.
    ///   - onFault: Called with the path of what cannot be read, and why; the walk goes on.
    /// - Throws: What `onMail` throws.
    public func forEach(
        _ onMail: (String, [UInt8]) throws(UserError) -> Void,
        onFault: (String, String) -> Void
    ) throws(UserError) {
        for path in paths {
            guard path != "-" else {
                try onMail("-", Self.standardInput())
                continue
            }
            try walk(Array(path.utf8), onMail, onFault)
        }
    }

    /// Standard input, whole, at most ``ReturnedMail/maximumBytes``.
    public static func standardInput() -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < ReturnedMail.maximumBytes {
            let wanted = min(1 << 16, ReturnedMail.maximumBytes - bytes.count)
            let chunk = FileReading.chunk(of: STDIN_FILENO, atMost: wanted)
            guard !chunk.isEmpty else { break }
            bytes += chunk
        }
        return bytes
    }

    /// What is left to do in one folder, the next name last.
    private struct Folder {
        let path: [UInt8]
        var names: [[UInt8]]
    }

    private func walk(
        _ path: [UInt8],
        _ onMail: (String, [UInt8]) throws(UserError) -> Void,
        _ onFault: (String, String) -> Void
    ) throws(UserError) {
        var folders: [Folder] = []
        var next: [UInt8]? = path
        while let path = next {
            switch FileReading.read(path, isNamed: folders.isEmpty, limit: ReturnedMail.maximumBytes) {
            case .mail(let bytes): try onMail(String(decoding: path, as: UTF8.self), bytes)
            case .folder(let names): folders.append(Folder(path: path, names: names))
            case .nothing: break
            case .fault(let why): onFault(String(decoding: path, as: UTF8.self), why)
            }
            next = nil
            while let last = folders.indices.last, next == nil {
                guard let name = folders[last].names.popLast() else {
                    folders.removeLast()
                    continue
                }
                let folder = folders[last].path
                next = folder.last == UInt8(ascii: "/") ? folder + name : folder + [UInt8(ascii: "/")] + name
            }
        }
    }
}

/// One look at one path.
private enum FileReading {
    case mail([UInt8])
    /// Its names, the first in order last.
    case folder([[UInt8]])
    /// A link to a folder, found in a folder.
    case nothing
    case fault(String)

    /// Opens what is there; a FIFO or a device does not hold us up.
    static func read(_ path: [UInt8], isNamed: Bool, limit: Int) -> FileReading {
        let name = path.map { CChar(bitPattern: $0) } + [0]
        let descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .fault(systemFault()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .fault(systemFault()) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return content(of: descriptor, size: min(Int(status.st_size), limit))
        case S_IFDIR:
            if !isNamed, lstat(name, &status) == 0, status.st_mode & S_IFMT == S_IFLNK { return .nothing }
            return names(in: name)
        default: return .fault("it is neither a plain file nor a folder")
        }
    }

    private static func content(of descriptor: CInt, size: Int) -> FileReading {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: max(size, 0)) { buffer, count in
            while count < size {
                let taken = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
                if taken < 0, errno == EINTR { continue }
                failed = taken < 0
                guard taken > 0 else { return }
                count += taken
            }
        }
        return failed ? .fault(systemFault()) : .mail(bytes)
    }

    private static func names(in folder: [CChar]) -> FileReading {
        guard let stream = opendir(folder) else { return .fault(systemFault()) }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            // The record may be shorter than its type; only the name up to its NUL is there for sure.
            let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
            let start = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: UInt8.self)
            guard start.pointee != UInt8(ascii: ".") else { continue }
            names.append(Array(UnsafeBufferPointer(start: start, count: strlen(start))))
        }
        names.sort { $1.lexicographicallyPrecedes($0) }
        return .folder(names)
    }

    /// The next bytes of a stream; empty at its end, and when it cannot be read.
    static func chunk(of descriptor: CInt, atMost wanted: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            var taken = Glibc.read(descriptor, buffer.baseAddress, wanted)
            while taken < 0, errno == EINTR { taken = Glibc.read(descriptor, buffer.baseAddress, wanted) }
            count = max(0, taken)
        }
    }

    private static func systemFault() -> String { String(cString: strerror(errno)) }
}
