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
    private let current: PurposeKeys
    private let earlier: [PurposeKeys]

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
    /// - Returns: `b+<29 characters>@domain`; the local part is 31 characters of `a-z`, `0-9` and `+`.
    public func envelopeSender(for delivery: DeliveryID, domain: String) -> String {
        var text = Self.envelopePrefix
        text.reserveCapacity(32 + domain.utf8.count)
        let id = Self.bigEndian(delivery)
        Base32.append(id + current.verp.mac(of: id, bytes: Self.envelopeMACBytes), to: &text)
        text.append(UInt8(ascii: "@"))
        text.append(contentsOf: domain.utf8)
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads back ``envelopeSender(for:domain:)``.
    ///
    /// - Parameter localPart: What stands before the `@` of the address that a bounce came to, any bytes. Upper-case
    ///   letters count as lower-case ones, because some mail systems change them.
    /// - Returns: The delivery, or `nil` when we did not make it. Takes the same time wherever the MAC is wrong.
    public func delivery(fromEnvelope localPart: String) -> DeliveryID? {
        let folded = localPart.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        guard folded.starts(with: Self.envelopePrefix),
            let bytes = Base32.decode(folded.dropFirst(Self.envelopePrefix.count)),
            bytes.count == 8 + Self.envelopeMACBytes
        else { return nil }
        let id = Array(bytes[..<8])
        let known = ([current] + earlier).contains { keys in
            Self.equal(keys.verp.mac(of: id, bytes: Self.envelopeMACBytes), bytes[8...])
        }
        return known ? Self.delivery(id) : nil
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
        Base32.append(Self.bigEndian(delivery), to: &text)
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
            let id = Base32.decode(bytes[10..<23]), id.count == 8,
            let mac = Base32.decode(bytes[24...]), mac.count == Self.unsubscribeMACBytes,
            Self.equal(keys.unsubscribe.mac(of: Array(bytes[..<23]), bytes: Self.unsubscribeMACBytes), mac)
        else { return nil }
        return Self.delivery(id)
    }

    // MARK: Names that only need to be stable

    /// The message's name, the same on every retry.
    ///
    /// - Returns: `<26 characters@domain>`, with its angle brackets.
    public func messageID(campaign: CampaignName, delivery: DeliveryID, domain: String) -> String {
        var text: [UInt8] = [UInt8(ascii: "<")]
        text.reserveCapacity(30 + domain.utf8.count)
        let mac = current.messageID.mac(
            of: Self.bigEndian(delivery) + Array(campaign.rawValue.utf8),
            bytes: 16
        )
        Base32.append(mac, to: &text)
        text.append(UInt8(ascii: "@"))
        text.append(contentsOf: domain.utf8)
        text.append(UInt8(ascii: ">"))
        return String(decoding: text, as: UTF8.self)
    }

    /// The line between the parts of the delivery's message, without dashes, the same on every retry.
    ///
    /// - Returns: `=_nashra_` and 26 characters. `=_` cannot occur in a body that is quoted-printable or base64.
    public func boundary(for delivery: DeliveryID) -> String {
        var text = Self.boundaryPrefix
        text.reserveCapacity(36)
        Base32.append(current.boundary.mac(of: Self.bigEndian(delivery), bytes: 16), to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: Parts

    private static let envelopePrefix = Array("b+".utf8)
    private static let envelopeMACBytes = 10
    private static let unsubscribePrefix = Array("v1.u.".utf8)
    private static let unsubscribeMACBytes = 16
    private static let boundaryPrefix = Array("=_nashra_".utf8)

    private static func bigEndian(_ delivery: DeliveryID) -> [UInt8] {
        let value = UInt64(bitPattern: delivery.rawValue)
        return [UInt8](unsafeUninitializedCapacity: 8) { buffer, count in
            for index in 0..<8 {
                buffer[index] = UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64(index)))
            }
            count = 8
        }
    }

    private static func delivery(_ bytes: [UInt8]) -> DeliveryID {
        DeliveryID(rawValue: Int64(bitPattern: bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }))
    }

    /// Compares without stopping at the first difference.
    private static func equal(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// The keys of one root key.
private struct PurposeKeys: Sendable {
    /// Four characters that say which root key a token was made with; they give nothing of it away.
    let id: [UInt8]
    let verp: MACKey
    let messageID: MACKey
    let unsubscribe: MACKey
    let boundary: MACKey

    init(_ root: RootKey) {
        var name: [UInt8] = []
        let bytes = Self.derive(root, "key-id", bytes: 3).withUnsafeBytes { Array($0) }
        Base32.append(bytes, to: &name)
        id = Array(name.prefix(4))
        verp = MACKey(Self.derive(root, "verp"))
        messageID = MACKey(Self.derive(root, "message-id"))
        unsubscribe = MACKey(Self.derive(root, "unsubscribe"))
        boundary = MACKey(Self.derive(root, "boundary"))
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
private struct MACKey: Sendable {
    private let key: SymmetricKey

    init(_ key: SymmetricKey) { self.key = key }

    func mac(of message: [UInt8], bytes: Int) -> [UInt8] {
        HMAC<SHA256>.authenticationCode(for: message, using: key).withUnsafeBytes { Array($0.prefix(bytes)) }
    }
}
