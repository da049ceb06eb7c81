// SPDX-License-Identifier: Apache-2.0
//
// The first few rows of each kind, for the plan of an import.
// Pure values.

/// A few rows of one kind, those with the lowest lines.
public struct ImportSamples: Sendable, Hashable {
    /// One row.
    public struct Sample: Sendable, Hashable {
        /// Its line, from 1; 0 for somebody who is not in the file.
        public var line: Int
        /// Its address, or words about it.
        public var text: String
    }

    /// How many are kept.
    public static let kept = 5

    /// The rows, by line.
    public private(set) var samples: [Sample] = []

    /// None yet.
    public init() {}

    /// Whether a row of this line would be kept; ask before making words.
    func wants(_ line: Int) -> Bool {
        samples.count < Self.kept || samples.last.map { line < $0.line } ?? true
    }

    mutating func add(_ line: Int, _ text: String) {
        guard wants(line) else { return }
        let place = samples.firstIndex { $0.line > line } ?? samples.count
        samples.insert(Sample(line: line, text: text), at: place)
        if samples.count > Self.kept { samples.removeLast() }
    }
}
