// SPDX-License-Identifier: Apache-2.0
//
// One part of a package as XML, with errors that name the file and the part.
// Reads the part it is given.
import NashraCSV
import NashraCore

/// A part that is being read.
struct PartReader: ~Copyable {
    private var scanner: XMLScanner
    private let file: String
    private let part: String

    /// Opens a part.
    init(_ part: String, of parts: any PackageParts) throws(UserError) {
        let stream = try parts.open(part)
        scanner = XMLScanner { (buffer) throws(UserError) in try stream.read(into: buffer) }
        (file, self.part) = (parts.name, part)
    }

    /// The scanner, after ``next()``.
    var at: XMLScanner {
        _read { yield scanner }
    }

    /// Moves to the next token.
    ///
    /// - Throws: ``UserError`` with status `badData` when the part is no XML that a workbook may hold.
    mutating func next() throws(UserError) -> XMLScanner.Token {
        do throws(XMLScanner.Failure) {
            return try scanner.next()
        } catch {
            switch error {
            case .source(let error): throw error
            case .fault(let fault):
                throw UserError(
                    .badData,
                    "\(file): its part \(Printable.text(part)) cannot be read: \(fault.what)",
                    remedy: "Open the file in a spreadsheet program and save it again."
                )
            }
        }
    }

    /// Gives every element of a part to `body` as it begins.
    static func read(
        _ part: String,
        of parts: any PackageParts,
        _ body: (borrowing XMLScanner) -> Void
    ) throws(UserError) {
        var reader = try PartReader(part, of: parts)
        while true {
            switch try reader.next() {
            case .start: body(reader.scanner)
            case .done: return
            case .end, .text: break
            }
        }
    }
}
