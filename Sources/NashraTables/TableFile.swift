// SPDX-License-Identifier: Apache-2.0
//
// The one door for files of people: delimited text in any encoding, or a workbook, told apart by what is in them.
// Opens the file it is told to. docs/import-files.md.
public import NashraCSV
public import NashraCore
import NashraXLSX

/// How a file is to be read, where the user has a say.
public struct TableOptions: Sendable, Hashable {
    /// The encoding of delimited text, by name; `nil` to find out.
    public var encoding: String?
    /// Whether the encoding counts although the bytes contradict it.
    public var forcesEncoding: Bool
    /// The sheet of a workbook, by its name or its number from 1; `nil` for the first that is not hidden.
    public var sheet: String?
    /// What separates the fields of delimited text; `nil` to find out.
    public var delimiter: CSVDelimiter?
    /// How long the file and its parts may be.
    public var limits: CSVLimits
    /// Where copies of standard input and the like are kept while they are read; `nil` for `TMPDIR`.
    public var temporaryFolder: String?

    /// Makes options.
    public init(
        encoding: String? = nil,
        forcesEncoding: Bool = false,
        sheet: String? = nil,
        delimiter: CSVDelimiter? = nil,
        limits: CSVLimits = .standard,
        temporaryFolder: String? = nil
    ) {
        self.encoding = encoding
        self.forcesEncoding = forcesEncoding
        self.sheet = sheet
        self.delimiter = delimiter
        self.limits = limits
        self.temporaryFolder = temporaryFolder
    }
}

/// A file of people that is open.
public struct OpenedTable {
    /// Gives the rows, the header first.
    public var reader: any TableReader
    /// `csv`, `tsv` or `xlsx`.
    public var format: String
    /// How it is read: `encoding` and `delimiter`, or `sheet` and `sheets`.
    public var settings: [String: String]
    /// The header and the first rows, at most five, as they are read; long fields are cut.
    public var sample: [[String]]
    /// What was found out about the encoding of delimited text.
    public var encodingFinding: EncodingFinding?
    /// The file itself, for its digest and its size.
    public var file: InputFile
}

/// Opens files of people.
public enum TableFile {
    /// Opens a file, and finds out how it is to be read.
    ///
    /// Delimited text is read once from end to end for that.
    ///
    /// - Parameters:
    ///   - path: Its path, or `-` for standard input, which is copied first.
    ///   - options: Where the user has a say.
    /// - Returns: The file, ready to be read from its beginning.
    /// - Throws: ``UserError``: `noInput` when it cannot be opened, `badData` when it is nothing that can be read,
    ///   `usage` when an option does not fit it.
    public static func open(
        path: String,
        options: TableOptions = TableOptions()
    ) throws(UserError) -> OpenedTable {
        let file = try InputFile(
            path: path,
            limit: options.limits.fileBytes,
            temporaryFolder: options.temporaryFolder
        )
        let kind = try FileKind(file)
        guard kind == .zip else {
            if let refusal = kind.refusal(file.name) { throw refusal }
            return try delimited(file, options)
        }
        return try workbook(file, options)
    }

    private static func workbook(_ file: InputFile, _ options: TableOptions) throws(UserError) -> OpenedTable
    {
        guard options.encoding == nil, options.delimiter == nil else {
            throw UserError(
                .usage,
                "\(file.name): is a workbook, which has neither --encoding nor --delimiter",
                remedy: "Leave them out; --sheet chooses a sheet."
            )
        }
        if let refusal = try Archive.refusal(file) { throw refusal }
        // Two readers, as the sample must not cost the first rows.
        func open() throws(UserError) -> XLSXReader {
            try XLSXReader(
                file,
                sheet: options.sheet,
                limits: options.limits,
                temporaryFolder: options.temporaryFolder
            )
        }
        let reader = try open()
        return OpenedTable(
            reader: reader,
            format: "xlsx",
            settings: ["sheet": reader.sheet, "sheets": reader.sheets],
            sample: try sample(try open()),
            encodingFinding: nil,
            file: file
        )
    }

    private static func delimited(_ file: InputFile, _ options: TableOptions) throws(UserError) -> OpenedTable
    {
        guard options.sheet == nil else {
            throw UserError(
                .usage,
                "\(file.name): is delimited text, which has no sheets",
                remedy: "Leave --sheet out, or name a workbook (.xlsx)."
            )
        }
        var survey = EncodingSurvey()
        try file.forEachPiece { piece, _ in survey.take(piece) }
        survey.finish()
        let finding = try EncodingChoice.settle(
            options.encoding,
            isForced: options.forcesEncoding,
            survey: survey,
            file: file.name
        )
        if !options.forcesEncoding { try checkWhole(file, finding) }
        func open() throws(UserError) -> DelimitedFile {
            try DelimitedFile(
                file,
                encoding: finding.encoding,
                isWhole: !options.forcesEncoding,
                delimiter: options.delimiter,
                limits: options.limits
            )
        }
        let first = try open()
        let sample = try sample(first)
        return OpenedTable(
            reader: try open(),
            format: first.delimiter == .tab ? "tsv" : "csv",
            settings: ["encoding": finding.encoding.name, "delimiter": first.delimiter.name],
            sample: sample,
            encodingFinding: finding,
            file: file
        )
    }

    /// Decodes all of a file whose encoding can be broken, so that nothing is read that means nothing.
    private static func checkWhole(_ file: InputFile, _ finding: EncodingFinding) throws(UserError) {
        switch finding.encoding {
        case .utf8, .windows1256, .windows1252, .iso8859Part6: return  // the survey has seen every byte
        case .utf16LittleEndian, .utf16BigEndian, .other: break
        }
        let decoder = try TextDecoder(finding.encoding)
        var decoded: [UInt8] = []
        try file.forEachPiece { piece, isLast in
            decoded.removeAll(keepingCapacity: true)
            decoder.decode(piece, isLast: isLast, into: &decoded)
        }
        if decoder.broken > 0 {
            throw EncodingChoice.broken(decoder.broken, in: finding, file: file.name)
        }
    }

    /// The header and the first rows; rows with faults are left out.
    private static func sample(_ reader: any TableReader) throws(UserError) -> [[String]] {
        var record = CSVRecord()
        var rows: [[String]] = []
        for _ in 0..<100 where rows.count < 6 {
            switch try reader.next(into: &record) {
            case .record:
                rows.append(
                    record.fields.map { Printable.text(String(decoding: $0, as: UTF8.self), limit: 60) }
                )
            case .fault: continue
            case .end: return rows
            }
        }
        return rows
    }
}
