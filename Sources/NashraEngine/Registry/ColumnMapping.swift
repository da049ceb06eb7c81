// SPDX-License-Identifier: Apache-2.0
//
// Which column of a file became what, and by which rule: for the plan that an import shows.
// Pure values.

/// What each column of a file was taken for.
public struct ColumnMapping: Sendable, Hashable {
    /// Why a column was taken for what it was.
    public enum Rule: String, Sendable, Hashable, CaseIterable {
        /// `--map` said so.
        case map
        /// Its name is the field's own.
        case name
        /// It is the name, the label or a header of a declared attribute.
        case attribute
        /// It is a word for the field in Arabic, French or English.
        case word
        /// Nothing is known of it: an attribute that is called as the column is.
        case own
        /// It has no name, or `--map` said to leave it out.
        case skipped
    }

    /// One column.
    public struct Column: Sendable, Hashable {
        /// Its number, from 1.
        public var number: Int
        /// Its name as the file has it.
        public var header: String
        /// `email`, `name`, `language` or an attribute's name; `nil` when it is left out.
        public var field: String?
        /// Why.
        public var rule: Rule

        /// Tells of a column.
        public init(number: Int, header: String, field: String?, rule: Rule) {
            self.number = number
            self.header = header
            self.field = field
            self.rule = rule
        }
    }

    /// The columns in their order.
    public var columns: [Column]

    /// Tells of columns.
    public init(columns: [Column] = []) { self.columns = columns }
}
