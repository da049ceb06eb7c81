// SPDX-License-Identifier: Apache-2.0
//
// How numbers are to be shown: as days, as times, with leading zeros, or as they are.
// Reads the styles of a workbook. Rules: ECMA-376 part 1, 18.8.30 (built-in formats) and 18.8.31 (format codes).
import NashraCore

/// What a number stands for.
enum NumberKind: Equatable {
    case plain
    /// A day, or a moment, counted in days.
    case date
    /// A time of the day.
    case time
    /// A number shown with at least so many digits, as telephone and identity numbers are.
    case padded(Int)

    /// The kind of a format that every workbook knows by its number.
    init?(builtIn number: Int) {
        switch number {
        case 14...17, 22, 27...31, 34...36, 50...54, 57...58: self = .date
        case 18...21, 32...33, 45, 47, 55...56: self = .time
        case 0...13, 37...44, 46, 48, 49: self = .plain
        default: return nil
        }
    }

    /// The kind of a format code, such as `dd/mm/yyyy` or `[$-2010401]yyyy`.
    init(code: String) {
        self = .plain
        let bytes = Array(code.utf8)
        if !bytes.isEmpty, bytes.count <= 30, bytes.allSatisfy({ $0 == UInt8(ascii: "0") }) {
            if bytes.count > 1 { self = .padded(bytes.count) }
            return
        }
        let letters = Self.letters(of: bytes)
        if letters.isElapsed || letters.text == "general" { return }
        if letters.text.contains(where: { $0 == "d" || $0 == "y" }) {
            self = .date
        } else if letters.text.contains(where: { $0 == "h" || $0 == "s" }) {
            self = .time
        } else if letters.text.contains("m") {
            self = .date
        }
    }

    /// The letters of the first section that are not text, and whether it counts hours beyond a day, as `[h]` does.
    private static func letters(of code: [UInt8]) -> (text: String, isElapsed: Bool) {
        var text: [UInt8] = []
        var isElapsed = false
        var index = 0
        while index < code.count, code[index] != UInt8(ascii: ";") {
            switch code[index] {
            case UInt8(ascii: "\""):
                index = code[(index + 1)...].firstIndex(of: UInt8(ascii: "\"")) ?? code.count
            case UInt8(ascii: "\\"), UInt8(ascii: "_"), UInt8(ascii: "*"):
                index += 1
            case UInt8(ascii: "["):
                let end = code[index...].firstIndex(of: UInt8(ascii: "]")) ?? code.count
                let inside = code[(index + 1)..<max(index + 1, end)].map { $0 | 0x20 }
                if let first = inside.first, inside.allSatisfy({ $0 == first }), "hms".utf8.contains(first) {
                    isElapsed = true
                }
                index = end
            case let byte where byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A: text.append(byte | 0x20)
            default: break
            }
            index += 1
        }
        return (String(decoding: text, as: UTF8.self), isElapsed)
    }
}

/// What the numbers of each style stand for.
struct CellStyles {
    private var kinds: [NumberKind] = []

    /// Styles of nothing: every number is plain.
    init() {}

    static let most = 65_536

    /// Reads the styles of a workbook.
    init(_ part: String, of parts: any PackageParts) throws(UserError) {
        var codes: [Int: NumberKind] = [:]
        var found: [NumberKind] = []
        var isInCells = false
        var reader = try PartReader(part, of: parts)
        while true {
            switch try reader.next() {
            case .start where reader.at.isNamed("numFmt"):
                if let id = reader.at.attribute("numFmtId").flatMap(CellReference.number),
                    codes.count < Self.most
                {
                    codes[id] = NumberKind(code: reader.at.attributeText("formatCode") ?? "")
                }
            case .start where reader.at.isNamed("cellXfs"): isInCells = true
            case .end where reader.at.isNamed("cellXfs"): isInCells = false
            case .start where isInCells && reader.at.isNamed("xf"):
                let id = reader.at.attribute("numFmtId").flatMap(CellReference.number) ?? 0
                if found.count < Self.most { found.append(codes[id] ?? NumberKind(builtIn: id) ?? .plain) }
            case .done:
                kinds = found
                return
            default: break
            }
        }
    }

    /// What the numbers of a style stand for.
    func kind(of style: Int) -> NumberKind { kinds.indices.contains(style) ? kinds[style] : .plain }
}
