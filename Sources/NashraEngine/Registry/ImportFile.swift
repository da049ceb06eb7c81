// SPDX-License-Identifier: Apache-2.0
//
// A file, or the exports of another system, opened for an import: its people, what it is, and what makes it the same
// file again.
// Reads the files that it is given.
import NashraCSV
public import NashraCore
import NashraKeys
public import NashraTables

/// Opened files of one import.
public struct ImportFile {
    /// Gives the people.
    public let people: any PersonReader
    /// What is known before the first person.
    public let summary: ImportSummary
    /// Titles of topics that rows name, by their names.
    public let topicTitles: [String: String]

    private let files: [InputFile]
    private let contents: [UInt8]

    /// Opens a table.
    ///
    /// - Parameters:
    ///   - path: Its path, or `-` for standard input.
    ///   - options: How it is to be read.
    ///   - settings: What its rows mean.
    /// - Returns: The file, ready to be read from its beginning.
    /// - Throws: ``UserError``: `noInput`, `badData` when it is nothing that can be read or has no address column.
    public static func table(
        _ path: String,
        options: TableOptions,
        settings: TableSettings
    ) throws(UserError) -> ImportFile {
        let table = try TableFile.open(path: path, options: options)
        let people = try TablePeople(table.reader, settings: settings, file: table.file.name)
        var summary = ImportSummary(file: table.file.name)
        summary.format = table.format
        summary.settings = table.settings
        summary.mapping = people.mapping
        summary.head = table.sample
        summary.encoding = table.encodingFinding.map {
            ImportSummary.Encoding(
                name: $0.encoding.name,
                sureness: $0.sureness.rawValue,
                evidence: $0.evidence,
                warning: $0.warning,
                sample: $0.sample
            )
        }
        var words = people.mapping.columns.map { "\($0.number) \($0.field ?? "")" }
        words += settings.schema.attributes.map(Self.words)
        words.append(settings.defaultLanguage?.rawValue ?? "")
        return try ImportFile(people, summary, [table.file], words: words)
    }

    /// Opens the exports of another system; together they are one import.
    ///
    /// - Parameters:
    ///   - system: The system.
    ///   - paths: The files.
    ///   - topics: For a list's name there, the topic that it becomes here.
    ///   - schema: The declared attributes.
    ///   - now: The time.
    /// - Returns: The files, ready to be read from their beginning.
    /// - Throws: `badData` for a file that is no export of the system, with how to make one.
    public static func migration(
        _ system: MigrationSystem,
        paths: [String],
        topics: [String: String],
        schema: AttributeSchema,
        now: Timestamp
    ) throws(UserError) -> ImportFile {
        let reader = try MigrationReader.open(
            system,
            files: paths,
            topics: topics,
            schema: schema,
            now: now
        )
        var summary = ImportSummary(file: paths.joined(separator: ", "))
        summary.format = system.rawValue
        summary.remarks = reader.overview.lines
        var files: [InputFile] = []
        for path in paths { files.append(try InputFile(path: path, limit: .max)) }
        let words = topics.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return try ImportFile(
            reader,
            summary,
            files,
            words: words + schema.attributes.map(Self.words),
            titles: Dictionary(reader.overview.lists.map { ($0.topic, $0.name) }) { first, _ in first }
        )
    }

    private init(
        _ people: any PersonReader,
        _ summary: ImportSummary,
        _ files: [InputFile],
        words: [String],
        titles: [String: String] = [:]
    ) throws(UserError) {
        self.people = people
        self.summary = summary
        self.files = files
        topicTitles = titles
        var hasher = ContentHasher()
        for file in files {
            try file.forEachPiece { piece, _ in hasher.add(UnsafeRawBufferPointer(piece)) }
            hasher.add(String(file.size))
        }
        for word in [summary.format] + words { hasher.add(word) }
        for (name, value) in summary.settings.sorted(by: { $0.key < $1.key }) {
            hasher.add("\(name)=\(value)")
        }
        contents = hasher.finish()
    }

    /// SHA-256 of all that decides what an import of it does: the same again is the same import.
    ///
    /// - Parameter words: What else decides it, such as the topic.
    /// - Returns: 32 bytes.
    public func digest(_ words: [String]) -> [UInt8] {
        var hasher = ContentHasher()
        contents.withUnsafeBytes { hasher.add($0) }
        for word in words { hasher.add(word) }
        return hasher.finish()
    }

    /// Checks that nobody has changed a file since it was opened.
    ///
    /// - Throws: `tryAgain` when somebody has.
    public func checkUnchanged() throws(UserError) {
        for file in files { try file.checkUnchanged() }
    }

    /// What of a declared attribute decides how its values are read.
    private static func words(_ attribute: AttributeSchema.Attribute) -> String {
        let spellings = attribute.spellings.sorted { $0.key < $1.key }
            .map { "\($0.key):\($0.value.joined(separator: ","))" }
        return
            "\(attribute.name) \(attribute.kind) \(attribute.onError) \(attribute.dateOrder) "
            + "\(attribute.decimalMark.map { "\($0)" } ?? "") \(spellings.joined(separator: ";"))"
    }
}
