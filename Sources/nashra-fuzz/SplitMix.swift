// SPDX-License-Identifier: Apache-2.0
//
// Random numbers that are the same for the same seed, on every machine and in every version of Swift.
// Pure.
// Rules: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.

/// A source of random numbers; one for each run, so that a run can be made again by its number.
struct SplitMix {
    private var state: UInt64

    /// `stream` tells the kinds of inputs apart.
    init(seed: UInt64, stream: String, run: Int) {
        state = stream.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        state = state &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: run)
        state = next() ^ UInt64(truncatingIfNeeded: run) &* 0xD6E8_FEB8_6659_FD93
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number in 0..<limit; 0 when there is none.
    mutating func below(_ limit: Int) -> Int {
        limit > 1 ? Int(truncatingIfNeeded: next() >> 33) % limit : 0
    }

    /// True once in `count` times.
    mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

    mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: next() >> 40) }

    /// One of `choices`, which must not be empty.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice { choices[below(choices.count)] }

    /// A range within `count`, short ones far more often than long ones.
    mutating func range(in count: Int) -> Range<Int> {
        let start = below(count)
        let longest = oneIn(10) ? count : oneIn(3) ? 400 : 16
        return start..<min(count, start + below(longest + 1))
    }
}
