// SPDX-License-Identifier: Apache-2.0
//
// The file of rows that an import did not take: opens in a spreadsheet, can be mended there and imported again.
// Writes one file beside its final name and puts it there whole. Rules: threat row 14 of docs/threat-model.md.
import Foundation
public import NashraCore

/// Writes rejected rows as CSV: line and reason first, then the columns of the original.
///
/// UTF-8 with a byte order mark, each field in quotes and guarded against being run as a formula.
public final class ImportRejects {
    /// Where the file will be.
    public let path: String
    /// How many rows were written.
    public private(set) var count = 0

    private let header: [String]
    private var file: Int32 = -1
    private var temporary = ""
    private var bytes: [UInt8] = []

    /// Prepares the file; it is made with its first row.
    ///
    /// - Parameters:
    ///   - path: Where it is to be; what is there is replaced.
    ///   - header: The columns' names.
    public init(path: String, header: [String]) {
        self.path = path
        self.header = header
    }

    deinit {
        guard file >= 0 else { return }
        close(file)
        unlink(temporary)
    }

    /// Adds a row.
    ///
    /// - Throws: `cannotCreate` when the file cannot be made, `inputOutput` when the disk is full.
    public func add(line: Int, _ reason: String, _ fields: [String]) throws(UserError) {
        if file < 0 { try create() }
        count += 1
        append([String(line), reason] + fields)
        if bytes.count > 256 << 10 { try flush() }
    }

    /// Puts the file where it is to be.
    ///
    /// - Returns: Its path, or `nil` when no row was rejected.
    public func finish() throws(UserError) -> String? {
        guard file >= 0 else { return nil }
        try flush()
        let opened = file
        file = -1
        defer { close(opened) }
        guard fsync(opened) == 0, rename(temporary, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw UserError(.inputOutput, "\(path): cannot be written: \(reason)")
        }
        return path
    }

    private func create() throws(UserError) {
        let folder = (path as NSString).deletingLastPathComponent
        if !folder.isEmpty {
            try? FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        temporary = "\(path).\(getpid()).part"
        file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else {
            throw UserError(
                .cannotCreate,
                "\(path): cannot be made: \(String(cString: strerror(errno)))",
                remedy: "Name another place for rejected rows with --rejects FILE."
            )
        }
        bytes = [0xEF, 0xBB, 0xBF]
        append(["line", "reason"] + header)
    }

    private func append(_ fields: [String]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            FormulaGuard.append(field.utf8, to: &bytes)
        }
        bytes += [0x0D, 0x0A]
    }

    private func flush() throws(UserError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else {
                throw UserError(
                    .inputOutput,
                    "\(path): cannot be written: \(String(cString: strerror(errno)))",
                    remedy: "Make room on that disk."
                )
            }
            rest = rest.dropFirst(written)
        }
        bytes.removeAll(keepingCapacity: true)
    }
}
