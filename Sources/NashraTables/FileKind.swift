// SPDX-License-Identifier: Apache-2.0
//
// What a file is, by its first bytes; its name has no say. What cannot be read is called by its name, with the way out.
// Reads the first bytes of the file. Signatures: each format's own specification.
import NashraCSV
import NashraCore
import NashraXLSX

/// What a file is.
enum FileKind: Equatable {
    case text, zip, ole, encryptedWorkbook, gzip, otherArchive, pdf, html, xmlSpreadsheet, richText, sqlite

    init(_ file: InputFile) throws(UserError) {
        var head = [UInt8](repeating: 0, count: min(file.size, 64 << 10))
        var filled = 0
        while filled < head.count {
            let from = filled
            filled += try head.withUnsafeMutableBufferPointer {
                (bytes: inout UnsafeMutableBufferPointer<UInt8>) throws(UserError) -> Int in
                let rest = UnsafeMutableBufferPointer(rebasing: bytes[from...])
                return try file.read(into: UnsafeMutableRawBufferPointer(rest), at: from)
            }
        }
        self = Self.kind(of: head)
    }

    /// The kind of a file with these first bytes.
    static func kind(of head: [UInt8]) -> FileKind {
        let signatures: [([UInt8], FileKind)] = [
            ([0x50, 0x4B, 0x03, 0x04], .zip), ([0x50, 0x4B, 0x05, 0x06], .zip), ([0x1F, 0x8B], .gzip),
            ([0x42, 0x5A, 0x68], .otherArchive), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], .otherArchive),
            ([0x28, 0xB5, 0x2F, 0xFD], .otherArchive), ([0x37, 0x7A, 0xBC, 0xAF], .otherArchive),
            (Array("Rar!".utf8), .otherArchive), (Array("%PDF-".utf8), .pdf),
            (Array("{\\rtf".utf8), .richText),
            (Array("SQLite format 3".utf8), .sqlite),
        ]
        if let (_, kind) = signatures.first(where: { head.starts(with: $0.0) }) { return kind }
        if head.starts(with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
            // The folder inside is in UTF-16; a workbook with a password is one stream of it.
            let mark: [UInt8] = "EncryptedPackage".utf8.flatMap { [$0, 0] as [UInt8] }
            return head.contains(mark) ? .encryptedWorkbook : .ole
        }
        let start = head.prefix(1_024).drop { $0 == 0xEF || $0 == 0xBB || $0 == 0xBF || $0 <= 0x20 }
        let text = String(decoding: start.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 32 : $0 }, as: UTF8.self)
        if ["<!doctype html", "<html", "<table", "<meta", "<head"].contains(where: { text.hasPrefix($0) }) {
            return .html
        }
        if text.hasPrefix("<?xml") {
            return text.contains("office:spreadsheet") || text.contains("excel.sheet")
                ? .xmlSpreadsheet : .html
        }
        return .text
    }

    /// Why a file of this kind is not read, and what to do; `nil` for those that are.
    func refusal(_ file: String) -> UserError? {
        let save = "Open it in a spreadsheet program and save it as .xlsx or CSV UTF-8."
        let (what, remedy): (String, String)
        switch self {
        case .text, .zip: return nil
        case .ole: (what, remedy) = ("an old Excel workbook (.xls)", save)
        case .encryptedWorkbook:
            (what, remedy) = (
                "a workbook with a password", "Open it with its password and save it without one."
            )
        case .gzip, .otherArchive: (what, remedy) = ("a packed file", "Unpack it first.")
        case .pdf: (what, remedy) = ("a PDF", "Ask for the table itself, as .xlsx or CSV UTF-8.")
        case .html: (what, remedy) = ("a web page, whatever its name says", save)
        case .xmlSpreadsheet: (what, remedy) = ("an XML spreadsheet of 2003", save)
        case .richText: (what, remedy) = ("a text document (RTF)", "Save its table as .xlsx or CSV UTF-8.")
        case .sqlite: (what, remedy) = ("a SQLite database", "Export the table as CSV UTF-8.")
        }
        return UserError(.badData, "\(file): is \(what), which is not read", remedy: remedy)
    }
}

extension [UInt8] {
    /// Whether `part` stands in these bytes.
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        guard let first = part.first, count >= part.count else { return false }
        return indices.dropLast(part.count - 1).contains {
            self[$0] == first && self[$0...].starts(with: part)
        }
    }
}

/// What a zip file is.
enum Archive {
    /// Why a zip file is not read, and what to do; `nil` when it may be a workbook.
    static func refusal(_ file: InputFile) throws(UserError) -> UserError? {
        let archive = try ZipArchive(file)
        let kinds: [(part: String, what: String)] = [
            ("xl/workbook.bin", "a binary workbook (.xlsb)"),
            ("word/document.xml", "a text document (.docx)"),
            ("ppt/presentation.xml", "a presentation (.pptx)"),
            ("index/document.iwa", "a document of Numbers"),
        ]
        if let found = kinds.first(where: { archive.contains($0.part) }) {
            return refusal(file.name, found.what)
        }
        if archive.contains("content.xml"), archive.contains("mimetype") {
            return refusal(file.name, "an OpenDocument file (.ods)")
        }
        return nil
    }

    private static func refusal(_ file: String, _ what: String) -> UserError {
        UserError(
            .badData,
            "\(file): is \(what), which is not read",
            remedy: "Open it in a spreadsheet program and save it as .xlsx or CSV UTF-8."
        )
    }
}
