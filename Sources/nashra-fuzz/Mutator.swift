// SPDX-License-Identifier: Apache-2.0
//
// Damages a mail the way mailers, gateways and attackers do: bytes, lines, fields, boundaries, encodings,
// nesting.
// Pure; the same random numbers give the same bytes.
import Foundation

/// A mail on its way to being damaged.
struct Mutator {
    private var random: SplitMix
    private(set) var bytes: [UInt8]
    private let corpus: [[UInt8]]
    /// Most mails are short, and so are most of these; every fiftieth may grow.
    private let largest: Int

    init(random: SplitMix, bytes: [UInt8], corpus: [[UInt8]]) {
        (self.random, self.bytes, self.corpus) = (random, bytes, corpus)
        largest = self.random.oneIn(50) ? 128 << 10 : max(12 << 10, bytes.count + bytes.count / 4)
    }

    mutating func mutate() {
        for _ in 0..<(1 + random.below(random.oneIn(8) ? 24 : 4)) {
            step()
            if bytes.count > largest { bytes.removeLast(bytes.count - largest) }
        }
    }

    private mutating func step() {
        switch random.below(24) {
        case 0: flip()
        case 1: insert(random.pick(Vocabulary.hostile))
        case 2: bytes.removeSubrange(random.range(in: bytes.count))
        case 3: insert(Array(bytes[random.range(in: bytes.count)]))
        case 4: if random.oneIn(4) { bytes.removeLast(random.below(bytes.count + 1)) }
        case 5: splice()
        case 6: bytes.removeSubrange(line())
        case 7: insertLine(Array(bytes[line()]))
        case 8: moveLine()
        case 9: joinLines()
        case 10: insert(random.oneIn(2) ? [13, 10] : [10])
        case 11, 12: insertLine(field())
        case 13, 14: replaceValue()
        case 15, 16: insert(Array(random.pick(Vocabulary.phrases).utf8))
        case 17: changeNumber()
        case 18, 19: changeBoundary()
        case 20: encodeRange()
        case 21: wrap()
        case 22: convertLineEnds()
        default: repeatRange()
        }
    }

    mutating func insert(_ new: [UInt8]) {
        bytes.insert(contentsOf: new, at: random.below(bytes.count + 1))
    }

    private mutating func flip() {
        guard !bytes.isEmpty else { return }
        for _ in 0..<(1 + random.below(4)) {
            let place = random.below(bytes.count)
            bytes[place] = random.oneIn(2) ? random.byte() : bytes[place] ^ (1 << UInt8(random.below(8)))
        }
    }

    /// The head of one mail and the tail of another, cut at line starts more often than not.
    private mutating func splice() {
        let other = random.pick(corpus)
        let tail = random.oneIn(2) ? random.below(other.count) : lineStart(other, random.below(other.count))
        let head = random.oneIn(2) ? random.below(bytes.count) : lineStart(bytes, random.below(bytes.count))
        if random.oneIn(2) {
            bytes = Array(bytes[..<min(head, bytes.count)]) + other[tail...]
        } else {
            bytes.insert(contentsOf: other[random.range(in: other.count)], at: head)
        }
    }
}

// Lines and fields
extension Mutator {
    private func lineStart(_ bytes: [UInt8], _ place: Int) -> Int {
        var start = min(place, bytes.count)
        while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
        return start
    }

    private func lineEnd(_ place: Int) -> Int {
        var end = place
        while end < bytes.count, bytes[end] != 0x0A { end += 1 }
        return min(end + 1, bytes.count)
    }

    /// The first lines are headers; they are chosen more often than their share.
    private mutating func line() -> Range<Int> {
        let place = random.below(random.oneIn(2) ? min(bytes.count, 3_000) : bytes.count)
        return lineStart(bytes, place)..<lineEnd(place)
    }

    private mutating func insertLine(_ new: [UInt8]) {
        bytes.insert(contentsOf: new, at: line().lowerBound)
    }

    private mutating func moveLine() {
        let moved = line()
        let text = Array(bytes[moved])
        bytes.removeSubrange(moved)
        insertLine(text)
    }

    private mutating func joinLines() {
        let end = line().upperBound
        guard end > 0, end <= bytes.count, bytes[end - 1] == 0x0A else { return }
        bytes.remove(at: end - 1)
    }

    private mutating func field() -> [UInt8] {
        let separator =
            random.oneIn(12) ? random.pick([":", " : ", ":\r\n ", ":\r\n\t", "", ":\u{0}"]) : ": "
        return Array(
            "\(random.pick(Vocabulary.fields))\(separator)\(value())\(random.oneIn(2) ? "\r\n" : "\n")".utf8
        )
    }

    mutating func value() -> String {
        switch random.below(8) {
        case 0: random.pick(Vocabulary.addresses)
        case 1: word()
        case 2: "text/plain; charset=\(random.pick(Vocabulary.charsets))"
        case 3: String(repeating: random.pick(Vocabulary.values), count: 1 + random.below(40))
        default: random.pick(Vocabulary.values)
        }
    }

