// SPDX-License-Identifier: Apache-2.0
//
// Colours and typefaces of a mail, from templates/theme.yaml.
// Pure. Values are checked before they reach a style attribute; there is no other way in.
import NashraCore

/// The tokens that layouts and the Markdown renderer style with.
public struct Theme: Sendable, Hashable {
    /// The values by name: what ``defaults`` names, all present.
    public let values: [String: String]

    /// The shipped look.
    ///
    /// Colours keep 4.5:1 on their ground; none is pure white or black, so that clients which
    /// turn colours round leave something readable.
    public static let defaults: [String: String] = [
        "page": "#eef1f4", "surface": "#fdfdfc", "ink": "#1f2a33", "muted": "#55616d", "border": "#d5dce2",
        "soft": "#f1f5f4", "accent": "#0f4c4f", "accent_ink": "#f6faf9", "link": "#0b5c8a",
        "danger": "#9b2c1f",
        "font_arabic":
            "'Segoe UI',Tahoma,'Geeza Pro','SF Arabic','Noto Sans Arabic','Droid Arabic Naskh',Arial,"
            + "sans-serif",
        "font_latin": "'Segoe UI',-apple-system,Roboto,'Helvetica Neue',Arial,sans-serif",
        "font_mono": "Consolas,Menlo,'DejaVu Sans Mono','Courier New',monospace",
    ]

    /// The shipped look.
    public static let standard = Theme(checked: defaults)

    private init(checked: [String: String]) { values = checked }

    /// Reads a theme.
    ///
    /// - Parameter given: Values by name; what is not given keeps its default.
    /// - Returns: The theme, and a sentence for every name whose value was not taken.
    public static func make(from given: [String: String]) -> (
        theme: Theme, faults: [(name: String, message: String)]
    ) {
        var values = defaults
        var faults: [(name: String, message: String)] = []
        for (name, value) in given.sorted(by: { $0.key < $1.key }) {
            if defaults[name] == nil {
                let meant = Suggestion.nearest(to: name, among: defaults.keys.sorted())
                faults.append(
                    (name, "there is no token “\(name)”" + (meant.map { "; did you mean “\($0)”?" } ?? ""))
                )
            } else if name.hasPrefix("font_") ? isFontList(value) : isColour(value) {
                values[name] = value
            } else {
                let form = name.hasPrefix("font_") ? "names with commas and single quotes" : "#rrggbb"
                faults.append((name, "“\(name)” must be \(form)"))
            }
        }
        return (Theme(checked: values), faults)
    }

    /// One token's value.
    subscript(_ name: String) -> String { values[name] ?? "" }

    /// The typefaces for a direction.
    func font(for direction: Language.Direction) -> String {
        self[direction == .rightToLeft ? "font_arabic" : "font_latin"]
    }

    private static func isColour(_ value: String) -> Bool {
        value.utf8.count == 7 && value.utf8.first == UInt8(ascii: "#")
            && value.utf8.dropFirst().allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20)
            }
    }

    private static func isFontList(_ value: String) -> Bool {
        !value.isEmpty && value.utf8.count <= 300
            && value.utf8.count { $0 == UInt8(ascii: "'") }.isMultiple(of: 2)
            && value.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
                    || " ,-'".utf8.contains(byte)
            }
    }
}
