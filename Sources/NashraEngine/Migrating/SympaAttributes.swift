// SPDX-License-Identifier: Apache-2.0
//
// Sympa's custom attributes: a line of XML of one fixed shape, read without an XML parser and so without its dangers.
// Pure. Shape: Sympa::Tools::Data::encode_custom_attribute.

/// Reads `<custom_attribute id="city"><value>…</value></custom_attribute>`, one after the other.
enum SympaAttributes {
    /// The attributes in their order; what is not of that shape is passed over.
    static func read(_ xml: String) -> [(name: String, text: String)] {
        var attributes: [(name: String, text: String)] = []
        var rest = xml[...]
        while attributes.count < 100, let open = rest.firstRange(of: "<custom_attribute id=\"") {
            rest = rest[open.upperBound...]
            guard let quote = rest.firstIndex(of: "\""), let value = rest.firstRange(of: "<value>"),
                let end = rest.firstRange(of: "</value>"), value.upperBound <= end.lowerBound
            else { break }
            attributes.append((decoded(rest[..<quote]), decoded(rest[value.upperBound..<end.lowerBound])))
            rest = rest[end.upperBound...]
        }
        return attributes
    }

    /// Text with character references and the five named entities resolved; others stay as they are.
    private static func decoded(_ text: Substring) -> String {
        var result = ""
        var rest = text
        while let ampersand = rest.firstIndex(of: "&") {
            result += rest[..<ampersand]
            rest = rest[rest.index(after: ampersand)...]
            guard let end = rest.prefix(10).firstIndex(of: ";"), let scalar = scalar(rest[..<end]) else {
                result += "&"
                continue
            }
            result.unicodeScalars.append(scalar)
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static func scalar(_ name: Substring) -> Unicode.Scalar? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let code = digits.lowercased().hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return code.flatMap(Unicode.Scalar.init)
    }
}
