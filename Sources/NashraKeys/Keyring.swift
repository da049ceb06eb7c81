// SPDX-License-Identifier: Apache-2.0
//
// Every name that must be unforgeable or must come out the same on each retry, made from the root key.
// Pure; keeps nothing per delivery. Rules: RFC 5869 (HKDF), RFC 2104 (HMAC); docs/threat-model.md, "Token forging".
import Crypto
public import NashraCore

/// One key per purpose, derived from the root key, and the tokens that are made with them.
///
/// A token made for one purpose means nothing for another: the keys differ.
public struct Keyring: Sendable {
    let current: PurposeKeys
    let earlier: [PurposeKeys]

    /// Derives the keys.
    ///
    /// - Parameters:
    ///   - root: The key that new tokens are made with.
    ///   - earlier: Keys used before it; their tokens are still understood.
    public init(root: RootKey, earlier: [RootKey] = []) {
        current = PurposeKeys(root)
        self.earlier = earlier.map { PurposeKeys($0) }
    }

    // MARK: Envelope senders

    /// The envelope sender that tells us, when a bounce comes back, whose message it was.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - domain: The envelope domain, ASCII.
    /// - Returns: `b+<29 characters>@domain`; the local part is 31 characters of `a-z`, `2-7` and `+`.
    public func envelopeSender(for delivery: DeliveryID, domain: String) -> String {
        Self.address(Self.envelopePrefix, current.verp, delivery.rawValue, domain: domain)
    }

    /// Reads back ``envelopeSender(for:domain:)``.
    ///
    /// - Parameter address: The address that a bounce came to, or what stands before its `@`; any bytes. Upper-case
    ///   letters count as lower-case ones, because some mail systems change them. The domain is not looked at.
    /// - Returns: The delivery, or `nil` when we did not make it. Takes the same time wherever the MAC is wrong.
    public func delivery(fromEnvelope address: String) -> DeliveryID? {
        row(in: address, after: Self.envelopePrefix, \.verp).map { DeliveryID(rawValue: $0) }
    }

    /// The envelope sender of a probe: the message that asks an address once more before it is given up.
    ///
    /// - Parameters:
    ///   - probe: The probe's number in the store.
    ///   - domain: The envelope domain, ASCII.
    /// - Returns: `p+<29 characters>@domain`, of the same characters as ``envelopeSender(for:domain:)``.
    public func probeSender(for probe: Int64, domain: String) -> String {
        Self.address(Self.probePrefix, current.probe, probe, domain: domain)
    }

    /// Reads back ``probeSender(for:domain:)``, by the rules of ``delivery(fromEnvelope:)``.
    ///
    /// - Returns: The probe's number, or `nil` when we did not make the address.
    public func probe(fromEnvelope address: String) -> Int64? {
        row(in: address, after: Self.probePrefix, \.probe)
    }

    // MARK: Message-IDs

    /// The message's name, the same on every retry: a report that quotes nothing else of the message leads back by it.
    ///
    /// - Parameters:
    ///   - delivery: The delivery.
    ///   - domain: What stands after the `@`, ASCII.
    /// - Returns: `<m1<29 characters>@domain>`, with its outer angle brackets; before the `@` are 31 characters of
    ///   `a-z` and `1-7`.
    public func messageID(for delivery: DeliveryID, domain: String) -> String {
        "<\(Self.address(Self.messageIDPrefix, current.messageID, delivery.rawValue, domain: domain))>"
    }

