// SPDX-License-Identifier: Apache-2.0
//
// Character references of HTML that mail uses: numbers, the five of XML, Latin 1, and some punctuation.
// Pure.
// Rules: HTML Living Standard sections 13.2.5.80 and 13.5; the Latin 1 names are those of HTML 4.01, section
// 24.2.1.

/// Reads the name between `&` and `;`.
enum HTMLEntities {
    /// The character of a reference, `nil` when the name is not known.
    ///
    /// A number that is no character gives U+FFFD.
    static func scalar(_ name: ArraySlice<UInt8>) -> Unicode.Scalar? {
        guard let first = name.first else { return nil }
        if first == UInt8(ascii: "#") { return number(name.dropFirst()) }
        let text = String(decoding: name, as: UTF8.self)
        if let value = marks[text] { return Unicode.Scalar(value) }
        guard let place = latin.firstIndex(of: text) else { return nil }
        return Unicode.Scalar(UInt32(0xA0 + place))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Unicode.Scalar? {
        let isHexadecimal = digits.first.map(ASCII.lower) == UInt8(ascii: "x")
        let digits = isHexadecimal ? digits.dropFirst() : digits
        guard !digits.isEmpty else { return nil }
        var value: UInt32 = 0
        for byte in digits {
            guard let digit = ASCII.hexadecimal(byte), isHexadecimal || digit < 10 else { return nil }
            value = min(value * (isHexadecimal ? 16 : 10) + UInt32(digit), 0x11_0000)
        }
        guard value >= 0x80, value <= 0x9F else { return Unicode.Scalar(value) ?? "\u{FFFD}" }
        let text = Charset.windows1252.utf8([UInt8(truncatingIfNeeded: value)])
        return String(decoding: text, as: UTF8.self).unicodeScalars.first
    }

    private static let marks: [String: UInt32] = [
        "lt": 0x3C, "gt": 0x3E, "amp": 0x26, "quot": 0x22, "apos": 0x27, "LT": 0x3C, "GT": 0x3E, "AMP": 0x26,
        "QUOT": 0x22, "ndash": 0x2013, "mdash": 0x2014, "lsquo": 0x2018, "rsquo": 0x2019, "sbquo": 0x201A,
        "ldquo": 0x201C, "rdquo": 0x201D, "bdquo": 0x201E, "bull": 0x2022, "hellip": 0x2026, "lsaquo": 0x2039,
        "rsaquo": 0x203A, "euro": 0x20AC, "trade": 0x2122, "rarr": 0x2192, "larr": 0x2190, "oelig": 0x153,
        "OElig": 0x152, "scaron": 0x161, "Scaron": 0x160, "Yuml": 0x178, "zwnj": 0x200C, "zwj": 0x200D,
        "lrm": 0x200E, "rlm": 0x200F, "ensp": 0x20, "emsp": 0x20, "thinsp": 0x20, "commat": 0x40,
        "colon": 0x3A,
        "period": 0x2E, "lpar": 0x28, "rpar": 0x29, "sol": 0x2F, "num": 0x23, "NewLine": 0x0A, "Tab": 0x09,
    ]

    /// From U+00A0 on.
    private static let latin = [
        "nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar", "sect", "uml", "copy", "ordf", "laquo",
        "not", "shy",
        "reg", "macr", "deg", "plusmn", "sup2", "sup3", "acute", "micro", "para", "middot", "cedil", "sup1",
        "ordm",
        "raquo", "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc", "Atilde", "Auml",
        "Aring", "AElig",
        "Ccedil", "Egrave", "Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH", "Ntilde",
        "Ograve",
        "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute", "Ucirc", "Uuml", "Yacute",
        "THORN",
        "szlig", "agrave", "aacute", "acirc", "atilde", "auml", "aring", "aelig", "ccedil", "egrave",
        "eacute", "ecirc",
        "euml", "igrave", "iacute", "icirc", "iuml", "eth", "ntilde", "ograve", "oacute", "ocirc", "otilde",
        "ouml",
        "divide", "oslash", "ugrave", "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml",
    ]
}
