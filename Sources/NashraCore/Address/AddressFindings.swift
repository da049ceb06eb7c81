// SPDX-License-Identifier: Apache-2.0
//
// What is odd about an address that is one: a typo of a common domain, an office's name, a tag, a look-alike.
// Pure. Findings are reported and never acted upon: nobody's address is changed or merged.
// Rules: docs/addresses.md, "What is reported"; RFC 2142, RFC 5233 (tags), UTS 39 (look-alikes).

/// Something about an address that its owner's office may want to look at.
public struct AddressFinding: Hashable, Sendable {
    /// What kind of thing.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The domain is one slip away from one that many people have, or its end does not exist.
        case typo
        /// The domain looks like a common one or like our own, and is not; or its letters are of several alphabets.
        case lookalike
        /// An office's address: many may read it, and it says nothing of who agreed.
        case role
        /// It has a tag (`a+tag@b`): the same person as the address without it.
        case tag
    }

    /// What kind of thing.
    public var kind: Kind
    /// The address that was probably meant, or the one without its tag; `nil` when there is none to suggest.
    public var suggestion: String?
    /// What is odd, in words without the address: the end of a sentence that begins with it.
    public var words: String

    /// Makes a finding.
    public init(_ kind: Kind, suggestion: String? = nil, words: String) {
        self.kind = kind
        self.suggestion = suggestion
        self.words = words
    }
}

/// Looks for ``AddressFinding``s, in some hundred nanoseconds for an address whose domain was seen before.
///
/// A value with a memory of domains: keep one for a whole import.
public struct AddressFindings: Sendable {
    /// How many domains are remembered; then the memory begins anew.
    private let remembered: Int
    private let own: Set<String>
    private let skeletons: [String: String]
    private var verdicts: [String: DomainVerdict] = [:]

    /// What a domain is: in order, or something with another domain to suggest.
    private struct DomainVerdict {
        let kind: AddressFinding.Kind
        let suggestion: String?
        let words: String
    }

    /// Begins to look.
    ///
    /// - Parameter ownDomains: The organisation's domains, as A-labels; what looks like them is reported too.
    public init(ownDomains: some Sequence<String> = []) {
        self.init(ownDomains: ownDomains, remembered: 50_000)
    }

    init(ownDomains: some Sequence<String>, remembered: Int) {
        self.remembered = remembered
        own = Set(ownDomains)
        var skeletons: [String: String] = [:]
        for domain in CommonDomains.names.union(own).sorted() {
            skeletons[Lookalikes.skeleton(DomainName.uLabels(domain))] = domain
        }
        self.skeletons = skeletons
    }

    /// How many domains are remembered at the moment.
    var rememberedCount: Int { verdicts.count }

    /// What is odd about an address; mostly nothing.
    public mutating func findings(for address: EmailAddress) -> [AddressFinding] {
        var findings: [AddressFinding] = []
        if let verdict = verdict(of: address.domain) {
            findings.append(
                AddressFinding(
                    verdict.kind,
                    suggestion: verdict.suggestion.map { "\(address.localPart)@\($0)" },
                    words: verdict.words
                )
            )
        }
        addLocalFindings(of: address, to: &findings)
        return findings
    }

    // MARK: Local parts

    private func addLocalFindings(of address: EmailAddress, to findings: inout [AddressFinding]) {
        let local = LocalPart(key: address.key)
        if Self.roleHashes.contains(local.hash), CommonDomains.roles.contains(local.text(of: address.key)) {
            findings.append(
                AddressFinding(.role, words: "is an office's address; several people may read it (RFC 2142)")
            )
        }
        guard local.hasTag else { return }
        let untagged = address.text.utf8.prefix { $0 != UInt8(ascii: "+") }
        let domain = address.text.utf8.drop { $0 != UInt8(ascii: "@") }
        findings.append(
            AddressFinding(
                .tag,
                suggestion: String(decoding: Array(untagged) + Array(domain), as: UTF8.self),
                words: "has a tag; without it, it is the same person"
            )
        )
    }

    /// The roles' hashes: nearly every address is no role's, and one number tells.
    private static let roleHashes = Set(CommonDomains.roles.map { LocalPart(key: $0 + "@").hash })

    // MARK: Domains

    private mutating func verdict(of domain: String) -> DomainVerdict? {
        if let known = verdicts[domain] { return known.words.isEmpty ? nil : known }
        if verdicts.count >= remembered { verdicts.removeAll(keepingCapacity: true) }
        let verdict = judge(domain)
        verdicts[domain] = verdict ?? DomainVerdict(kind: .typo, suggestion: nil, words: "")
        return verdict
    }

