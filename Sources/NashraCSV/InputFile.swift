// SPDX-License-Identifier: Apache-2.0
//
// A file to be imported: opened once, read several times, and watched for changes meanwhile.
// Opens one descriptor, and copies what is no regular file (standard input, a pipe) to a temporary file without a
// name, so that it can be read twice. Limits: docs/threat-model.md, "Import".
import Foundation
public import NashraCore

/// An open file whose bytes can be read anywhere and again.
public final class InputFile {
    /// The file as the user named it, for messages.
    public let name: String
    /// How many bytes it had when it was opened; nothing after them is read.
    public let size: Int
    /// Its descriptor, as long as this lives.
    public let descriptor: Int32

    private let modified: timespec
    /// Whether it was copied, so that nobody else can change it.
    private let isCopy: Bool

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: Its path, or `-` for standard input.
    ///   - limit: How many bytes it may have.
    ///   - temporaryFolder: Where standard input and pipes are copied to; `nil` for the system's.
    /// - Throws: ``UserError`` with status `noInput` when it cannot be opened or is a folder, `badData` when it is
    ///   longer than `limit`, `inputOutput`.
    public init(path: String, limit: Int, temporaryFolder: String? = nil) throws(UserError) {
        name = path == "-" ? "standard input" : path
        var opened = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw UserError(.noInput, "\(name): cannot be read: \(Self.reason(errno))") }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(opened)
            throw UserError(.noInput, "\(name): is a folder", remedy: "Name the files in it.")
        }
        isCopy = status.st_mode & S_IFMT != S_IFREG
        if isCopy {
            let original = opened
            defer { close(original) }
            opened = try Self.copy(original, name: name, limit: limit, folder: temporaryFolder)
            fstat(opened, &status)
        }
        descriptor = opened
        size = Int(status.st_size)
        modified = status.st_mtim
        guard size <= limit else {
            close(opened)
            throw Self.tooLong(name, limit)
        }
    }

    deinit { close(descriptor) }

    /// Fills some or all of `buffer` with the bytes from `offset` on.
    ///
    /// - Returns: How many there were; 0 at the end.
    /// - Throws: ``UserError`` with status `inputOutput`, or `tryAgain` when the file has become shorter.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(UserError) -> Int {
        let wanted = min(buffer.count, size - offset)
        guard wanted > 0 else { return 0 }
        while true {
            let count = pread(descriptor, buffer.baseAddress, wanted, off_t(offset))
            if count > 0 { return count }
            if count == 0 { throw changed }
            guard errno == EINTR else {
                throw UserError(.inputOutput, "\(name): cannot be read further: \(Self.reason(errno))")
            }
        }
    }

    /// Checks that nobody has changed the file since it was opened.
    ///
    /// - Throws: ``UserError`` with status `tryAgain` when somebody has.
    public func checkUnchanged() throws(UserError) {
        guard !isCopy else { return }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int(status.st_size) == size,
            status.st_mtim.tv_sec == modified.tv_sec, status.st_mtim.tv_nsec == modified.tv_nsec
        else { throw changed }
    }

    /// Gives all bytes in pieces to `body`.
    ///
    /// - Throws: What ``read(into:at:)`` throws.
    public func forEachPiece(_ body: (UnsafeBufferPointer<UInt8>, _ isLast: Bool) -> Void) throws(UserError) {
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        var offset = 0
        repeat {
            let count = try piece.withUnsafeMutableBufferPointer {
                (bytes: inout UnsafeMutableBufferPointer<UInt8>) throws(UserError) -> Int in
                try read(into: UnsafeMutableRawBufferPointer(bytes), at: offset)
            }
            offset += count
            piece.withUnsafeBufferPointer {
                body(UnsafeBufferPointer(rebasing: $0[..<count]), offset >= size)
            }
        } while offset < size
    }

    private var changed: UserError {
        UserError(
            .tryAgain,
            "\(name): was changed while it was read; nothing of it was used",
            remedy: "Wait until it is written, then import it again."
        )
    }

    private static func tooLong(_ name: String, _ limit: Int) -> UserError {
        UserError(
            .badData,
            "\(name): is longer than \(limit >> 20) MiB",
            remedy: "Split it into several files, or allow more with --max-size."
        )
    }

    /// A temporary file without a name that holds what `original` gives.
    private static func copy(
        _ original: Int32,
        name: String,
        limit: Int,
        folder: String?
    ) throws(UserError) -> Int32 {
        let copy = try TemporaryFile.open(in: folder)
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        var total = 0
        while true {
            let count = Glibc.read(original, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            let fault = count < 0 ? UserError(.inputOutput, "\(name): cannot be read: \(reason(errno))") : nil
            total += max(0, count)
            if let fault = fault ?? (total > limit ? tooLong(name, limit) : nil) {
                close(copy)
                throw fault
            }
            guard count > 0 else { return copy }
            do throws(UserError) {
                try TemporaryFile.write(piece[..<count], to: copy)
            } catch {
                close(copy)
                throw error
            }
        }
    }

    static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
