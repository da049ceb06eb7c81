// SPDX-License-Identifier: Apache-2.0
//
// A zip file, through libzip: names of entries, and their bytes as they inflate. The only file that calls libzip.
// Reads one descriptor or one array of bytes, and writes nothing. Guards against bombs by what really comes out, not
// by what the directory claims. Rules: libzip(3) 1.7; APPNOTE.TXT of PKWARE.
import CZip
import Foundation
public import NashraCSV
public import NashraCore

/// An open zip file.
///
/// Not `Sendable`: one thread reads.
public final class ZipArchive: PackageParts {
    /// The file as the user named it.
    public let name: String

    fileprivate let limits: WorkbookLimits
    private let archive: OpaquePointer
    /// Kept until the archive is closed, when it reads out of memory.
    private let memory: UnsafeMutableRawBufferPointer?
    private var indices: [String: zip_uint64_t] = [:]
    /// How many bytes all parts have inflated to so far.
    fileprivate var inflated = 0

    /// Opens the zip file that `file` is.
    ///
    /// - Throws: ``UserError`` with status `badData` when it is none, or has too many entries.
    public convenience init(_ file: InputFile, limits: WorkbookLimits = WorkbookLimits()) throws(UserError) {
        var tail = [UInt8](repeating: 0, count: min(file.size, ZipDirectory.tailBytes))
        let start = file.size - tail.count
        var read = 0
        while read < tail.count {
            let from = read
            read += try tail.withUnsafeMutableBufferPointer {
                (bytes: inout UnsafeMutableBufferPointer<UInt8>) throws(UserError) -> Int in
                let rest = UnsafeMutableBufferPointer(rebasing: bytes[from...])
                return try file.read(into: UnsafeMutableRawBufferPointer(rest), at: start + from)
            }
        }
        try Self.check(tail, file.name, limits)
        var code: Int32 = 0
        // libzip closes the descriptor that it is given, and moves its position: it gets one of its own.
        let own = Glibc.open("/proc/self/fd/\(file.descriptor)", O_RDONLY | O_CLOEXEC)
        guard own >= 0, let opened = zip_fdopen(own, 0, &code) else {
            if own >= 0 { close(own) }
            throw Self.damaged(file.name)
        }
        try self.init(opened, memory: nil, name: file.name, limits: limits)
    }