    private mutating func word() -> String {
        let (charset, encoding) = (random.pick(Vocabulary.charsets), random.pick(["B", "Q", "b", "x"]))
        return "=?\(charset)?\(encoding)?\(random.pick(Vocabulary.values))?="
    }

    private mutating func replaceValue() {
        let range = line()
        guard let colon = bytes[range].firstIndex(of: UInt8(ascii: ":")) else { return }
        var end = range.upperBound
        while end > colon + 1, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
        let new = Array(" \(value())".utf8)
        bytes.replaceSubrange((colon + 1)..<max(colon + 1, end), with: new)
    }

    private mutating func changeNumber() {
        guard !bytes.isEmpty else { return }
        let start = random.below(bytes.count)
        guard let digit = bytes[start...].prefix(400).firstIndex(where: { (0x30...0x39).contains($0) }) else {
            return
        }
        let digits = bytes[digit...].prefix { (0x30...0x39).contains($0) }
        let new = random.pick([
            "", "0", "1", "4", "5", "9", "550", "-1", "99999999999999999999", "٥", "2147483648",
        ])
        bytes.replaceSubrange(digits.indices, with: Array(new.utf8))
    }
}

// Structure
extension Mutator {
    /// Plants, removes or changes a boundary that the mail names.
    private mutating func changeBoundary() {
        let start = random.below(bytes.count)
        guard let found = find("oundary=", from: random.oneIn(2) ? 0 : start) else { return }
        let name = bytes[(found + 8)...].prefix(80).drop { $0 == 0x22 }
            .prefix { $0 > 0x20 && $0 != 0x22 && $0 != UInt8(ascii: ";") }
        let cut = random.oneIn(4) ? Array(name.prefix(random.below(name.count + 1))) : Array(name)
        switch random.below(6) {
        case 0: bytes.replaceSubrange(name.indices, with: cut)
        case 1: bytes.replaceSubrange(name.indices, with: Array("b".utf8))
        case 2: insertLine(Array("--".utf8) + cut + Array("--\r\n".utf8))
        case 3: insert(Array("\r\n--".utf8) + cut + Array("\r\n".utf8))
        default:
            insertLine(
                Array("--".utf8) + cut + Array(random.pick(["\r\n", "\n", " \n", "--\n", "x\n", ""]).utf8)
            )
        }
    }

    private func find(_ word: String, from start: Int) -> Int? {
        let word = Array(word.utf8)
        guard bytes.count >= word.count else { return nil }
        var index = start
        while index + word.count <= bytes.count {
            if bytes[index] == word[0], bytes[index..<(index + word.count)].elementsEqual(word) {
                return index
            }
            index += 1
        }
        return nil
    }

    private mutating func encodeRange() {
        let range = random.range(in: bytes.count)
        let text = Array(bytes[range])
        let encoded: [UInt8]
        switch random.below(4) {
        case 0: encoded = Array(Data(text).base64EncodedData(options: .lineLength76Characters))
        case 1: encoded = text.flatMap { Array("=\(String($0, radix: 16, uppercase: true))".utf8) }
        case 2: encoded = Array("=?utf-8?B?\(Data(text).base64EncodedString())?=".utf8)
        default: encoded = text.flatMap { [$0, 0] }
        }
        bytes.replaceSubrange(range, with: encoded)
    }

    /// Puts the whole mail into another, up to twenty deep.
    private mutating func wrap() {
        for _ in 0..<(random.oneIn(6) ? 20 : 1 + random.below(3)) where bytes.count < largest {
            switch random.below(4) {
            case 0:
                let head = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                bytes = Array(head.utf8) + Data(bytes).base64EncodedData(options: .lineLength76Characters)
            case 1:
                bytes = Array("Content-Type: message/rfc822\r\n\r\n".utf8) + bytes
            case 2:
                let boundary = random.pick(["b", "bb", "b--", "=_1", "b c"])
                let head = "Content-Type: multipart/mixed; boundary=\"\(boundary)\"\r\n\r\n--\(boundary)\r\n"
                bytes = Array(head.utf8) + bytes + Array("\r\n--\(boundary)--\r\n".utf8)
            default:
                bytes = MailGrammar.report(&random, original: bytes)
            }
        }
    }

    private mutating func convertLineEnds() {
        let end: [UInt8] = random.pick([[13], [10], [13, 10], [10, 13], [13, 13, 10]])
        var converted: [UInt8] = []
        converted.reserveCapacity(bytes.count)
        for byte in bytes where byte != 0x0D {
            if byte == 0x0A { converted += end } else { converted.append(byte) }
        }
        bytes = converted
    }

    private mutating func repeatRange() {
        let chunk = Array(bytes[random.range(in: bytes.count)])
        guard !chunk.isEmpty else { return }
        let most = min(random.oneIn(20) ? 4_000 : 40, largest / chunk.count)
        insert(Array(repeatElement(chunk, count: 1 + random.below(most + 1)).joined()))
    }
}
