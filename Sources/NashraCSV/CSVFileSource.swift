// SPDX-License-Identifier: Apache-2.0
//
// Bytes of a file or of standard input, for a reader of comma-separated values.
// Opens, reads and closes one descriptor; every failure says which file and why.
import Foundation
public import NashraCore

/// An open file that gives its bytes once, from its beginning.
public final class CSVFileSource {
    /// The file as the user named it; `-` is standard input.
    public let name: String

    private let descriptor: Int32

    /// Opens a file.
    ///
    /// - Parameter path: Its path, or `-` for standard input.
    /// - Throws: ``UserError`` with status `noInput` when it cannot be opened or is a folder.
    public init(path: String) throws(UserError) {
        name = path
        if path == "-" {
            descriptor = STDIN_FILENO
            return
        }
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else {
            throw UserError(.noInput, "\(path): cannot be read: \(Self.reason(errno))")
        }
        var status = stat()
        guard fstat(opened, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(opened)
            throw UserError(.noInput, "\(path): is a folder", remedy: "Name the files in it.")
        }
        descriptor = opened
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// Fills some or all of `buffer`.
    ///
    /// - Parameter buffer: Where the bytes go.
    /// - Returns: How many there were; 0 at the end.
    /// - Throws: ``UserError`` with status `inputOutput`.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(UserError) -> Int {
        guard !buffer.isEmpty else { return 0 }
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            guard errno == EINTR else {
                throw UserError(.inputOutput, "\(name): cannot be read further: \(Self.reason(errno))")
            }
        }
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
