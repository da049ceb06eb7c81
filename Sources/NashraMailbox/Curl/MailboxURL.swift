// SPDX-License-Identifier: Apache-2.0
//
// The address of a mailbox: imap(s)://user@host:port/folder or pop3(s)://user@host:port, and nothing else.
// Pure, on bytes. Form: RFC 5092 and RFC 2384, narrowed: a password never stands in an address.
import Glibc
public import NashraCore

/// Where a mailbox is, and whose it is.
public struct MailboxURL: Sendable, Hashable, CustomStringConvertible {
    /// How the server speaks.
    public enum Scheme: String, Sendable, Hashable, CaseIterable {
        /// Plain at first, TLS by STARTTLS or STLS.
        case imap, pop3
        /// TLS from the first byte.
        case imaps, pop3s

        var isIMAP: Bool { self == .imap || self == .imaps }
        var isImplicitTLS: Bool { self == .imaps || self == .pop3s }
        var defaultPort: Int {
            switch self {
            case .imap: 143
            case .imaps: 993
            case .pop3: 110
            case .pop3s: 995
            }
        }
    }

    /// How the server speaks.
    public let scheme: Scheme
    /// Whose mailbox it is, or `nil` when the address does not say.
    public let user: String?
    /// A host name as A-labels in lower case, or an IP address without brackets.
    public let host: String
    /// The port, 1...65535.
    public let port: Int
    /// The folder as people write it, its levels separated by `/`: `INBOX`, `Bounces/2026`, `مرتجع`; with
    /// POP3 always `INBOX`.
    public let folder: String

    /// Whether the host is this machine, as far as its text says.
    public var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        var address = in_addr()
        return inet_pton(AF_INET, host, &address) == 1 && host.hasPrefix("127.")
    }

    /// The address in one form, with the user and without a password, for people and for the record.
    public var description: String {
        let shown = host.contains(":") ? "[\(host)]" : host
        let owner = user.map { "\($0)@" } ?? ""
        let colon = port == scheme.defaultPort ? "" : ":\(port)"
        return "\(scheme.rawValue)://\(owner)\(shown)\(colon)" + (scheme.isIMAP ? "/\(folder)" : "")
    }

    /// Reads an address.
    ///
    /// - Parameter text: At most 2,048 bytes. User and folder may be percent-encoded; `@` in the user need
    ///   not be.
    /// - Throws: ``NashraCore/UserError`` with status `usage`, which never repeats a password.
    public init(_ text: String) throws(UserError) {
        do throws(Fault) {
            guard text.utf8.count <= 2048 else { throw Fault("it is longer than 2,048 bytes") }
            let bytes = Array(text.utf8)
            let (scheme, rest) = try Self.scheme(bytes)
            let slash = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            let (user, place) = try Self.owner(rest[..<slash])
            let (host, port) = try Self.place(place)
            self.scheme = scheme
            self.user = user
            self.host = host
            self.port = port ?? scheme.defaultPort
            folder = try Self.folder(rest[slash...].dropFirst(), scheme)
        } catch {
            throw UserError(
                .usage,
                "This is no address of a mailbox: \(error.message).",
                remedy: error.remedy
            )
        }
    }
}

extension MailboxURL {
    private struct Fault: Error {
        let message: String
        let remedy: String

        init(_ message: String, remedy: String = "Write imaps://user@host/INBOX or pop3s://user@host.") {
            (self.message, self.remedy) = (message, remedy)
        }
    }

    private static func scheme(_ bytes: [UInt8]) throws(Fault) -> (Scheme, ArraySlice<UInt8>) {
        for scheme in Scheme.allCases {
            let prefix = Array("\(scheme.rawValue)://".utf8)
            let head = bytes.prefix(prefix.count).map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            if head == prefix { return (scheme, bytes[prefix.count...]) }
        }
        throw Fault("it must begin with imaps://, imap://, pop3s:// or pop3://")
    }

