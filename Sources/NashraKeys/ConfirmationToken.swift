// SPDX-License-Identifier: Apache-2.0
//
// The token by which a mailbox says yes to a topic, and the envelope sender of the mail that carries it.
// Pure. Rules: RFC 2104 (HMAC); docs/subscriptions.md, "The token"; docs/threat-model.md, "Token forging".
public import NashraCore

extension Keyring {
    /// How long a confirmation token is, in bytes.
    public static let confirmationTokenLength = 53

    /// The token in a confirmation mail.
    ///
    /// - Parameters:
    ///   - confirmation: The question.
    ///   - expires: From then on it counts no more; rounded up to a whole minute.
    /// - Returns: `v1.c.<key id>.<payload>.<128-bit MAC>`, 53 characters of `a-z`, `0-9` and single dots: safe in a URL's
    ///   path and in the local part of a mail address, and unharmed when somebody lower-cases it.
    public func confirmationToken(for confirmation: ConfirmationID, expires: Timestamp) -> String {
        precondition((0..<1 << 48).contains(confirmation.rawValue), "a row number of 48 bits")
        let minutes = UInt32(clamping: (expires.rawValue + 59_999) / 60_000)
        let row = UInt64(bitPattern: confirmation.rawValue)
        let payload =
            (0..<6).map { UInt8(truncatingIfNeeded: row >> (40 - 8 * UInt64($0))) }
            + (0..<4).map { UInt8(truncatingIfNeeded: minutes >> (24 - 8 * UInt32($0))) }
        var text = Self.confirmationPrefix
        text.reserveCapacity(Self.confirmationTokenLength)
        text.append(contentsOf: current.id)
        text.append(UInt8(ascii: "."))
        Base32.append(payload, to: &text)
        let mac = current.confirmation.mac(of: text, bytes: Self.confirmationMACBytes)
        text.append(UInt8(ascii: "."))
        Base32.append(mac, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads back ``confirmationToken(for:expires:)``.
    ///
    /// Whether its time is over is for the caller to say.
    ///
    /// - Parameter token: Any text, exactly as it came.
    /// - Returns: The question and when it ends, or `nil` when we did not make it. Takes the same time wherever the MAC
    ///   is wrong.
    public func confirmation(
        fromToken token: String
    ) -> (confirmation: ConfirmationID, expires: Timestamp)? {
        let bytes = Array(token.utf8)
        // v1.c.kkkk.pppppppppppppppp.mmmmmmmmmmmmmmmmmmmmmmmmmm
        guard bytes.count == Self.confirmationTokenLength, bytes.starts(with: Self.confirmationPrefix),
            bytes[9] == UInt8(ascii: "."), bytes[26] == UInt8(ascii: "."),
            let keys = ([current] + earlier).first(where: { $0.id == Array(bytes[5..<9]) }),
            let payload = Base32.decode(bytes[10..<26]), payload.count == 10,
            let mac = Base32.decode(bytes[27...]), mac.count == Self.confirmationMACBytes,
            Self.equal(keys.confirmation.mac(of: Array(bytes[..<26]), bytes: Self.confirmationMACBytes), mac)
        else { return nil }
        let row = payload.prefix(6).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        let minutes = payload.suffix(4).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return (ConfirmationID(rawValue: row), Timestamp(rawValue: minutes * 60_000))
    }

    /// The envelope sender of a confirmation mail: what cannot be delivered comes back to where bounces are read.
    ///
    /// - Parameters:
    ///   - confirmation: The question.
    ///   - domain: The envelope domain, ASCII.
    /// - Returns: `c+<29 characters>@domain`, of the same characters as ``envelopeSender(for:domain:)``.
    public func confirmationSender(for confirmation: ConfirmationID, domain: String) -> String {
        Self.address(
            Self.confirmationSenderPrefix,
            current.confirmationSender,
            confirmation.rawValue,
            domain: domain
        )
    }

    /// Reads back ``confirmationSender(for:domain:)``, by the rules of ``delivery(fromEnvelope:)``.
    ///
    /// - Returns: The question, or `nil` when we did not make the address.
    public func confirmation(fromEnvelope address: String) -> ConfirmationID? {
        row(in: address, after: Self.confirmationSenderPrefix, \.confirmationSender)
            .map { ConfirmationID(rawValue: $0) }
    }

    private static let confirmationPrefix = Array("v1.c.".utf8)
    private static let confirmationSenderPrefix = Array("c+".utf8)
    private static let confirmationMACBytes = 16
}
