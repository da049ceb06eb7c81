// SPDX-License-Identifier: Apache-2.0
//
// Texts of providers and of the servers they quote, made fit to be kept: one line, valid, bounded, without
// controls. Pure.
import NashraCore

/// Texts made fit to be kept.
enum Words {
    /// A server's words: one line, without controls and bidi controls, at most 1,024 bytes; `nil` when
    /// nothing is left.
    static func diagnostic(_ text: String?) -> String? { text.flatMap { tamed($0, limit: 1024) } }

    /// An address as it is named, without angle brackets, at most 320 bytes.
    static func address(_ text: String?) -> String? {
        guard var address = text.flatMap({ tamed($0, limit: 1024) }) else { return nil }
        if let open = address.lastIndex(of: "<"), let close = address[open...].firstIndex(of: ">") {
            address = String(address[address.index(after: open)..<close])
        }
        return address.isEmpty || address.utf8.count > 320 ? nil : address
    }

    /// A name of the provider's: at most 200 bytes.
    static func name(_ text: String?) -> String? { text.flatMap { tamed($0, limit: 200) } }

    /// Message-IDs without repetitions and without angle brackets, at most eight.
    static func messageIDs(_ texts: [String?]) -> [String] {
        var found: [String] = []
        for text in texts where found.count < 8 {
            guard let id = address(text), !found.contains(id) else { continue }
            found.append(id)
        }
        return found
    }

    private static func tamed(_ text: String, limit: Int) -> String? {
        var out = String.UnicodeScalarView()
        var size = 0
        var needsSpace = false
        for scalar in text.unicodeScalars.prefix(limit * 2) {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .spaceSeparator:
                needsSpace = !out.isEmpty
                continue
            case .format, .surrogate, .privateUse, .unassigned: continue
            default: break
            }
            size += UTF8.width(scalar) + (needsSpace ? 1 : 0)
            guard size <= limit else { break }
            if needsSpace { out.append(" ") }
            needsSpace = false
            out.append(scalar)
        }
        return out.isEmpty ? nil : String(out)
    }

    /// The enhanced status code and the reply code in a server's words: `smtp; 550 5.1.1 user unknown`,
    /// `550-5.1.1 …`.
    ///
    /// - Returns: What stands there; a status that stands behind more than the code is not looked for.
    static func codes(_ text: String?) -> (reply: Int?, status: EnhancedStatusCode?) {
        guard let text else { return (nil, nil) }
        var bytes = Array(text.utf8.prefix(200))[...]
        if let semicolon = bytes.firstIndex(of: UInt8(ascii: ";")), semicolon < 8 {
            bytes = bytes[(semicolon + 1)...]
        }
        bytes = bytes.drop { $0 == 0x20 }
        var reply: Int?
        let digits = bytes.prefix { (0x30...0x39).contains($0) }
        if digits.count == 3, let first = digits.first, (0x32...0x35).contains(first) {
            reply = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            bytes = bytes[digits.endIndex...].drop {
                $0 == 0x20 || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "#")
            }
        }
        let word = bytes.prefix { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        return (reply, EnhancedStatusCode.parse(prefixOf: word)?.code)
    }
}
