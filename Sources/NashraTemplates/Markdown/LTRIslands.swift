// SPDX-License-Identifier: Apache-2.0
//
// Finds what must run left to right inside a line of Arabic: addresses, file names, telephone numbers, codes,
// dates.
// Pure, on bytes. Plain Latin words need no help; it is separators and digits that the bidi algorithm (UAX 9)
// turns round.

/// Cuts text into islands and the rest.
enum LTRIslands {
    /// A stretch of text.
    struct Piece: Hashable {
        var text: String
        var isIsland: Bool
    }

    /// The text, cut; joined it is the same again.
    static func pieces(of text: String) -> [Piece] {
        let bytes = Array(text.utf8)
        var pieces: [Piece] = []
        var start = 0
        var index = 0
        while index < bytes.count {
            guard isGraphic(bytes[index]) else {
                index += 1
                continue
            }
            let end = bytes[index...].firstIndex { !isGraphic($0) } ?? bytes.count
            guard let island = island(in: bytes, run: index..<end) else {
                index = end
                continue
            }
            append(bytes[start..<island.lowerBound], isIsland: false, to: &pieces)
            append(bytes[island], isIsland: true, to: &pieces)
            start = island.upperBound
            index = max(end, start)
        }
        append(bytes[start...], isIsland: false, to: &pieces)
        return pieces
    }

    private static func append(_ bytes: ArraySlice<UInt8>, isIsland: Bool, to pieces: inout [Piece]) {
        guard !bytes.isEmpty else { return }
        pieces.append(Piece(text: String(decoding: bytes, as: UTF8.self), isIsland: isIsland))
    }

    /// The island within a run of graphic ASCII; it may reach further when the run opens a telephone number.
    private static func island(in bytes: [UInt8], run: Range<Int>) -> Range<Int>? {
        var core = run
        while let first = core.first, !isAlphanumeric(bytes[first]), !opening.contains(bytes[first]) {
            core.removeFirst()
        }
        while let last = core.last, !isAlphanumeric(bytes[last]), bytes[last] != UInt8(ascii: "/") {
            core.removeLast()
        }
        guard core.contains(where: { isAlphanumeric(bytes[$0]) }) else { return nil }
        if let number = telephone(in: bytes, from: core) { return number }
        return core.contains { separators.contains(bytes[$0]) } ? core : nil
    }

    /// A number in groups, such as `+966 11 401 1111`: at least seven digits, or a plus in front.
    private static func telephone(in bytes: [UInt8], from core: Range<Int>) -> Range<Int>? {
        guard core.allSatisfy({ isDigit(bytes[$0]) || "+()-.".utf8.contains(bytes[$0]) }) else { return nil }
        var end = core.upperBound
        while end + 1 < bytes.count, bytes[end] == 0x20, isDigit(bytes[end + 1]) {
            end = bytes[(end + 1)...].firstIndex { !isDigit($0) && $0 != 0x2D } ?? bytes.count
        }
        while end > core.lowerBound, !isDigit(bytes[end - 1]) { end -= 1 }
        let digits = bytes[core.lowerBound..<end].count(where: isDigit)
        guard end > core.lowerBound, digits >= 7 || bytes[core.lowerBound] == UInt8(ascii: "+") else {
            return nil
        }
        return core.lowerBound..<end
    }

    private static let opening = Set("+#@/".utf8)
    private static let separators = Set("+#@/.-_:=&?%~[]()".utf8)

    private static func isGraphic(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (0x61...0x7A).contains(byte | 0x20)
    }
}
