// SPDX-License-Identifier: Apache-2.0
//
// What is worth saying about the rows of a file that were taken: addresses that had to be cleaned or look odd, values
// that were left out.
// Pure. Bounded: some samples of each kind, and counts.
public import NashraCore

/// Notes about rows, summed over a file.
public struct RowNotes: Sendable {
    /// One address that looks odd.
    public struct Sample: Sendable, Hashable {
        /// The row's line, from 1.
        public var line: Int
        /// The address as it was given.
        public var address: String
        /// What is odd.
        public var finding: AddressFinding
    }

    /// Values of one attribute that were left out because its schema says `on_error: skip`.
    public struct LeftOut: Sendable, Hashable {
        /// How many.
        public var count = 0
        /// The first line with one.
        public var firstLine: Int
        /// What was wrong with the first one.
        public var reason: String
    }

    /// How many samples of a kind are kept.
    public static let keptSamples = 20

    /// How many addresses were cleaned, by what was taken away.
    public private(set) var cleaned: [CleanedAddress.Cleaning: Int] = [:]
    /// How many addresses look odd, by kind.
    public private(set) var odd: [AddressFinding.Kind: Int] = [:]
    /// The first addresses of each kind that look odd, by line.
    public private(set) var samples: [Sample] = []
    /// Values that were left out, by attribute.
    public private(set) var leftOut: [String: LeftOut] = [:]

    private var findings: AddressFindings
    /// The domains beyond ASCII that were met: it lasts as long as the notes, one file.
    var domains = DomainMemory()

    /// Begins to take notes.
    ///
    /// - Parameter ownDomains: The organisation's domains as A-labels; what looks like them is noted.
    public init(ownDomains: some Sequence<String> = []) {
        findings = AddressFindings(ownDomains: ownDomains)
    }

    /// Notes what is odd about an address.
    public mutating func note(_ address: EmailAddress, line: Int) {
        for finding in findings.findings(for: address) {
            let count = (odd[finding.kind] ?? 0) + 1
            odd[finding.kind] = count
            guard count <= Self.keptSamples else { continue }
            samples.append(Sample(line: line, address: address.text, finding: finding))
        }
    }

    mutating func note(_ cleanings: Set<CleanedAddress.Cleaning>) {
        for cleaning in cleanings { cleaned[cleaning, default: 0] += 1 }
    }

    mutating func note(_ fault: AttributeFault, line: Int) {
        leftOut[fault.name, default: LeftOut(firstLine: line, reason: fault.reason)].count += 1
    }
}
