// SPDX-License-Identifier: Apache-2.0
//
// A kind of input that is no mail: makes its own inputs and reads them.
// Pure, but for the examples it is made with.

/// Something that is fuzzed with inputs of its own.
protocol Subject {
    /// An input; the same random numbers give the same bytes.
    func input(_ random: inout SplitMix) -> [UInt8]
    /// Reads an input; returns a word about the result for the statistics.
    func read(_ bytes: [UInt8]) throws(Fault) -> String
}

extension Subject {
    /// Damages a short text: bytes, pieces of the vocabulary, pieces of other examples.
    static func damage(
        _ start: [UInt8],
        with vocabulary: [[UInt8]],
        others: [[UInt8]],
        _ random: inout SplitMix
    ) -> [UInt8] {
        var bytes = start
        for _ in 0..<(1 + random.below(random.oneIn(8) ? 16 : 4)) {
            let place = random.below(bytes.count + 1)
            switch random.below(9) {
            case 0: bytes.insert(random.byte(), at: place)
            case 1, 2: bytes.insert(contentsOf: random.pick(vocabulary), at: place)
            case 3: bytes.removeSubrange(random.range(in: bytes.count))
            case 4: bytes.insert(contentsOf: Array(bytes[random.range(in: bytes.count)]), at: place)
            case 5: bytes.replaceSubrange(random.range(in: bytes.count), with: random.pick(vocabulary))
            case 6:
                let other = random.pick(others)
                bytes.insert(contentsOf: other[random.range(in: other.count)], at: place)
            case 7: bytes = Array(bytes.prefix(place)) + random.pick(others).suffix(random.below(64))
            default:
                guard !bytes.isEmpty else { continue }
                bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
            }
        }
        return bytes
    }
}
