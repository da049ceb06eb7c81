// SPDX-License-Identifier: Apache-2.0
//
// "Did you mean": the known word nearest to one that was mistyped.
// Pure. Damerau-Levenshtein (optimal string alignment), bounded.

/// Finds the word that somebody probably meant.
public enum Suggestion {
    /// The nearest of `known` to `word`, or `nil` when none is near: at most a third of its length away.
    ///
    /// - Parameters:
    ///   - word: What was written; only the first 64 scalars count.
    ///   - known: What could have been meant.
    /// - Returns: One of `known`.
    public static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        let target = Array(word.lowercased().unicodeScalars.prefix(64))
        var best: (word: String, distance: Int)?
        for candidate in known {
            let scalars = Array(candidate.lowercased().unicodeScalars.prefix(64))
            let limit = max(1, max(target.count, scalars.count) / 3)
            let distance = Self.distance(target, scalars)
            if distance <= limit, distance < (best?.distance ?? .max) { best = (candidate, distance) }
        }
        return best?.word
    }

    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        for (row, a) in left.enumerated() {
            var current = [row + 1] + [Int](repeating: 0, count: right.count)
            for (column, b) in right.enumerated() {
                var cost = min(
                    previous[column + 1] + 1,
                    current[column] + 1,
                    previous[column] + (a == b ? 0 : 1)
                )
                if row > 0, column > 0, a == right[column - 1], left[row - 1] == b {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current[column + 1] = cost
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}
