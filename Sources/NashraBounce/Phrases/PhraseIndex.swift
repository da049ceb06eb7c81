// SPDX-License-Identifier: Apache-2.0
//
// Finds thousands of phrases in folded text at once: from each start of a word it walks down the sorted phrases, narrowing
// their range byte by byte. Pure. Linear in the text; a table of the first two bytes spares most words the walk.

/// Where phrases occur in folded text.
///
/// A phrase begins and ends at the edge of a word: a letter or digit of ASCII does not go on there. A `*` inside a phrase
/// stands for at most ``gap`` bytes.
///
/// A class, so that tables which hold one are copied for nothing; it never changes.
final class PhraseIndex: Sendable {
    /// One occurrence.
    struct Hit: Equatable {
        /// The phrase's place in the list that the index was made of.
        var phrase: Int
        /// Where it begins in the text.
        var start: Int
        /// Where it ends.
        var end: Int
    }

    /// How many bytes a `*` covers at most.
    static let gap = 96

    /// The first pieces of the phrases, sorted, without repetitions, one behind the other.
    private let heads: [UInt8]
    /// Where each head begins in `heads`, and where the last one ends.
    private let starts: [Int32]
    /// For each head, the phrases that begin with it: a range of `order`, ended by the next head's.
    private let owners: [Int32]
    /// Phrases in the order of their heads.
    private let order: [Int32]
    /// For each phrase, the pieces behind its first `*`.
    private let tails: [[[UInt8]]]
    /// The first head of each pair of bytes.
    private let pairs: [UInt16]

    /// Indexes phrases.
    ///
    /// - Parameter phrases: Folded already; those shorter than two bytes before their first `*` are never found.
    init(_ phrases: [[UInt8]]) {
        let pieces = phrases.map(Self.pieces)
        var order = pieces.indices.filter { (pieces[$0].first?.count ?? 0) >= 2 }.map(Int32.init)
        order.sort { pieces[Int($0)][0].lexicographicallyPrecedes(pieces[Int($1)][0]) }
        var heads: [UInt8] = []
        var starts: [Int32] = [0]
        var owners: [Int32] = []
        var last: [UInt8] = []
        for (place, phrase) in order.enumerated() {
            let head = pieces[Int(phrase)][0]
            if head != last {
                heads += head
                starts.append(Int32(heads.count))
                owners.append(Int32(place))
                last = head
            }
        }
        owners.append(Int32(order.count))
        tails = pieces.map { Array($0.dropFirst()) }
        pairs = Self.pairs(heads, starts)
        self.heads = heads
        self.starts = starts
        self.owners = owners
        self.order = order
    }

    /// A phrase cut at its stars, without the blanks around them.
    private static func pieces(_ phrase: [UInt8]) -> [[UInt8]] {
        phrase.split(separator: UInt8(ascii: "*")).map { Array(ByteSearch.trimmed($0)) }.filter {
            !$0.isEmpty
        }
    }

    /// The first head of each pair of bytes, and how many heads there are.
    private static func pairs(_ heads: [UInt8], _ starts: [Int32]) -> [UInt16] {
        var pairs = [UInt16](repeating: 0, count: 65_537)
        var head = 0
        for pair in 0..<65_536 {
            pairs[pair] = UInt16(head)
            while head < starts.count - 1 {
                let start = Int(starts[head])
                guard Int(heads[start]) << 8 | Int(heads[start + 1]) == pair else { break }
                head += 1
            }
        }
        pairs[65_536] = UInt16(head)
        return pairs
    }

    /// Calls `body` for each occurrence, in the order of their starts.
    func forEach(in text: Span<UInt8>, _ body: (Hit) -> Void) {
        guard text.count >= 2 else { return }
        var start = 0
        while start < text.count - 1 {
            if Self.isEdge(text, start) { walk(text, from: start, body) }
            start += 1
        }
    }

    /// Whether a phrase may begin, or end, before `place`.
    private static func isEdge(_ text: Span<UInt8>, _ place: Int) -> Bool {
        guard place > 0, place < text.count else { return true }
        let byte = text[place]
        if byte & 0xC0 == 0x80 { return false }
        return !(isWord(byte) && isWord(text[place - 1]))
    }

    private static func isWord(_ byte: UInt8) -> Bool { byte.isASCIILetter || byte.isASCIIDigit }

    /// Reports every head that stands at `start`.
    private func walk(_ text: Span<UInt8>, from start: Int, _ body: (Hit) -> Void) {
        let pair = Int(text[start]) << 8 | Int(text[start + 1])
        var low = Int(pairs[pair])
        var high = Int(pairs[pair + 1])
        var depth = 2
        let heads = heads
        let starts = starts
        while low < high {
            if Int(starts[low + 1] - starts[low]) == depth {
                if Self.isEdge(text, start + depth) { report(low, text, start, start + depth, body) }
                low += 1
            }
            guard start + depth < text.count, low < high else { return }
            let byte = text[start + depth]
            while low < high, heads[Int(starts[low]) + depth] < byte { low += 1 }
            var end = low
            while end < high, heads[Int(starts[end]) + depth] == byte { end += 1 }
            high = end
            depth += 1
        }
    }

    /// Reports the phrases that begin with a head found, when their other pieces follow.
    private func report(_ head: Int, _ text: Span<UInt8>, _ start: Int, _ end: Int, _ body: (Hit) -> Void) {
        for place in Int(owners[head])..<Int(owners[head + 1]) {
            let phrase = Int(order[place])
            var position: Int? = end
            for piece in tails[phrase] {
                guard let from = position else { break }
                position = Self.find(piece, in: text, from: from, to: from + Self.gap)
            }
            if let position { body(Hit(phrase: phrase, start: start, end: position)) }
        }
    }

    /// Where `piece` ends when it begins in `from...to`.
    private static func find(_ piece: [UInt8], in text: Span<UInt8>, from: Int, to: Int) -> Int? {
        guard piece.count > 0 else { return from }
        var start = from
        while start <= to, start + piece.count <= text.count {
            if text[start] == piece[0], isEdge(text, start), isEdge(text, start + piece.count) {
                var matched = 1
                while matched < piece.count, text[start + matched] == piece[matched] { matched += 1 }
                if matched == piece.count { return start + matched }
            }
            start += 1
        }
        return nil
    }
}
