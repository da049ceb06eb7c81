// SPDX-License-Identifier: Apache-2.0
//
// Where the people of an import come from, one after the other: a table, or what another system exported.
// Pure; whoever implements it reads files.
public import NashraCore
public import NashraStore

/// What one look for the next person found.
public enum PersonStep: Sendable, Hashable {
    /// A person, and the line on which the person's row begins, from 1.
    case person(ImportRow, line: Int)
    /// A row that cannot be taken: why, in words without the row's own, and its fields as far as they can be shown.
    case refused(line: Int, reason: String, fields: [String])
    /// Reading ended before the file did: why. Nothing follows.
    case cutOff(line: Int, reason: String)
    /// No more people.
    case end
}

/// Gives the people of an import one after the other.
///
/// Not `Sendable`: one thread reads, but not always the thread that made the reader.
public protocol PersonReader: AnyObject {
    /// What the fields of a refused row are called, in their order; for the file of rejected rows.
    var header: [String] { get }
    /// Whether one person may stand in many rows that say different things, such as one list each.
    ///
    /// Then they are put together; otherwise the first row counts and the others are reported.
    var mergesRows: Bool { get }
    /// What was noted about the rows that were read so far; `nil` when the reader notes nothing itself.
    var notes: RowNotes? { get }
    /// The fields of a row that was read well and is not taken after all, as ``header`` calls them.
    func fields(of row: ImportRow) -> [String]
    /// Reads on.
    ///
    /// - Returns: What was found. After `.end` and `.cutOff` it is `.end` for ever.
    /// - Throws: What makes going on senseless, such as a disk that cannot be read.
    func next() throws(UserError) -> PersonStep
}

extension PersonReader {
    /// Address, name and language.
    public var header: [String] { ["address", "name", "language"] }
    /// The first row counts.
    public var mergesRows: Bool { false }
    /// Nothing.
    public var notes: RowNotes? { nil }
    /// Address, name and language.
    public func fields(of row: ImportRow) -> [String] {
        [row.address.text, row.name ?? "", row.language?.rawValue ?? ""]
    }
}
