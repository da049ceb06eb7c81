// SPDX-License-Identifier: Apache-2.0
//
// What a mail server says, made fit for a message to people.
// Pure, on bytes; a server may write anything.

/// A server's line for people.
enum ServerWords {
    /// Quotes a line: valid UTF-8 without controls and bidi controls, at most 200 bytes of it.
    static func quoted(_ line: some Collection<UInt8>) -> String {
        let text = String(decoding: line.prefix(200), as: UTF8.self)
        let clean = text.unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: false
            default: true
            }
        }
        return "“\(String(String.UnicodeScalarView(clean)))”"
    }

    /// Whether a line holds a word of a server's language, whatever its case.
    static func contains(_ line: some Collection<UInt8>, _ word: String) -> Bool {
        let upper = line.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }
        return upper.firstRange(of: Array(word.utf8)) != nil
    }
}
