// SPDX-License-Identifier: Apache-2.0
//
// The names that a query may use: attributes with their types, topics, bulletins.
// Pure; whoever makes one says where the names come from.
public import NashraCore

/// What a query may speak of.
///
/// Its names may be looked up in an open store.
public struct SegmentVocabulary: Sendable {
    /// Some names.
    public struct Names: Sendable {
        let contains: @Sendable (String) -> Bool
        let all: @Sendable () -> [String]

        /// Any name is taken.
        public static let any = Names(contains: { _ in true }, all: { [] })

        /// These names.
        public init(_ names: [String]) {
            let known = Set(names)
            contains = { known.contains($0) }
            all = { names }
        }

        /// Names that are looked up when they are needed.
        ///
        /// - Parameters:
        ///   - contains: Whether there is such a name.
        ///   - all: All names, for an error message.
        public init(contains: @escaping @Sendable (String) -> Bool, all: @escaping @Sendable () -> [String]) {
            self.contains = contains
            self.all = all
        }
    }

    /// The declared attributes.
    public var schema: AttributeSchema
    /// Attributes that nobody declared and that somebody in the register has.
    public var attributes: Names
    /// The topics.
    public var topics: Names
    /// The numbers of bulletins.
    public var bulletins: Names

    /// Makes a vocabulary; what is left out takes any name.
    public init(
        schema: AttributeSchema = .none,
        attributes: Names = .any,
        topics: Names = .any,
        bulletins: Names = .any
    ) {
        self.schema = schema
        self.attributes = attributes
        self.topics = topics
        self.bulletins = bulletins
    }

    /// The declared attribute that a word means: by its name, or by a label or header of it, folded.
    func declared(_ word: String) -> AttributeSchema.Attribute? {
        if let exact = schema.attribute(word) { return exact }
        let folded = SearchFolding.fold(word)
        return schema.attributes.first { attribute in
            SearchFolding.fold(attribute.name) == folded
                || attribute.label.values.contains { SearchFolding.fold($0) == folded }
                || attribute.headers.contains { SearchFolding.fold($0) == folded }
        }
    }
}
