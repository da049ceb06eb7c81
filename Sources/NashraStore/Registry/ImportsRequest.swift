// SPDX-License-Identifier: Apache-2.0
//
// What decides an import: the file, how it is read, where its people go.
// Pure values.

/// What decides an import, before its first row.
public struct ImportRequest: Sendable {
    /// The file as the user named it.
    public var file: String
    /// SHA-256 of all that decides the result, 32 bytes: the same again is the same import.
    public var digest: [UInt8]
    /// `csv`, `tsv`, `xlsx`, or the system that it comes from.
    public var format: String
    /// The topic that its people join, or `nil`.
    public var topic: String?
    /// Whether the topic is to become equal to the file.
    public var isSync: Bool
    /// How it is read, for the record.
    public var settings: [String: String]
    /// Where its people come from, in words; kept with each new subscription as the ground for mailing them.
    public var source: String
    /// Who imports, for the audit.
    public var actor: String
    /// Only look.
    public var isDryRun: Bool
    /// The hashes under which an erased person would be kept, for a key.
    public var erasureHashes: (@Sendable (String) -> [[UInt8]])?

    /// Describes an import.
    public init(
        file: String,
        digest: [UInt8],
        format: String,
        topic: String?,
        isSync: Bool,
        settings: [String: String],
        source: String,
        actor: String,
        isDryRun: Bool,
        erasureHashes: (@Sendable (String) -> [[UInt8]])?
    ) {
        self.file = file
        self.digest = digest
        self.format = format
        self.topic = topic
        self.isSync = isSync
        self.settings = settings
        self.source = source
        self.actor = actor
        self.isDryRun = isDryRun
        self.erasureHashes = erasureHashes
    }
}
