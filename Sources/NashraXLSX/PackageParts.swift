// SPDX-License-Identifier: Apache-2.0
//
// A workbook as a folder of named parts, wherever they lie: a zip file, or memory in tests.
// Pure protocols and limits. Rules: ECMA-376 part 2 (packages); limits in docs/import-files.md, "Workbooks".
public import NashraCore

/// The parts of a workbook.
public protocol PackageParts: AnyObject {
    /// The file as the user named it, for messages.
    var name: String { get }

    /// Whether there is a part with this name, without a leading slash; capitals make no difference.
    func contains(_ part: String) -> Bool

    /// Opens a part.
    ///
    /// - Throws: ``UserError`` with status `badData` when there is none or it cannot be inflated.
    func open(_ part: String) throws(UserError) -> any PartStream
}

/// One part, read once from its beginning.
public protocol PartStream: AnyObject {
    /// Fills some or all of `buffer`.
    ///
    /// - Returns: How many bytes there were; 0 at the end.
    /// - Throws: ``UserError`` with status `badData` when the part is damaged or inflates too much.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(UserError) -> Int
}

/// How much a workbook may hold.
public struct WorkbookLimits: Sendable, Hashable {
    /// Entries in the zip file.
    public var entries = 10_000
    /// Bytes that all parts read may inflate to.
    public var inflatedBytes = 1 << 30
    /// How many bytes one byte may inflate to, beyond ``ratioFrom``.
    ///
    /// Sheets stay below 60; deflate can reach 1,032.
    public var ratio = 250
    /// From how many inflated bytes of a part on ``ratio`` counts.
    public var ratioFrom = 4 << 20
    /// Bytes of all shared strings together.
    public var sharedBytes = 512 << 20
    /// Rows and cells: as for delimited text.
    public var sharedStrings = 8_000_000

    /// The limits that are written here.
    public init() {}
}