    /// Reads back ``messageID(for:domain:)``.
    ///
    /// - Parameter name: What a report quotes: with or without angle brackets, spaces around it and domain; in any
    ///   case of its letters; any bytes. The domain is not looked at.
    /// - Returns: The delivery, or `nil` when we did not make it. Takes the same time wherever the MAC is wrong.
    public func delivery(fromMessageID name: String) -> DeliveryID? {
        let bare = name.utf8.drop {
            $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "<")
        }
        return row(in: Substring(bare), after: Self.messageIDPrefix, \.messageID)
            .map { DeliveryID(rawValue: $0) }
    }

    // MARK: Unsubscribe tokens

    /// How long an unsubscribe token is, in bytes.
    public static let unsubscribeTokenLength = 50

    /// The token in a message's unsubscribe links.
    ///
    /// - Returns: `v1.u.<key id>.<payload>.<128-bit MAC>`, 50 characters of `a-z`, `0-9` and single dots: safe in a
    ///   URL's path and in the local part of a mail address, and unharmed when somebody lower-cases it.
    public func unsubscribeToken(for delivery: DeliveryID) -> String {
        var text = Self.unsubscribePrefix
        text.reserveCapacity(52)
        text.append(contentsOf: current.id)
        text.append(UInt8(ascii: "."))
        Base32.append(Self.bigEndian(delivery.rawValue), to: &text)
        let mac = current.unsubscribe.mac(of: text, bytes: Self.unsubscribeMACBytes)
        text.append(UInt8(ascii: "."))
        Base32.append(mac, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads back ``unsubscribeToken(for:)``.
    ///
    /// - Parameter token: Any text, exactly as it came.
    /// - Returns: The delivery, or `nil` when we did not make it. Takes the same time wherever the MAC is wrong.
    public func delivery(fromUnsubscribe token: String) -> DeliveryID? {
        let bytes = Array(token.utf8)
        // v1.u.kkkk.iiiiiiiiiiiii.mmmmmmmmmmmmmmmmmmmmmmmmmm
        guard bytes.count == Self.unsubscribeTokenLength, bytes.starts(with: Self.unsubscribePrefix),
            bytes[9] == UInt8(ascii: "."), bytes[23] == UInt8(ascii: "."),
            let keys = ([current] + earlier).first(where: { $0.id == Array(bytes[5..<9]) }),
            let id = Base32.decode(bytes[10..<23]), id.count == Self.rowBytes,
            let mac = Base32.decode(bytes[24...]), mac.count == Self.unsubscribeMACBytes,
            Self.equal(keys.unsubscribe.mac(of: Array(bytes[..<23]), bytes: Self.unsubscribeMACBytes), mac)
        else { return nil }
        return DeliveryID(rawValue: Self.number(id))
    }

    // MARK: Names that only need to be stable

    /// The line between the parts of the delivery's message, without dashes, the same on every retry.
    ///
    /// - Returns: `=_nashra_` and 26 characters. `=_` cannot occur in a body that is quoted-printable or base64.
    public func boundary(for delivery: DeliveryID) -> String {
        var text = Self.boundaryPrefix
        text.reserveCapacity(36)
        Base32.append(current.boundary.mac(of: Self.bigEndian(delivery.rawValue), bytes: 16), to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: Parts

    private static let envelopePrefix = Array("b+".utf8)
    private static let probePrefix = Array("p+".utf8)
    private static let messageIDPrefix = Array("m1".utf8)
    private static let unsubscribePrefix = Array("v1.u.".utf8)
    private static let unsubscribeMACBytes = 16
    private static let boundaryPrefix = Array("=_nashra_".utf8)

    /// A row's number, big-endian, and the 80 bits that prove it: 29 characters.
    private static let rowBytes = 8
    private static let rowMACBytes = 10
    private static let rowCharacters = 29

    static func address(_ prefix: [UInt8], _ key: MACKey, _ row: Int64, domain: String) -> String {
        var text = prefix
        text.reserveCapacity(32 + domain.utf8.count)
        let id = bigEndian(row)
        Base32.append(id + key.mac(of: id, bytes: rowMACBytes), to: &text)
        text.append(UInt8(ascii: "@"))
        text.append(contentsOf: domain.utf8)
        return String(decoding: text, as: UTF8.self)
    }

    /// The row that `text` names by `prefix`, 29 characters and nothing more before an `@`, a closing bracket, a space
    /// or its end; `nil` when none of our keys for the purpose made it.
    func row(
        in text: some StringProtocol,
        after prefix: [UInt8],
        _ key: (PurposeKeys) -> MACKey
    ) -> Int64? {
        let folded = text.utf8.prefix(prefix.count + Self.rowCharacters + 1).map {
            (0x41...0x5A).contains($0) ? $0 | 0x20 : $0
        }
        let local = folded.prefix {
            $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: " ")
        }
        guard local.count == prefix.count + Self.rowCharacters, local.starts(with: prefix),
            let bytes = Base32.decode(local.dropFirst(prefix.count)),
            bytes.count == Self.rowBytes + Self.rowMACBytes
        else { return nil }
        let id = Array(bytes[..<Self.rowBytes])
        let mac = bytes[Self.rowBytes...]
        func made(_ keys: PurposeKeys) -> Bool {
            Self.equal(key(keys).mac(of: id, bytes: Self.rowMACBytes), mac)
        }
        return made(current) || earlier.contains(where: made) ? Self.number(id) : nil
    }

    private static func bigEndian(_ row: Int64) -> [UInt8] {
        let value = UInt64(bitPattern: row)
        return [UInt8](unsafeUninitializedCapacity: rowBytes) { buffer, count in
            for index in 0..<rowBytes {
                buffer[index] = UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64(index)))
            }
            count = rowBytes
        }
    }

    private static func number(_ bytes: [UInt8]) -> Int64 {
        Int64(bitPattern: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// Compares without stopping at the first difference.
    static func equal(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// The keys of one root key.
struct PurposeKeys: Sendable {
    /// Four characters that say which root key a token was made with; they give nothing of it away.
    let id: [UInt8]
    let verp: MACKey
    let probe: MACKey
    let messageID: MACKey
    let unsubscribe: MACKey
    let boundary: MACKey
    let erasure: MACKey
    let confirmation: MACKey
    let confirmationSender: MACKey

    init(_ root: RootKey) {
        var name: [UInt8] = []
        let bytes = Self.derive(root, "key-id", bytes: 3).withUnsafeBytes { Array($0) }
        Base32.append(bytes, to: &name)
        id = Array(name.prefix(4))
        verp = MACKey(Self.derive(root, "verp"))
        probe = MACKey(Self.derive(root, "probe"))
        messageID = MACKey(Self.derive(root, "message-id"))
        unsubscribe = MACKey(Self.derive(root, "unsubscribe"))
        boundary = MACKey(Self.derive(root, "boundary"))
        erasure = MACKey(Self.derive(root, "erasure"))
        confirmation = MACKey(Self.derive(root, "confirmation"))
        confirmationSender = MACKey(Self.derive(root, "confirmation-sender"))
    }

    private static func derive(_ root: RootKey, _ purpose: String, bytes: Int = 32) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: root.secret,
            info: Array("nashra/v1/\(purpose)".utf8),
            outputByteCount: bytes
        )
    }
}

/// A key that makes truncated HMAC-SHA256 codes.
struct MACKey: Sendable {
    private let key: SymmetricKey

    init(_ key: SymmetricKey) { self.key = key }

    func mac(of message: [UInt8], bytes: Int) -> [UInt8] {
        HMAC<SHA256>.authenticationCode(for: message, using: key).withUnsafeBytes { Array($0.prefix(bytes)) }
    }
}
