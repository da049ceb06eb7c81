// SPDX-License-Identifier: Apache-2.0
//
// What a file must be before the YAML parser sees it: small, UTF-8, free of controls, and no bomb.
// Pure, on bytes. Characters: YAML 1.1 section 5.1, narrowed to what editors count as lines.
import NashraCore

/// The checks before parsing.
struct YAMLScreen {
    /// The file, for findings.
    let file: String
    /// The number of the first line.
    let firstLine: Int

    /// Checks the bytes and takes off a byte order mark.
    func text(_ bytes: [UInt8]) throws(YAMLFault) -> String {
        guard bytes.count <= YAMLDocument.maximumSizeInBytes else {
            throw YAMLFault(
                Diagnostic(
                    file: file,
                    "the file has \(bytes.count) bytes; the most we read is 1 MiB",
                    remedy: "Such files are small; look whether this is the right one."
                )
            )
        }
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        try checkCharacters(body)
        try checkReferences(body)
        return String(decoding: body, as: UTF8.self)
    }

    private func checkCharacters(_ body: ArraySlice<UInt8>) throws(YAMLFault) {
        var parser = Unicode.UTF8.ForwardParser()
        var bytes = body.makeIterator()
        var place = YAMLMark(line: firstLine, column: 1)
        var afterReturn = false
        reading: while true {
            switch parser.parseScalar(from: &bytes) {
            case .emptyInput: break reading
            case .error:
                throw fault(
                    at: place,
                    "a byte here is not UTF-8",
                    remedy: "Save the file as UTF-8 in your editor."
                )
            case .valid(let encoded):
                let scalar = Unicode.UTF8.decode(encoded)
                if afterReturn, scalar != "\n" { throw bareReturn(place) }
                afterReturn = scalar == "\r"
                if scalar == "\n" {
                    place = YAMLMark(line: place.line + 1, column: 1)
                } else if !afterReturn {
                    try check(scalar, at: place)
                    place = YAMLMark(line: place.line, column: place.column + 1)
                }
            }
        }
        if afterReturn { throw bareReturn(place) }
    }

    private func bareReturn(_ place: YAMLMark) -> YAMLFault {
        fault(
            at: place,
            "a carriage return without a line feed stands here",
            remedy: "Save the file with Unix (LF) or Windows (CR LF) line ends."
        )
    }

    private func check(_ scalar: Unicode.Scalar, at place: YAMLMark) throws(YAMLFault) {
        switch scalar.value {
        case 0x09, 0x20...0x7E, 0xA0...0x2027, 0x202A...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: return
        default:
            throw fault(
                at: place,
                "the character U+\(Self.hex(scalar.value)) may not stand in this file",
                remedy: "Delete it; editors show it as nothing or as a blank."
            )
        }
    }

    /// Refuses what would unfold to something huge before the parser could say so: many aliases of an anchor.
    ///
    /// Only what could be an anchor (`&name` where a value may begin) together with more than sixteen `*name` counts;
    /// single ones are found by ``YAMLDocument`` with their place.
    private func checkReferences(_ body: ArraySlice<UInt8>) throws(YAMLFault) {
        var aliases = 0
        var anchor: YAMLMark?
        var line = firstLine
        var column = 1
        var significant = UInt8(ascii: "\n")
        var previous = UInt8(ascii: "\n")
        for (index, byte) in zip(body.indices, body) {
            let next = index + 1 < body.endIndex ? body[index + 1] : 0x0A
            if byte == UInt8(ascii: "*"), Self.isName(next), !Self.isName(previous) { aliases += 1 }
            if byte == UInt8(ascii: "&"), Self.isName(next), Self.mayPrecedeValue(significant), anchor == nil
            {
                anchor = YAMLMark(line: line, column: column)
            }
            if byte == 0x0A {
                line += 1
                column = 0
                significant = byte
            } else if byte != 0x20 && byte != 0x09 && byte != 0x0D {
                significant = byte
            }
            if byte & 0xC0 != 0x80 { column += 1 }
            previous = byte
        }
        if let anchor, aliases > 16 { throw Self.reference(file, anchor) }
    }

    /// The finding about an anchor or alias.
    static func reference(_ file: String, _ mark: YAMLMark) -> YAMLFault {
        YAMLFault(
            Diagnostic(
                file: file,
                line: mark.line,
                column: mark.column,
                "anchors and aliases (&name, *name) are not read here",
                remedy: "Write the value out, or put it in quotes if it is meant as text."
            )
        )
    }

    private func fault(at place: YAMLMark, _ message: String, remedy: String) -> YAMLFault {
        YAMLFault(Diagnostic(file: file, line: place.line, column: place.column, message, remedy: remedy))
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
    }

    private static func mayPrecedeValue(_ byte: UInt8) -> Bool {
        isName(byte) || byte == 0x0A || ":-?[{,!>".utf8.contains(byte)
    }

    private static func hex(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
