// SPDX-License-Identifier: Apache-2.0
//
// What the columns of an imported file mean: its first row, read as names of fields.
// Pure. Names of fields are those that bulletins use between double braces; ColumnGuess.swift knows the words for them.
import Foundation
import NashraCSV
import NashraCore

/// Which column holds what.
struct ImportColumns: Hashable {
    /// What one column holds.
    enum Meaning: Hashable {
        case email, name, language
        /// A part of the name; see ``nameParts``.
        case namePart
        /// A field of the bulletin by this name.
        case attribute(String)
        /// Nothing: its header is empty, or the user said so.
        case ignored
    }

    /// The meaning of each column, in their order.
    let meanings: [Meaning]

    /// The column of the address.
    let email: Int

    /// The column that says where the person stands, in a file that `subscribers export` wrote; its meaning is `ignored`.
    let state: Int?

    /// The columns that make up the name, in the order in which they are joined; empty when one column holds it.
    let nameParts: [Int]

    /// For the plan: what became of each column, and why.
    let mapping: ColumnMapping

    /// Fields that the program fills in itself.
    static let reserved: Set<String> = ["unsubscribe_url", "message_id"]

    /// Reads a header.
    ///
    /// - Parameters:
    ///   - header: The file's first row.
    ///   - renamed: For a column's name or number, the field it stands for, as the user said; both normalised. An empty
    ///     field leaves the column out.
    ///   - file: The file's name, for the diagnostics.
    ///   - schema: The declared attributes.
    /// - Throws: ``UserError`` with every fault of the header, each with the line.
    init(
        header: CSVRecord,
        renamed: [String: String],
        file: String,
        schema: AttributeSchema = .none
    ) throws(UserError) {
        var faults: [Diagnostic] = []
        func fault(_ message: String, _ remedy: String = "") {
            faults.append(Diagnostic(file: file, line: header.line, message, remedy: remedy))
        }
        let texts = header.fields.enumerated().map { index, field in
            if let text = String(validating: field, as: UTF8.self) { return FormulaGuard.freed(text) }
            fault("the name of column \(index + 1) is not valid UTF-8", "Say with --encoding what it is.")
            return ""
        }
        var guess = ColumnGuess(texts: texts, renamed: renamed, schema: schema)
        guess.resolve()
        for (message, remedy) in guess.faults { fault(message, remedy) }
        guard faults.isEmpty, let email = guess.email else {
            throw UserError(.badData, "\(file): the columns cannot be used", diagnostics: faults)
        }
        self.email = email
        state = guess.state
        meanings = guess.meanings
        nameParts = guess.nameParts
        mapping = guess.mapping
    }

    /// A name as fields are called: lower case, letters, digits and `_` of at most 64 scalars.
    static func normalised(_ text: String) -> String {
        let scalars = text.precomposedStringWithCanonicalMapping.lowercased().unicodeScalars
            .filter { $0.properties.generalCategory != .format }
            .map { scalar -> Unicode.Scalar in
                let properties = scalar.properties
                let isPart =
                    properties.isAlphabetic || properties.numericType == .decimal
                    || properties.generalCategory == .nonspacingMark
                return isPart ? scalar : "_"
            }
        let trimmed = scalars.drop { $0 == "_" }.reversed().drop { $0 == "_" }.reversed()
        return String(String.UnicodeScalarView(trimmed.prefix(64)))
    }
}