    /// Splits at the last `@`: user names that are addresses hold one themselves.
    private static func owner(_ text: ArraySlice<UInt8>) throws(Fault) -> (String?, ArraySlice<UInt8>) {
        guard let at = text.lastIndex(of: UInt8(ascii: "@")) else { return (nil, text) }
        let owner = text[..<at]
        guard !owner.contains(UInt8(ascii: ":")) else {
            throw Fault(
                "a password must not stand in it, where others can see it",
                remedy:
                    "Put the password into a file with mode 0600 and name that file in the configuration, or "
                    + "hand it over as a credential of the service or in the environment."
            )
        }
        guard !owner.contains(UInt8(ascii: ";")) else {
            throw Fault("options such as ;AUTH= have keys of their own in the configuration")
        }
        let user = try decoded(owner, what: "user")
        guard !user.isEmpty else { throw Fault("there is no user before the @") }
        return (user, text[(at + 1)...])
    }

    private static func folder(_ text: ArraySlice<UInt8>, _ scheme: Scheme) throws(Fault) -> String {
        guard !text.contains(where: { ";?#".utf8.contains($0) }) else {
            throw Fault("nothing may follow the folder")
        }
        let folder = try decoded(text, what: "folder")
        if folder.isEmpty || folder.lowercased() == "inbox" { return "INBOX" }
        guard scheme.isIMAP else { throw Fault("a POP3 mailbox has no folders") }
        guard folder.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty })
        else { throw Fault("a level of the folder has no name") }
        return folder
    }

    /// Percent-decodes; the result is UTF-8 without controls.
    private static func decoded(_ text: ArraySlice<UInt8>, what: String) throws(Fault) -> String {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal),
                let low = rest.popFirst().flatMap(hexadecimal)
            else { throw Fault("a % in the \(what) is not followed by two hexadecimal digits") }
            bytes.append(high << 4 | low)
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            let name = String(validating: bytes, as: UTF8.self)
        else { throw Fault("the \(what) holds bytes that are no text") }
        return name
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    private static func place(_ text: ArraySlice<UInt8>) throws(Fault) -> (String, Int?) {
        if text.first == UInt8(ascii: "[") {
            guard let close = text.firstIndex(of: UInt8(ascii: "]")) else {
                throw Fault("the bracket is not closed")
            }
            let rest = text[(close + 1)...]
            guard rest.isEmpty || rest.first == UInt8(ascii: ":") else {
                throw Fault("a port follows the bracket as :993")
            }
            let host = String(decoding: text[(text.startIndex + 1)..<close], as: UTF8.self)
            var address = in6_addr()
            guard inet_pton(AF_INET6, host, &address) == 1 else {
                throw Fault("what stands in brackets is no IPv6 address")
            }
            return (host.lowercased(), rest.isEmpty ? nil : try port(rest.dropFirst()))
        }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 2, let first = parts.first else {
            throw Fault("an IPv6 address stands in brackets")
        }
        return (try name(first), parts.count == 2 ? try port(parts[1]) : nil)
    }

    private static func port(_ text: ArraySlice<UInt8>) throws(Fault) -> Int {
        guard (1...5).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(String(decoding: text, as: UTF8.self)), (1...65_535).contains(port)
        else { throw Fault("the port is not a number from 1 to 65535") }
        return port
    }

    /// A name without a dot is right for a host of one's own network.
    private static func name(_ text: ArraySlice<UInt8>) throws(Fault) -> String {
        guard !text.isEmpty else { throw Fault("the host is missing") }
        let host = String(decoding: text, as: UTF8.self).lowercased()
        var address = in_addr()
        if inet_pton(AF_INET, host, &address) == 1 { return host }
        let suffix = host.utf8.contains(UInt8(ascii: ".")) ? "" : ".internal"
        do throws(AddressFault) {
            return String(try DomainName.aLabels((host + suffix).utf8).dropLast(suffix.utf8.count))
        } catch {
            throw Fault("the host is no name and no address: \(error)")
        }
    }
}
