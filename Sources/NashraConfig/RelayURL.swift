// SPDX-License-Identifier: Apache-2.0
//
// The address of a relay: smtp://host:port or smtps://host:port, and nothing else.
// Pure, on bytes. Form: RFC 3986 section 3.2, narrowed.
import Foundation
import NashraCore

/// Where a relay is.
struct RelayURL: Equatable {
    /// Whether TLS begins with the first byte.
    let isImplicitTLS: Bool
    /// A host name as A-labels in lower case, or an IP address without brackets.
    let host: String
    /// The port.
    let port: Int

    /// Why a text is no such address, to complete "is “x”: …".
    struct Fault: Error {
        let message: String
    }

    /// Reads an address.
    init(_ text: String) throws(Fault) {
        let rest: Substring
        if text.hasPrefix("smtp://") {
            (isImplicitTLS, rest) = (false, text.dropFirst(7))
        } else if text.hasPrefix("smtps://") {
            (isImplicitTLS, rest) = (true, text.dropFirst(8))
        } else {
            throw Fault(message: "it must begin with smtp:// or smtps://")
        }
        guard !rest.utf8.contains(UInt8(ascii: "@")) else {
            throw Fault(message: "user and password have keys of their own")
        }
        guard !rest.utf8.contains(where: { "/?#".utf8.contains($0) }) else {
            throw Fault(message: "nothing may follow host and port")
        }
        let (host, port) = try Self.split(rest)
        self.host = try Self.checked(host)
        self.port = try port.map(Self.number) ?? (isImplicitTLS ? 465 : 25)
    }

    /// Whether the host is this machine, as far as its text says.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 && host.hasPrefix("127.")
    }

    private static func split(_ text: Substring) throws(Fault) -> (Substring, Substring?) {
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else {
                throw Fault(message: "the bracket is not closed")
            }
            let host = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            guard host.utf8.contains(UInt8(ascii: ":")) else {
                throw Fault(message: "only an IPv6 address stands in brackets")
            }
            if rest.isEmpty { return (host, nil) }
            guard rest.hasPrefix(":") else { throw Fault(message: "a port follows the bracket as :25") }
            return (host, rest.dropFirst())
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw Fault(message: "an IPv6 address stands in brackets") }
        return (parts[0], parts.count == 2 ? parts[1] : nil)
    }

    private static func number(_ text: Substring) throws(Fault) -> Int {
        guard (1...5).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(text), (1...65_535).contains(port)
        else { throw Fault(message: "the port is not a number from 1 to 65535") }
        return port
    }

    private static func checked(_ host: Substring) throws(Fault) -> String {
        guard !host.isEmpty else { throw Fault(message: "the host is missing") }
        let text = host.lowercased()
        if text.utf8.contains(UInt8(ascii: ":")) {
            var address = in6_addr()
            guard inet_pton(AF_INET6, text, &address) == 1 else {
                throw Fault(message: "what stands in brackets is no IPv6 address")
            }
            return text
        }
        var address = in_addr()
        if inet_pton(AF_INET, text, &address) == 1 { return text }
        // A name without a dot is right for a host of one's own network; libidn2 does the rest.
        let padded = text.utf8.contains(UInt8(ascii: ".")) ? text : "\(text).internal"
        do throws(AddressFault) {
            let domain = try DomainName.aLabels(padded.utf8)
            return padded == text ? domain : String(domain.dropLast(".internal".count))
        } catch {
            throw Fault(message: "the host is no name and no address: \(error)")
        }
    }
}
