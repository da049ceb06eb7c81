// SPDX-License-Identifier: Apache-2.0
//
// A YAML document as we read it: every scalar is the text that was written, and everything knows its place.
// Pure values. Nothing is guessed: `no` is the text "no" and `22:00` the text "22:00".
public import NashraCore

/// A place in a file.
public struct YAMLMark: Hashable, Sendable {
    /// The line, from 1.
    public let line: Int
    /// The column, from 1, counted in Unicode scalars.
    public let column: Int

    /// Makes a place.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// One node of a document.
public struct YAMLNode: Hashable, Sendable {
    /// What the node is.
    public enum Content: Hashable, Sendable {
        /// Text, without its quotes; empty when nothing was written.
        case scalar(String)
        /// A list.
        case sequence([YAMLNode])
        /// Keys and values in the order of the file; no key stands twice.
        case mapping([YAMLEntry])
    }

    /// What the node is.
    public let content: Content
    /// Where it begins.
    public let mark: YAMLMark

    /// Makes a node.
    public init(_ content: Content, mark: YAMLMark) {
        self.content = content
        self.mark = mark
    }

    /// The text, or `nil` for a list or a mapping.
    public var text: String? {
        if case .scalar(let text) = content { text } else { nil }
    }

    /// The keys and values, or `nil` for a text or a list.
    public var entries: [YAMLEntry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The items, or `nil` for a text or a mapping.
    public var items: [YAMLNode]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    /// Whether nothing was written, as in `key:`; that counts as if the key were not there.
    public var isEmpty: Bool { text?.isEmpty ?? false }

    /// What the node is, for a sentence: "a text", "a list" or "a mapping".
    public var kind: String {
        switch content {
        case .scalar: "a text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// One key with its value.
public struct YAMLEntry: Hashable, Sendable {
    /// The key.
    public let key: String
    /// Where the key begins.
    public let keyMark: YAMLMark
    /// The value.
    public let value: YAMLNode

    /// Makes an entry.
    public init(key: String, keyMark: YAMLMark, value: YAMLNode) {
        self.key = key
        self.keyMark = keyMark
        self.value = value
    }
}

/// Why some bytes are not a document that we read.
public struct YAMLFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The finding, with its place and remedy.
    public let diagnostic: Diagnostic

    /// Wraps a finding.
    public init(_ diagnostic: Diagnostic) { self.diagnostic = diagnostic }

    /// The finding in one text.
    public var description: String { diagnostic.description }
}