    private func judge(_ domain: String) -> DomainVerdict? {
        if isKnown(domain) || own.contains(where: { domain.hasSuffix("." + $0) }) { return nil }
        let shown = DomainName.uLabels(domain)
        if let twin = skeletons[Lookalikes.skeleton(shown)] {
            return DomainVerdict(
                kind: .lookalike,
                suggestion: twin,
                words: "looks like an address at \(DomainName.uLabels(twin)) and is not"
            )
        }
        if Lookalikes.mixesScripts(shown) {
            return DomainVerdict(
                kind: .lookalike,
                suggestion: nil,
                words: "has a domain with letters of several alphabets, which look alike"
            )
        }
        guard let meant = DomainTypos.correction(of: domain, own: own) else { return nil }
        return DomainVerdict(kind: .typo, suggestion: meant, words: "may be meant for \(meant)")
    }

    private func isKnown(_ domain: String) -> Bool {
        CommonDomains.names.contains(domain) || own.contains(domain)
    }
}

/// What stands before the tag and the `@` of a key, as it is looked up among the roles.
private struct LocalPart {
    /// FNV-1a of its bytes; of its folded bytes when they are not ASCII, because spellings of Arabic words vary.
    let hash: UInt64
    /// Whether a tag follows.
    let hasTag: Bool
    private let length: Int
    private let isASCII: Bool

    init(key: String) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var length = 0
        var isASCII = true
        var hasTag = false
        for byte in key.utf8 {
            if byte == UInt8(ascii: "@") { break }
            if byte == UInt8(ascii: "+"), length > 0 {
                hasTag = true
                break
            }
            if byte >= 0x80 { isASCII = false }
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            length += 1
        }
        (self.length, self.isASCII, self.hasTag) = (length, isASCII, hasTag)
        guard !isASCII else {
            self.hash = hash
            return
        }
        let folded = SearchFolding.fold(String(decoding: key.utf8.prefix(length), as: UTF8.self))
        self.hash = folded.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    /// The form that stands in the table of roles.
    func text(of key: String) -> String {
        let text = String(decoding: key.utf8.prefix(length), as: UTF8.self)
        return isASCII ? text : SearchFolding.fold(text)
    }
}

/// Domains that were probably mistyped.
private enum DomainTypos {
    /// The domain that was probably meant, or `nil`.
    static func correction(of domain: String, own: Set<String>) -> String? {
        let ended = withKnownEnd(domain)
        let candidate = ended ?? domain
        if CommonDomains.names.contains(candidate) || own.contains(candidate) { return candidate }
        // Gmail has one domain beside googlemail.com, in every country.
        if candidate.hasPrefix("gmail.") { return "gmail.com" }
        return near(candidate, own: own) ?? ended
    }

    /// The domain with a last label that exists, when its own does not.
    private static func withKnownEnd(_ domain: String) -> String? {
        guard let dot = domain.lastIndex(of: ".") else { return nil }
        let last = String(domain[domain.index(after: dot)...])
        return CommonDomains.topLevels[last].map { domain[...dot] + $0 }
    }

    /// The one known domain that is a single slip away.
    ///
    /// Short names have too many neighbours that exist.
    private static func near(_ domain: String, own: Set<String>) -> String? {
        let bytes = Array(domain.utf8)
        guard bytes.count >= 7 else { return nil }
        for known in own.sorted() where known.utf8.count >= 7 {
            if isOneSlip(bytes, Array(known.utf8)) { return known }
        }
        for length in (bytes.count - 1)...(bytes.count + 1) {
            for known in candidates[length] ?? [] where isOneSlip(bytes, known) {
                return String(decoding: known, as: UTF8.self)
            }
        }
        return nil
    }

    /// The common domains that are long enough, by their length; the order decides between two that are equally near.
    private static let candidates: [Int: [[UInt8]]] = Dictionary(
        grouping: CommonDomains.names.sorted().map { Array($0.utf8) }.filter { $0.count >= 8 },
        by: \.count
    )

    /// Whether one is the other with one byte put in, left out or replaced, or two neighbours exchanged.
    private static func isOneSlip(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left != right, abs(left.count - right.count) <= 1 else { return false }
        let same = zip(left, right).prefix { $0 == $1 }.count
        let (restLeft, restRight) = (left[same...], right[same...])
        if left.count == right.count {
            if restLeft.dropFirst() == restRight.dropFirst() { return true }
            return restLeft.count > 1 && restLeft.dropFirst(2) == restRight.dropFirst(2)
                && restLeft[same] == restRight[same + 1] && restLeft[same + 1] == restRight[same]
        }
        return left.count > right.count
            ? restLeft.dropFirst() == restRight : restLeft == restRight.dropFirst()
    }
}
