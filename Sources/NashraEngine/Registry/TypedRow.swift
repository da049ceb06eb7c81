// SPDX-License-Identifier: Apache-2.0
//
// A person who was typed at the command line, checked as a row of a file is.
// Pure.
public import NashraCore
public import NashraStore

extension ImportRow {
    /// Checks what was typed by the rules of imports.
    ///
    /// - Parameters:
    ///   - address: The address.
    ///   - name: The name; blank is none.
    ///   - language: The language.
    ///   - attributes: Other values by name; names become those of columns: lower case, letters, digits and `_`.
    ///   - schema: The declared attributes; a value takes its canonical form.
    /// - Returns: The row.
    /// - Throws: `usage` for a name that no column can have, `badData` for a value that no row may hold.
    public static func typed(
        address: EmailAddress,
        name: String?,
        language: Language?,
        attributes: [String: String],
        schema: AttributeSchema = .none
    ) throws(UserError) -> ImportRow {
        var row = ImportRow(address: address, language: language)
        row.name = try name.flatMap { text throws(UserError) in
            try checked(text, called: "name", limit: RowCheck.nameBytes)
        }
        for (key, text) in attributes.sorted(by: { $0.key < $1.key }) {
            let field = ImportColumns.normalised(key)
            guard !field.isEmpty, !ImportColumns.reserved.contains(field),
                !["email", "name", "language"].contains(field)
            else {
                throw UserError(
                    .usage,
                    "'\(key)' cannot be the name of an attribute.",
                    remedy: "Name and language have options of their own; use letters, digits and _."
                )
            }
            let value = try checked(text, called: field, limit: .max) ?? ""
            row.attributes[field] = try canonical(value, of: field, schema)
        }
        return row
    }

    private static func checked(_ text: String, called field: String, limit: Int) throws(UserError) -> String?
    {
        do {
            return try RowCheck.text(Array(text.utf8)[...], called: field, limit: limit)
        } catch {
            throw UserError(
                .badData,
                "The \(error.reason).",
                remedy: "Type it in one line, without control characters."
            )
        }
    }

    private static func canonical(
        _ text: String,
        of field: String,
        _ schema: AttributeSchema
    ) throws(UserError) -> String {
        do throws(AttributeFault) {
            return try schema.canonical(text, for: field)
        } catch {
            throw UserError(.badData, "The attribute \(error.description).")
        }
    }
}
