// SPDX-License-Identifier: Apache-2.0
//
// Domains beyond ASCII that were turned into A-labels before: a file of a million people has few of them, and each
// costs libidn2 some microseconds.
// Pure and bounded; owned by whoever reads many addresses, and never shared.

/// Remembers the A-labels of domains.
public struct DomainMemory: Sendable {
    private let limit: Int
    private var known: [[UInt8]: String] = [:]

    /// Remembers nothing yet.
    ///
    /// - Parameter limit: How many domains are remembered at most; then it begins anew.
    public init(limit: Int = 10_000) { self.limit = limit }

    /// How many domains are remembered at the moment.
    var count: Int { known.count }

    /// The same as ``DomainName``'s; what is refused is not remembered.
    mutating func aLabels(
        _ bytes: ArraySlice<UInt8>,
        isLowerASCII: Bool,
        offset: Int
    ) throws(AddressFault) -> String {
        guard limit > 0, !isLowerASCII, bytes.contains(where: { $0 >= 0x80 }) else {
            return try DomainName.aLabels(bytes, isLowerASCII: isLowerASCII, offset: offset)
        }
        let key = Array(bytes)
        if let labels = known[key] { return labels }
        let labels = try DomainName.aLabels(bytes, isLowerASCII: false, offset: offset)
        if known.count >= limit { known.removeAll(keepingCapacity: true) }
        known[key] = labels
        return labels
    }
}
