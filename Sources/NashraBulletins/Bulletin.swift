// SPDX-License-Identifier: Apache-2.0
//
// A bulletin as it lies in its folder: what it is, and its text in each language.
// Pure values; BulletinFolder reads them.
public import NashraCore
public import NashraTemplates

/// The text of a bulletin in one language.
public struct BulletinVariant: Sendable, Hashable {
    /// The file, as the user would name it.
    public var file: String
    /// The text and its headlines.
    public var source: VariantSource
    /// One or two sentences for lists and feeds; may be empty.
    public var summary: String
}

/// A bulletin.
public struct Bulletin: Sendable, Hashable {
    /// The folder, as the user would name it.
    public var folder: String
    /// What it is.
    public var metadata: BulletinMetadata
    /// Its text by language.
    public var variants: [Language: BulletinVariant]
    /// The content of its files, names and lengths included, in one order: equal bytes are the same revision.
    public var canonicalBytes: [UInt8]

    /// Its number.
    public var number: String { metadata.number }

    /// The languages it is written in, sorted by tag.
    public var languages: [Language] { variants.keys.sorted { $0.rawValue < $1.rawValue } }

    /// The file of the metadata.
    var metadataFile: String { folder + "/" + BulletinFolder.metadataName }
}

/// Which variant somebody gets.
public enum LanguageFallback {
    /// The reader's own language if there is a variant, else the first of the chain that has one.
    ///
    /// - Parameters:
    ///   - language: The reader's language, or `nil` when it is not known.
    ///   - available: The languages of the bulletin.
    ///   - chain: The workspace's languages, in the order in which they stand in for others.
    /// - Returns: `nil` when no variant fits; that is an error when a campaign is planned.
    public static func variant(
        for language: Language?,
        available: some Collection<Language>,
        chain: [Language]
    ) -> Language? {
        if let language, available.contains(language) { return language }
        return chain.first { available.contains($0) }
    }
}
