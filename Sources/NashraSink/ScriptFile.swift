// SPDX-License-Identifier: Apache-2.0
//
// Reads the sink's script: one JSON object on each line, with comments.
// Reads one file.
import Foundation
public import NashraCore

/// A file of rules for the sink.
///
/// ```
/// # greylisting: the first try of everybody at example.org
/// {"match": "*@example.org", "stage": "rcpt", "action": "reply 450 4.7.1 Greylisted", "times": 1}
/// {"match": "lost-*", "stage": "dot", "action": "drop"}
/// {"stage": "greeting", "action": "421", "times": 3}
/// ```
///
/// `stage` is one of ``SinkStage``, `action` as ``SinkAction/parse(_:)`` reads it, `match` as in
/// ``SinkRule/match`` (`*` when absent), `times` a number from 1 (every time when absent).
public enum ScriptFile {
    /// A script longer than this is a mistake.
    private static let longest = 4 << 20

    /// Reads the rules of the file at `path`; all faults in one run.
    public static func load(_ path: String) throws(UserError) -> [SinkRule] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw UserError(
                .noInput,
                "The script \(path) cannot be read: \(systemError())",
                remedy: "Name a file of JSON lines that exists."
            )
        }
        guard data.count <= longest else { throw UserError(.badData, "\(path): a script has at most 4 MiB.") }
        return try parse([UInt8](data), file: path)
    }

    /// Reads the rules in `bytes`; `file` is the name for the faults.
    public static func parse(_ bytes: [UInt8], file: String) throws(UserError) -> [SinkRule] {
        var rules: [SinkRule] = []
        var faults: [Diagnostic] = []
        let lines = bytes.split(separator: Byte.lineFeed, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = line.drop { $0 <= Byte.space }
            if text.isEmpty || text.first == UInt8(ascii: "#") { continue }
            do throws(RuleFault) {
                rules.append(try rule(Data(line)))
            } catch {
                faults.append(Diagnostic(file: file, line: index + 1, error.message, remedy: error.remedy))
            }
        }
        guard faults.isEmpty else {
            throw UserError(.badData, "The sink's script has \(faults.count) fault(s).", diagnostics: faults)
        }
        return rules
    }

    private struct RuleFault: Error {
        let message: String
        var remedy = ""
    }

    private static let keys = ["match", "stage", "action", "times"]

    private static func rule(_ line: Data) throws(RuleFault) -> SinkRule {
        guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else {
            throw RuleFault(message: "this line is not a JSON object")
        }
        for key in object.keys.sorted() where !keys.contains(key) {
            let nearest = Suggestion.nearest(to: key, among: keys)
            throw RuleFault(
                message: "a rule has no key \"\(key)\"",
                remedy: nearest.map { "Did you mean \"\($0)\"?" } ?? ""
            )
        }
        guard let stage = (object["stage"] as? String).flatMap(SinkStage.init(rawValue:)) else {
            let names = SinkStage.allCases.map(\.rawValue).joined(separator: ", ")
            throw RuleFault(message: "\"stage\" is missing or unknown", remedy: "It is one of \(names).")
        }
        guard let action = (object["action"] as? String).flatMap(SinkAction.parse) else {
            throw RuleFault(
                message: "\"action\" is missing or unknown",
                remedy: "It is drop, reset, stall, 421, \"delay 250ms\" or \"reply 451 4.2.0 some text\"."
            )
        }
        return SinkRule(stage, match: try match(object["match"]), action, times: try times(line))
    }

    private static func match(_ value: Any?) throws(RuleFault) -> String {
        guard let value else { return "*" }
        guard let text = value as? String, !text.isEmpty, text.utf8.count <= 320 else {
            throw RuleFault(message: "\"match\" is text of 1 to 320 bytes")
        }
        return text
    }

    private struct Times: Decodable { let times: Int? }

    /// Decoded apart, because in a dictionary `true` and 1 look alike.
    private static func times(_ line: Data) throws(RuleFault) -> Int? {
        guard let decoded = try? JSONDecoder().decode(Times.self, from: line), decoded.times ?? 1 > 0 else {
            throw RuleFault(message: "\"times\" is a number from 1")
        }
        return decoded.times
    }
}
