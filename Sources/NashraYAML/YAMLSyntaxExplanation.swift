// SPDX-License-Identifier: Apache-2.0
//
// What the YAML parser complains about, in words for people, with a way to mend it.
// Pure. The parser's sentences: libyaml 0.2.5, scanner.c and parser.c.
import NashraCore
import Yams

/// Explains errors of Yams.
struct YAMLSyntaxExplanation {
    /// The file, for findings.
    let file: String
    /// The number of the first line.
    let firstLine: Int
    /// What was parsed.
    let text: String

    /// The finding for an error that Yams threw.
    func diagnostic(_ error: any Error) -> Diagnostic {
        switch error {
        case YamlError.scanner(let context, let problem, let mark, _),
            YamlError.parser(let context, let problem, let mark, _),
            YamlError.composer(let context, let problem, let mark, _):
            return explain(context, problem, mark)
        case YamlError.duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let again = secondPlace(of: key, first: context.mark) ?? place(context.mark)
            return Self.duplicate(
                key,
                file,
                at: again,
                firstLine: context.mark.line + firstLine - 1
            )
        case YamlError.reader(let problem, _, _, _):
            return Diagnostic(file: file, "the file cannot be read as YAML: \(problem)")
        default:
            return Diagnostic(file: file, "the file cannot be read as YAML: \(error)")
        }
    }

    /// The finding about a key that stands twice.
    static func duplicate(_ key: String, _ file: String, at mark: YAMLMark, firstLine: Int) -> Diagnostic {
        Diagnostic(
            file: file,
            line: mark.line,
            column: mark.column,
            "the key “\(key)” stands twice in one mapping, first in line \(firstLine)",
            remedy: "Keep one of the two."
        )
    }

    /// The finding about nesting.
    static func tooDeep(_ file: String, at mark: YAMLMark) -> Diagnostic {
        Diagnostic(
            file: file,
            line: mark.line,
            column: mark.column,
            "lists and mappings are nested more than \(YAMLDocument.maximumDepth) deep",
            remedy: "Put text that begins with [ or { in quotes."
        )
    }

    private func explain(_ context: YamlError.Context?, _ problem: String, _ mark: Mark) -> Diagnostic {
        let place = place(mark)
        func finding(_ message: String, _ remedy: String) -> Diagnostic {
            Diagnostic(file: file, line: place.line, column: place.column, message, remedy: remedy)
        }
        if tabIndents(line: mark.line) {
            return finding(
                "the line is indented with a tab",
                "Indent with spaces; YAML allows no tabs there."
            )
        }
        let begun = context.map { "line \($0.mark.line + firstLine - 1)" } ?? "the line before"
        switch problem {
        case "found another document":
            return finding("a second document begins here", "Keep one; delete the line ---.")
        case "but found another document":
            return finding("a second document begins here", "Keep one; delete the line ---.")
        case "found undefined alias":
            return YAMLScreen.reference(file, place).diagnostic
        case _ where problem.hasPrefix("Maximum nesting level"):
            return Self.tooDeep(file, at: place)
        case _ where context?.text.contains("anchor") == true || context?.text.contains("alias") == true:
            return finding("a value begins with & or *", "Put the value in double quotes.")
        case _ where context?.text.contains("quoted scalar") == true:
            return finding(
                "the quotes that begin in \(begun) do not end as they should: \(problem)",
                "Close the quotes; inside double quotes write \\\" and \\\\ for a quote and a backslash."
            )
        case "mapping values are not allowed in this context":
            return finding(
                "a colon stands where no key can be",
                "Put a value that holds “: ” in double quotes, and let keys of one mapping begin in one column."
            )
        case "found character that cannot start any token":
            return finding(
                "a value may not begin with this character",
                "Put the value in double quotes."
            )
        case "could not find expected ':'":
            return finding(
                "the text that begins in \(begun) is no “key: value”",
                "Write a colon and a space after the key."
            )
        case "did not find expected key", "did not find expected '-' indicator":
            return finding(
                "the indentation does not fit what began in \(begun)",
                "Let keys of one mapping, and dashes of one list, begin in one column."
            )
        default:
            return finding(
                "this is not YAML: \(problem)",
                "Look at the quotes and the indentation around it."
            )
        }
    }

    private func place(_ mark: Mark) -> YAMLMark {
        YAMLMark(line: mark.line + firstLine - 1, column: mark.column)
    }

    private func tabIndents(line: Int) -> Bool {
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.indices.contains(line - 1) else { return false }
        return lines[line - 1].prefix { $0 == 0x20 || $0 == 0x09 }.contains(0x09)
    }

    /// Where a key of a block mapping stands for the second time; Yams names the first place only.
    private func secondPlace(of key: String, first: Mark) -> YAMLMark? {
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard first.line < lines.count else { return nil }
        let spellings = [key, "\"\(key)\"", "'\(key)'"].map { Array($0.utf8) }
        for number in first.line..<lines.count {
            let line = lines[number]
            let indentation = line.prefix { $0 == 0x20 }.count
            let rest = line.dropFirst(indentation)
            guard let start = rest.first, start != UInt8(ascii: "#"), start != 0x0D else { continue }
            if indentation < first.column - 1 { return nil }
            let isKey = spellings.contains { spelling in
                rest.starts(with: spelling)
                    && rest.dropFirst(spelling.count).first { $0 != 0x20 } == UInt8(ascii: ":")
            }
            if indentation == first.column - 1, isKey {
                return YAMLMark(line: number + firstLine, column: first.column)
            }
        }
        return nil
    }
}
