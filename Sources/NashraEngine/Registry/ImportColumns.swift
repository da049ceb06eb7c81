// SPDX-License-Identifier: Apache-2.0
//
// What the columns of an imported file mean: its first row, read as names of fields.
// Pure. Names of fields are those that bulletins use between double braces.
import NashraCSV
import NashraCore

/// Which column holds what.
struct ImportColumns: Hashable {
    /// What one column holds.
    enum Meaning: Hashable {
        case email, name, language
        /// A field of the bulletin by this name.
        case attribute(String)
        /// Nothing: its header is empty.
        case ignored
    }

    /// The meaning of each column, in their order.
    let meanings: [Meaning]

    /// The column of the address.
    let email: Int

    /// Fields that the program fills in itself.
    static let reserved: Set<String> = ["unsubscribe_url", "message_id"]

    /// Reads a header.
    ///
    /// - Parameters:
    ///   - header: The file's first row.
    ///   - renamed: For a column's name, the field it stands for, as the user said; both normalised.
    ///   - file: The file's name, for the diagnostics.
    /// - Throws: ``UserError`` with every fault of the header, each with the line.
    init(header: CSVRecord, renamed: [String: String], file: String) throws(UserError) {
        var faults: [Diagnostic] = []
        func fault(_ message: String, _ remedy: String = "") {
            faults.append(Diagnostic(file: file, line: header.line, message, remedy: remedy))
        }
        var meanings: [Meaning] = []
        var seen: Set<String> = []
        for (index, field) in header.fields.enumerated() {
            guard let text = String(validating: field, as: UTF8.self) else {
                fault("the name of column \(index + 1) is not valid UTF-8", "Save the file as UTF-8.")
                continue
            }
            let column = Self.normalised(text)
            let name = renamed[column] ?? column
            if name.isEmpty {
                meanings.append(.ignored)
                continue
            }
            if !seen.insert(name).inserted {
                fault("two columns are called '\(name)'", "Rename one, or leave its name empty to skip it.")
            }
            if Self.reserved.contains(name) {
                fault("'\(name)' is a name that Nashra fills in itself", "Rename the column.")
            }
            meanings.append(Self.meaning(of: name))
        }
        let columns = Set(header.fields.map { Self.normalised(String(decoding: $0, as: UTF8.self)) })
        for column in renamed.keys.sorted() where !columns.contains(column) {
            fault("there is no column '\(column)' to rename")
        }
        if !meanings.contains(.email) {
            let near = Suggestion.nearest(to: "email", among: seen)
            fault(
                "there is no column 'email'; the first line must name the columns",
                near.map { "Is it '\($0)'? Then say --map \($0)=email." } ?? ""
            )
        }
        guard faults.isEmpty, let email = meanings.firstIndex(of: .email) else {
            throw UserError(.badData, "\(file): the columns cannot be used", diagnostics: faults)
        }
        self.meanings = meanings
        self.email = email
    }

    /// A name as fields are called: lower case, letters, digits and `_` of at most 64 scalars.
    static func normalised(_ text: String) -> String {
        let scalars = text.lowercased().unicodeScalars.map { scalar -> Unicode.Scalar in
            let properties = scalar.properties
            let isPart =
                properties.isAlphabetic || properties.numericType == .decimal
                || properties.generalCategory == .nonspacingMark
            return isPart ? scalar : "_"
        }
        let trimmed = scalars.drop { $0 == "_" }.reversed().drop { $0 == "_" }.reversed()
        return String(String.UnicodeScalarView(trimmed.prefix(64)))
    }

    private static func meaning(of name: String) -> Meaning {
        switch name {
        case "email": .email
        case "name": .name
        case "language": .language
        default: .attribute(name)
        }
    }
}
