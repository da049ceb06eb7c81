// SPDX-License-Identifier: Apache-2.0
//
// What the token of a confirmation mail promises: it comes back, ends, nobody else can make it, and it opens nothing else.
import NashraCore
import NashraKeys
import Testing

@Suite struct ConfirmationTokenTests {
    private func keyring(_ fill: UInt8 = 7, earlier: [UInt8] = []) throws -> Keyring {
        try Keyring(root: key(fill), earlier: earlier.map { try key($0) })
    }

    private func key(_ fill: UInt8) throws -> RootKey {
        try #require(RootKey(bytes: [UInt8](repeating: fill, count: 32)))
    }

    /// A thousand questions, from the first row to the last that a token has room for.
    private let questions: [(id: ConfirmationID, expires: Timestamp)] = (0..<1_000).map { (index: Int64) in
        let row = index < 990 ? index * index * index + 1 : (1 << 48) - 1 - (index - 990)
        return (
            ConfirmationID(rawValue: row), Timestamp(rawValue: 1_795_942_800_000 + index * 60_000)
        )
    }

    @Test func `a token leads back to its question and its end, and is safe in a URL and a local part`()
        throws
    {
        let keys = try keyring()
        for question in questions {
            let token = keys.confirmationToken(for: question.id, expires: question.expires)
            let found = try #require(keys.confirmation(fromToken: token))
            #expect(found.confirmation == question.id)
            #expect(found.expires == question.expires)
            #expect(token.hasPrefix("v1.c.") && token.utf8.count == Keyring.confirmationTokenLength)
            #expect(token.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz1234567.".utf8.contains($0) })
            _ = try EmailAddress.parse("confirm+\(token)@moi.example")
        }
    }

    @Test func `the end is rounded up to a whole minute, never down`() throws {
        let keys = try keyring()
        let token = keys.confirmationToken(
            for: ConfirmationID(rawValue: 1),
            expires: Timestamp(rawValue: 1_795_942_800_001)
        )
        #expect(keys.confirmation(fromToken: token)?.expires.rawValue == 1_795_942_860_000)
    }

    @Test(arguments: 0..<4)
    func `no flipped bit of a thousand confirmation tokens is accepted`(_ quarter: Int) throws {
        let keys = try keyring()
        var (accepted, tried) = (0, 0)
        for question in questions[(quarter * 250)..<(quarter * 250 + 250)] {
            let token = Array(keys.confirmationToken(for: question.id, expires: question.expires).utf8)
            for index in token.indices {
                for bit in 0..<7 {
                    var changed = token
                    changed[index] ^= 1 << bit
                    tried += 1
                    if keys.confirmation(fromToken: String(decoding: changed, as: UTF8.self)) != nil {
                        accepted += 1
                    }
                }
            }
        }
        #expect(accepted == 0)
        #expect(tried == 250 * 53 * 7)
    }

    @Test func `a token for one purpose means nothing for another`() throws {
        let keys = try keyring()
        for question in questions.prefix(100) {
            let id = question.id.rawValue
            let token = keys.confirmationToken(for: question.id, expires: question.expires)
            #expect(keys.delivery(fromUnsubscribe: token) == nil)
            #expect(keys.delivery(fromEnvelope: token) == nil)
            let leaving = keys.unsubscribeToken(for: DeliveryID(rawValue: id))
            #expect(keys.confirmation(fromToken: leaving) == nil)
            #expect(keys.confirmation(fromToken: leaving.replacing("v1.u.", with: "v1.c.")) == nil)
            let sender = keys.confirmationSender(for: question.id, domain: "bounces.moi.example")
            #expect(keys.confirmation(fromEnvelope: sender) == question.id)
            #expect(keys.probe(fromEnvelope: sender) == nil)
            #expect(keys.probe(fromEnvelope: "p" + sender.dropFirst()) == nil)
            #expect(keys.delivery(fromEnvelope: "b" + sender.dropFirst()) == nil)
            let probe = keys.probeSender(for: id, domain: "bounces.moi.example")
            #expect(keys.confirmation(fromEnvelope: "c" + probe.dropFirst()) == nil)
        }
    }

    @Test func `a token of an earlier key is understood, one of a stranger's key is not`() throws {
        let old = try keyring(1)
        let token = old.confirmationToken(
            for: ConfirmationID(rawValue: 5),
            expires: Timestamp(rawValue: 60_000)
        )
        #expect(try keyring(7, earlier: [1]).confirmation(fromToken: token)?.confirmation.rawValue == 5)
        #expect(try keyring(7).confirmation(fromToken: token) == nil)
        #expect(try keyring(7, earlier: [2]).confirmation(fromToken: token) == nil)
    }

    @Test func `anything else is no token`() throws {
        let keys = try keyring()
        let token = keys.confirmationToken(
            for: ConfirmationID(rawValue: 5),
            expires: Timestamp(rawValue: 60_000)
        )
        for text in [
            "", " ", token + " ", " " + token, token + token, token.uppercased(), String(token.dropLast()),
            "رمز",
        ] {
            #expect(keys.confirmation(fromToken: text) == nil, "\(text)")
        }
    }
}
