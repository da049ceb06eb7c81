// SPDX-License-Identifier: Apache-2.0
//
// A text with an address a line: `a@b`, `Name <a@b>`, `a@b`, tab, comma or space, and a name.
// Reads one file.
import NashraCore

/// Gives the addresses of a text.
final class AddressLines {
    /// What one look found.
    enum Step {
        case address(String, name: String, line: Int)
        case refused(line: Int, reason: String, text: String)
        case end
    }

    private let reader: PieceReader
    private var isFirst = true

    init(_ reader: PieceReader) { self.reader = reader }

    /// Whether the beginning holds an address, or nothing at all, or Mailman's word for an empty list.
    var looksRight: Bool {
        let head = reader.beginning(64 << 10)
        return head.contains(UInt8(ascii: "@")) || head.allSatisfy { $0 <= 0x20 }
            || String(decoding: head.prefix(300), as: UTF8.self).contains("has no members")
    }

    func next() throws(UserError) -> Step {
        while let (bytes, line) = try reader.takeLine() {
            guard let bytes else {
                return .refused(line: line, reason: "the line is longer than 64 KiB", text: "")
            }
            guard let whole = String(validating: bytes, as: UTF8.self) else {
                return .refused(line: line, reason: "the line is not valid UTF-8", text: "")
            }
            let text = Self.trimmed(whole[...])
            let isHeader = isFirst && !text.utf8.contains(UInt8(ascii: "@"))
            if text.isEmpty || text.hasPrefix("#") || text.hasSuffix(" has no members") { continue }
            isFirst = false
            if isHeader, Self.isHeader(text) { continue }
            let (address, name) = Self.split(text)
            return .address(address, name: name, line: line)
        }
        return .end
    }

    /// Whether a first line names columns.
    private static func isHeader(_ text: String) -> Bool {
        let folded = text.lowercased()
        return ["email", "e-mail", "address"].contains { folded.contains($0) }
    }

    /// The address and the name of a line.
    static func split(_ text: String) -> (address: String, name: String) {
        if text.hasSuffix(">"), let open = text.lastIndex(of: "<") {
            let address = text[text.index(after: open)...].dropLast()
            return (String(address), unquoted(trimmed(text[..<open])))
        }
        guard let end = text.firstIndex(where: { $0 == "\t" || $0 == "," || $0 == ";" || $0 == " " }) else {
            return (unquoted(text), "")
        }
        return (unquoted(String(text[..<end])), unquoted(trimmed(text[text.index(after: end)...])))
    }

    private static func unquoted(_ text: String) -> String {
        guard text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return String(text.dropFirst().dropLast()).replacing("\\\"", with: "\"").replacing("\"\"", with: "\"")
    }

    private static func trimmed(_ text: Substring) -> String {
        let isBlank = { (character: Character) in character == " " || character == "\t" || character == "\r" }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return String(rest)
    }
}
