// SPDX-License-Identifier: Apache-2.0
//
// Characters that change how others look, or that we use ourselves: found where they stand.
// Pure. Rules: UAX 9 (explicit directional formatting), Unicode chapter 23.5 (private use); CVE-2021-42574
// for why.
import NashraCore
import NashraTemplates
import NashraYAML

/// Screens authors' text.
enum TextScreen {
    /// What is wrong in a text, with places.
    ///
    /// Isolates must be closed within their paragraph.
    static func findings(in text: String, at start: SourcePlace) -> [Diagnostic] {
        var screen = Screen(place: start)
        for scalar in text.unicodeScalars { screen.take(scalar) }
        screen.endParagraph()
        screen.entities(in: text, at: start)
        return screen.diagnostics
    }

    /// What is wrong in any text of a document; escapes such as `\u202E` are decoded there.
    static func findings(in node: YAMLNode, file: String) -> [Diagnostic] {
        switch node.content {
        case .scalar(let text):
            findings(in: text, at: SourcePlace(file: file, line: node.mark.line, column: node.mark.column))
        case .sequence(let items): items.flatMap { findings(in: $0, file: file) }
        case .mapping(let entries): entries.flatMap { findings(in: $0.value, file: file) }
        }
    }

    private struct Screen {
        var place: SourcePlace
        var diagnostics: [Diagnostic] = []
        private var open: [SourcePlace] = []
        private var isBlankLine = true

        init(place: SourcePlace) { self.place = place }

        mutating func take(_ scalar: Unicode.Scalar) {
            check(scalar)
            if scalar == "\n" {
                if isBlankLine { endParagraph() }
                isBlankLine = true
                place.line += 1
                place.column = 1
            } else {
                if !scalar.properties.isWhitespace { isBlankLine = false }
                place.column += 1
            }
        }

        mutating func endParagraph() {
            for place in open {
                report(.unpairedIsolate, place, "this bidi isolate is never closed", "Close it with U+2069.")
            }
            open = []
        }

        private mutating func check(_ scalar: Unicode.Scalar) {
            let name = "U+" + String(scalar.value, radix: 16, uppercase: true)
            switch scalar.value {
            case 0x202A...0x202E:
                report(
                    .bidiOverride,
                    place,
                    "\(name) changes the direction of what follows",
                    "Remove it; direction comes from the language."
                )
            case 0x2066...0x2068: open.append(place)
            case 0x2069:
                if open.popLast() == nil {
                    report(
                        .unpairedIsolate,
                        place,
                        "\(name) closes a bidi isolate that was never opened",
                        "Remove it."
                    )
                }
            case 0xE000...0xF8FF, 0xF0000...0x10FFFF:
                report(
                    .privateUseCharacter,
                    place,
                    "\(name) is a private-use character",
                    "Remove it; it shows as a box."
                )
            default: break
            }
        }

        /// The same characters written as HTML entities, which Markdown decodes.
        mutating func entities(in text: String, at start: SourcePlace) {
            place = start
            var scalars = text.unicodeScalars[...]
            while let scalar = scalars.popFirst() {
                if scalar == "&", scalars.first == "#" {
                    let body = scalars.dropFirst().prefix(9)
                    let isHex = body.first == "x" || body.first == "X"
                    let digits = (isHex ? body.dropFirst() : body).prefix { $0.properties.isASCIIHexDigit }
                    let value = UInt32(String(String.UnicodeScalarView(digits)), radix: isHex ? 16 : 10)
                    if let decoded = value.flatMap(Unicode.Scalar.init) { check(decoded) }
                }
                if scalar == "\n" {
                    place.line += 1
                    place.column = 1
                } else {
                    place.column += 1
                }
            }
            endParagraph()
        }

        private mutating func report(
            _ rule: LintRule,
            _ place: SourcePlace,
            _ message: String,
            _ remedy: String
        ) {
            diagnostics.append(
                rule.diagnostic(
                    file: place.file,
                    line: place.line,
                    column: place.column,
                    message,
                    remedy: remedy
                )
            )
        }
    }
}
