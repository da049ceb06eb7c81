// SPDX-License-Identifier: Apache-2.0
//
// Bytes become a tree of texts with places, or one finding that says where and why not.
// Pure. Yams (libyaml) reads the syntax; it is asked to resolve no types, and whatever could surprise is refused:
// anchors, aliases, tags, duplicate keys, several documents, deep nesting.
import NashraCore
import Yams

/// Reads YAML.
public enum YAMLDocument {
    /// The most bytes that are read.
    public static let maximumSizeInBytes = 1_048_576
    /// The most levels that lists and mappings may be nested.
    public static let maximumDepth = 16

    /// Reads one document.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8 with LF or CR LF, with or without byte order mark, at most ``maximumSizeInBytes``.
    ///   - file: The file's name, for findings.
    ///   - firstLine: The number of the first line of `bytes` in `file`; front matter of a Markdown file begins at 2.
    /// - Returns: The root; an empty mapping when there is nothing but comments.
    /// - Throws: The first fault of syntax.
    public static func parse(
        _ bytes: [UInt8],
        file: String,
        firstLine: Int = 1
    ) throws(YAMLFault) -> YAMLNode {
        let text = try YAMLScreen(file: file, firstLine: firstLine).text(bytes)
        let builder = YAMLTreeBuilder(file: file, firstLine: firstLine)
        do {
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            // Anchors are weak references into the parser.
            return try withExtendedLifetime(parser) {
                guard let root = try parser.singleRoot() else {
                    return YAMLNode(.mapping([]), mark: YAMLMark(line: firstLine, column: 1))
                }
                let node = try builder.node(root, depth: 1)
                return node.isEmpty ? YAMLNode(.mapping([]), mark: node.mark) : node
            }
        } catch let fault as YAMLFault {
            throw fault
        } catch {
            throw YAMLFault(
                YAMLSyntaxExplanation(file: file, firstLine: firstLine, text: text).diagnostic(error)
            )
        }
    }
}

/// Turns the parser's nodes into ours.
private struct YAMLTreeBuilder {
    let file: String
    let firstLine: Int

    func node(_ node: Node, depth: Int) throws -> YAMLNode {
        let mark = place(node.mark)
        if node.anchor != nil { throw YAMLScreen.reference(file, mark) }
        switch node {
        case .scalar(let scalar):
            try check(node, is: .str, mark)
            return YAMLNode(.scalar(scalar.string), mark: mark)
        case .sequence(let items):
            try check(node, is: .seq, mark)
            try check(depth: depth, mark)
            return YAMLNode(.sequence(try items.map { try self.node($0, depth: depth + 1) }), mark: mark)
        case .mapping(let pairs):
            try check(node, is: .map, mark)
            try check(depth: depth, mark)
            return YAMLNode(.mapping(try entries(pairs, depth: depth)), mark: mark)
        case .alias:
            throw YAMLScreen.reference(file, mark)
        }
    }

    private func entries(_ pairs: Node.Mapping, depth: Int) throws -> [YAMLEntry] {
        var lines: [String: Int] = [:]
        return try pairs.map { pair in
            let key = try node(pair.key, depth: depth + 1)
            guard let text = key.text, !text.isEmpty else {
                throw fault(
                    key.mark,
                    "a key must be a text",
                    remedy: "Put it in quotes, or delete the ? or the colon."
                )
            }
            if let first = lines.updateValue(key.mark.line, forKey: text) {
                throw YAMLFault(YAMLSyntaxExplanation.duplicate(text, file, at: key.mark, firstLine: first))
            }
            return YAMLEntry(key: text, keyMark: key.mark, value: try node(pair.value, depth: depth + 1))
        }
    }

    private func check(_ node: Node, is expected: Tag.Name, _ mark: YAMLMark) throws(YAMLFault) {
        guard node.tag == Tag(expected) else {
            throw fault(
                mark,
                "tags (!name) are not read here",
                remedy: "Delete it, or put the value in quotes if it is meant as text."
            )
        }
    }

    private func check(depth: Int, _ mark: YAMLMark) throws(YAMLFault) {
        guard depth <= YAMLDocument.maximumDepth else {
            throw YAMLFault(YAMLSyntaxExplanation.tooDeep(file, at: mark))
        }
    }

    private func fault(_ mark: YAMLMark, _ message: String, remedy: String) -> YAMLFault {
        YAMLFault(Diagnostic(file: file, line: mark.line, column: mark.column, message, remedy: remedy))
    }

    private func place(_ mark: Mark?) -> YAMLMark {
        YAMLMark(line: (mark?.line ?? 1) + firstLine - 1, column: mark?.column ?? 1)
    }
}