    /// Opens a zip file that is in memory.
    ///
    /// - Throws: ``UserError`` with status `badData` when it is none, or has too many entries.
    public convenience init(
        bytes: [UInt8],
        name: String,
        limits: WorkbookLimits = WorkbookLimits()
    ) throws(UserError) {
        try Self.check(Array(bytes.suffix(ZipDirectory.tailBytes)), name, limits)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 1)
        memory.copyBytes(from: bytes)
        let source = zip_source_buffer_create(memory.baseAddress, zip_uint64_t(bytes.count), 0, nil)
        guard let source, let opened = zip_open_from_source(source, ZIP_RDONLY, nil) else {
            if let source { zip_source_free(source) }
            memory.deallocate()
            throw Self.damaged(name)
        }
        try self.init(opened, memory: memory, name: name, limits: limits)
    }

    private init(
        _ archive: OpaquePointer,
        memory: UnsafeMutableRawBufferPointer?,
        name: String,
        limits: WorkbookLimits
    ) throws(UserError) {
        (self.archive, self.memory, self.name, self.limits) = (archive, memory, name, limits)
        for index in 0..<zip_uint64_t(max(0, zip_get_num_entries(archive, 0))) {
            guard let text = zip_get_name(archive, index, zip_flags_t(ZIP_FL_ENC_RAW)) else { continue }
            let key = Self.key(String(cString: text))
            guard indices.updateValue(index, forKey: key) == nil else {
                throw UserError(
                    .badData,
                    "\(name): holds two parts called \(Printable.text(key)), which no program writes",
                    remedy: "Open the file in a spreadsheet program and save it again."
                )
            }
        }
    }

    deinit {
        zip_discard(archive)
        memory?.deallocate()
    }

    /// The names of all entries, in lower case.
    public var names: some Collection<String> { indices.keys }

    /// Whether there is an entry with this name.
    public func contains(_ part: String) -> Bool { indices[Self.key(part)] != nil }

    /// Opens an entry; see ``PackageParts``.
    public func open(_ part: String) throws(UserError) -> any PartStream {
        guard let index = indices[Self.key(part)] else {
            throw UserError(.badData, "\(name): its part \(Printable.text(part)) is missing")
        }
        var status = zip_stat_t()
        guard zip_stat_index(archive, index, 0, &status) == 0 else { throw Self.damaged(name) }
        guard status.encryption_method == UInt16(ZIP_EM_NONE) else {
            throw UserError(
                .badData,
                "\(name): is encrypted",
                remedy: "Open it with its password in a spreadsheet program and save it without one."
            )
        }
        guard status.comp_method == UInt16(ZIP_CM_STORE) || status.comp_method == UInt16(ZIP_CM_DEFLATE)
        else {
            throw UserError(
                .badData,
                "\(name): is compressed in a way that workbooks do not use (method \(status.comp_method))",
                remedy: "Open the file in a spreadsheet program and save it again."
            )
        }
        guard status.size <= zip_uint64_t(limits.inflatedBytes) else { throw tooLarge }
        guard let opened = zip_fopen_index(archive, index, 0) else { throw Self.damaged(name) }
        return ZipEntry(opened, of: self, compressed: Int(clamping: status.comp_size))
    }

    private static func check(_ tail: [UInt8], _ name: String, _ limits: WorkbookLimits) throws(UserError) {
        guard let directory = ZipDirectory(tail: tail) else { throw damaged(name) }
        guard directory.entries <= UInt64(limits.entries), directory.bytes <= UInt64(limits.entries) << 11
        else {
            throw UserError(
                .badData,
                "\(name): holds more than \(limits.entries) parts; a workbook of subscribers has some ten",
                remedy: "Copy the sheet into a new workbook, or save it as CSV UTF-8."
            )
        }
    }

    fileprivate var tooLarge: UserError {
        UserError(
            .badData,
            "\(name): inflates to more than \(limits.inflatedBytes >> 20) MiB",
            remedy: "Save the sheet as CSV UTF-8 and import that."
        )
    }

    fileprivate static func damaged(_ name: String) -> UserError {
        UserError(
            .badData,
            "\(name): is damaged: its zip cannot be read",
            remedy: "Get the file once more, or open it in a spreadsheet program and save it again."
        )
    }

    private static func key(_ part: String) -> String {
        String(
            decoding: part.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 == 0x5C ? 0x2F : $0 },
            as: UTF8.self
        )
    }
}

/// One entry as it inflates.
private final class ZipEntry: PartStream {
    private let entry: OpaquePointer
    /// Keeps the archive open.
    private let archive: ZipArchive
    private let compressed: Int
    private var inflated = 0

    init(_ entry: OpaquePointer, of archive: ZipArchive, compressed: Int) {
        (self.entry, self.archive, self.compressed) = (entry, archive, max(1, compressed))
    }

    deinit { zip_fclose(entry) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(UserError) -> Int {
        guard !buffer.isEmpty else { return 0 }
        let count = zip_fread(entry, buffer.baseAddress, zip_uint64_t(buffer.count))
        guard count >= 0 else { throw ZipArchive.damaged(archive.name) }
        inflated += Int(count)
        archive.inflated += Int(count)
        guard archive.inflated <= archive.limits.inflatedBytes else { throw archive.tooLarge }
        guard inflated <= archive.limits.ratioFrom || inflated / compressed <= archive.limits.ratio else {
            throw UserError(
                .badData,
                "\(archive.name): inflates to more than \(archive.limits.ratio) times its size, as no list does",
                remedy: "If the file is what it should be, save the sheet as CSV UTF-8 and import that."
            )
        }
        return Int(count)
    }
}
