// SPDX-License-Identifier: Apache-2.0
//
// What tokens promise: they come back, nobody else can make them, and one purpose never stands for another.
import NashraCore
import NashraKeys
import Testing

private func keyring(_ fill: UInt8 = 7, earlier: [UInt8] = []) throws -> Keyring {
    try Keyring(root: key(fill), earlier: earlier.map { try key($0) })
}

private func key(_ fill: UInt8) throws -> RootKey {
    try #require(RootKey(bytes: [UInt8](repeating: fill, count: 32)))
}

/// Row numbers from one to the largest there is.
private let someDeliveries: [DeliveryID] = (0..<1000).map { (index: Int64) in
    DeliveryID(rawValue: index < 996 ? index * index * index + 1 : Int64.max - (index - 996))
}

/// The text with one bit changed, in every way that leaves it ASCII; with the eighth bit it would not be text.
private func flips(of text: String) -> [String] {
    let bytes = Array(text.utf8)
    return bytes.indices.flatMap { index in
        (0..<7).map { bit in
            var changed = bytes
            changed[index] ^= 1 << bit
            return String(decoding: changed, as: UTF8.self)
        }
    }
}

@Test func `an envelope sender leads back to its delivery and fits a local part`() throws {
    let keys = try keyring()
    for id in someDeliveries {
        let sender = keys.envelopeSender(for: id, domain: "bounces.moi.example")
        let local = try #require(sender.split(separator: "@").first)
        #expect(sender == "\(local)@bounces.moi.example")
        #expect(local.hasPrefix("b+") && local.utf8.count == 31)
        #expect(local.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz234567+".utf8.contains($0) })
        #expect(keys.delivery(fromEnvelope: String(local)) == id)
        #expect(keys.delivery(fromEnvelope: local.uppercased()) == id, "some systems change the case")
    }
}

@Test func `an unsubscribe token leads back to its delivery and is safe in a URL and a local part`() throws {
    let keys = try keyring()
    for id in someDeliveries {
        let token = keys.unsubscribeToken(for: id)
        #expect(keys.delivery(fromUnsubscribe: token) == id)
        #expect(token.hasPrefix("v1.u.") && token.utf8.count == 50)
        #expect(token.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz1234567.".utf8.contains($0) })
        _ = try EmailAddress.parse("u+\(token)@moi.example")
    }
}

@Test(arguments: 0..<4)
func `no flipped bit of a thousand unsubscribe tokens is accepted`(_ quarter: Int) throws {
    let keys = try keyring()
    var accepted = 0
    var tried = 0
    for id in someDeliveries[(quarter * 250)..<(quarter * 250 + 250)] {
        for forged in flips(of: keys.unsubscribeToken(for: id)) {
            tried += 1
            if keys.delivery(fromUnsubscribe: forged) != nil { accepted += 1 }
        }
    }
    #expect(accepted == 0)
    #expect(tried > 75_000)
}

@Test func `a flipped bit of an envelope sender is refused, or only changes the case of a letter`() throws {
    let keys = try keyring()
    for id in someDeliveries.prefix(200) {
        let local = String(keys.envelopeSender(for: id, domain: "x").dropLast(2))
        for forged in flips(of: local) where keys.delivery(fromEnvelope: forged) != nil {
            #expect(forged.lowercased() == local)
            #expect(keys.delivery(fromEnvelope: forged) == id)
        }
    }
}

@Test func `a token of one purpose is nothing for another`() throws {
    let keys = try keyring()
    let id = DeliveryID(rawValue: 42)
    let token = keys.unsubscribeToken(for: id)
    let local = String(keys.envelopeSender(for: id, domain: "x").dropLast(2))
    let name = keys.messageID(campaign: CampaignName(year: 2026, number: 7), delivery: id, domain: "x")
    #expect(keys.delivery(fromEnvelope: token) == nil)
    #expect(keys.delivery(fromEnvelope: "b+" + token) == nil)
    #expect(keys.delivery(fromUnsubscribe: local) == nil)
    #expect(keys.delivery(fromUnsubscribe: String(local.dropFirst(2))) == nil)
    // The MAC of another purpose, moved to where this purpose's would stand.
    let macs = [name.dropFirst().prefix(26), keys.boundary(for: id).dropFirst(9).prefix(26)]
    for mac in macs {
        #expect(mac.count == 26)
        #expect(keys.delivery(fromUnsubscribe: "\(token.dropLast(26))\(mac)") == nil)
    }
    #expect(keys.delivery(fromUnsubscribe: token.replacing("v1.u.", with: "v1.c.")) == nil)
    #expect(keys.delivery(fromUnsubscribe: token.replacing("v1.u.", with: "v2.u.")) == nil)
}

@Test func `an earlier root key's tokens still count, a stranger's do not`() throws {
    let id = DeliveryID(rawValue: 9_000)
    let old = try keyring(1)
    let rotated = try keyring(2, earlier: [1])
    let stranger = try keyring(3)
    let sender = String(old.envelopeSender(for: id, domain: "x").dropLast(2))
    #expect(rotated.delivery(fromUnsubscribe: old.unsubscribeToken(for: id)) == id)
    #expect(rotated.delivery(fromEnvelope: sender) == id)
    #expect(stranger.delivery(fromUnsubscribe: old.unsubscribeToken(for: id)) == nil)
    #expect(stranger.delivery(fromEnvelope: sender) == nil)
    #expect(rotated.unsubscribeToken(for: id) != old.unsubscribeToken(for: id))
}

@Test func `message ids and boundaries are stable and differ between deliveries and campaigns`() throws {
    let (one, two) = try (keyring(), keyring())
    let (may, june) = (CampaignName(year: 2026, number: 5), CampaignName(year: 2026, number: 6))
    var names: Set<String> = []
    for id in someDeliveries {
        let name = one.messageID(campaign: may, delivery: id, domain: "moi.example")
        #expect(name == two.messageID(campaign: may, delivery: id, domain: "moi.example"))
        #expect(name.hasPrefix("<") && name.hasSuffix("@moi.example>") && name.utf8.count == 28 + 12)
        names.insert(name)
        names.insert(one.messageID(campaign: june, delivery: id, domain: "moi.example"))
        let boundary = one.boundary(for: id)
        #expect(
            boundary == two.boundary(for: id) && boundary.utf8.count == 35 && boundary.hasPrefix("=_nashra_")
        )
        names.insert(boundary)
    }
    #expect(names.count == 3 * someDeliveries.count)
}

@Test(arguments: [
    "", "b+", "b+aaaa", "v1.u", "v1.u....", "v1.u.aaaa.aaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaa", "نشرة",
    "b+نشرة",
    "v1.u.aaaa.bbbbbbbbbbbbb.cccccccccccccccccccccccccc.", "b+\0\0\0\0",
])
func `what we did not make is nobody's`(_ text: String) throws {
    let keys = try keyring()
    #expect(keys.delivery(fromEnvelope: text) == nil)
    #expect(keys.delivery(fromUnsubscribe: text) == nil)
}
