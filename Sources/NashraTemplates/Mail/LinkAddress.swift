// SPDX-License-Identifier: Apache-2.0
//
// A link's scheme and host, read the strict way, and its form for href.
// Pure. Whatever a browser might read differently (backslashes, user names, controls) has no host here.
// Rules: RFC 3986, RFC 6068 (mailto), RFC 3966 (tel); WHATWG URL for what to distrust.
import NashraCore

/// What is known of a link before anybody clicks on it.
public struct LinkAddress: Hashable, Sendable {
    /// The schemes that links may have.
    public static let schemes: Set<String> = ["https", "mailto", "tel"]

    /// In lower case; empty when there is none.
    public var scheme: String
    /// A-labels in lower case; `nil` when the scheme has none, or when it cannot be read with certainty.
    public var host: String?
    /// What follows the scheme's colon, or the host.
    private var rest: String

    /// Reads a link.
    ///
    /// - Parameter url: As written; merge fields are tokens of private-use characters.
    public init(_ url: String) {
        let bytes = Array(url.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            bytes[..<colon].allSatisfy({ (0x61...0x7A).contains($0 | 0x20) || (0x2B...0x39).contains($0) }),
            colon > 0
        else {
            (scheme, rest) = ("", url)
            return
        }
        scheme = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
        rest = String(decoding: bytes[(colon + 1)...], as: UTF8.self)
        guard scheme == "https" || scheme == "http", rest.utf8.starts(with: "//".utf8) else { return }
        let afterSlashes = bytes[(colon + 3)...]
        let authority = afterSlashes.prefix { ![0x2F, 0x3F, 0x23].contains($0) }  // / ? #
        let isCertain =
            !bytes.contains { $0 <= 0x20 || $0 == 0x5C || $0 == 0x7F } && !authority.contains(0x40)
        let name = authority.prefix { $0 != UInt8(ascii: ":") }
        let port = authority.dropFirst(name.count)
        guard isCertain, port.dropFirst().allSatisfy({ (0x30...0x39).contains($0) }),
            !SlotTable.hasToken(String(decoding: authority, as: UTF8.self)),
            let ascii = try? DomainName.aLabels(name)
        else { return }
        host = ascii
        rest = "//" + ascii + String(decoding: port + bytes[authority.endIndex...], as: UTF8.self)
    }

    /// Whether the host is one of `domains` or below one; they are compared as A-labels.
    public func isWithin(_ domains: [String]) -> Bool {
        guard let host else { return false }
        return domains.contains { domain in
            guard let ascii = try? DomainName.aLabels(Array(domain.utf8)) else { return false }
            return host == ascii || host.utf8.suffix(ascii.utf8.count + 1).elementsEqual(("." + ascii).utf8)
        }
    }

    /// The form for an href attribute and for plain text: ASCII, except for tokens, which are marked as
    /// inside a URL.
    ///
    /// `nil` unless the scheme is one of ``schemes`` and an https link has a certain host.
    var href: String? {
        guard Self.schemes.contains(scheme), scheme != "https" || host != nil else { return nil }
        var output = Array((scheme + ":").utf8)
        for scalar in SlotTable.insideURL(rest).unicodeScalars {
            if (0xE000...0xE003).contains(scalar.value) {
                output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            } else if scalar.isASCII, scalar.value > 0x20, scalar.value < 0x7F,
                !"\"<>\\^`{|}".unicodeScalars.contains(scalar)
            {
                output.append(UInt8(scalar.value))
            } else {
                output.append(contentsOf: Escaping.urlComponent.escaped(String(scalar)))
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// A tel: link for a telephone number as people write it.
    static func telephone(_ number: String) -> String {
        "tel:"
            + String(decoding: number.utf8.filter { (0x30...0x39).contains($0) || $0 == 0x2B }, as: UTF8.self)
    }
}
