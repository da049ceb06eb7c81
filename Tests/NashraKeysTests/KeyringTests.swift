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
///
/// `foldingCase` leaves out changes that only make a small letter a capital one.
private func flips(of text: String, foldingCase: Bool = false) -> [String] {
    let bytes = Array(text.utf8)
    return bytes.indices.flatMap { index in
        (0..<7).compactMap { bit in
            if foldingCase, bit == 5, (0x61...0x7A).contains(bytes[index]) { return nil }
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

@Test func `a probe's sender leads back to its number and fits a local part`() throws {
    let keys = try keyring()
    for row in someDeliveries.map(\.rawValue) {
        let sender = keys.probeSender(for: row, domain: "bounces.moi.example")
        let local = try #require(sender.split(separator: "@").first)
        #expect(local.hasPrefix("p+") && local.utf8.count == 31)
        #expect(keys.probe(fromEnvelope: sender) == row)
        #expect(keys.probe(fromEnvelope: local.uppercased()) == row, "some systems change the case")
    }
}

@Test func `a message id leads back to its delivery, however a report quotes it`() throws {
    let keys = try keyring()
    for id in someDeliveries {
        let name = keys.messageID(for: id, domain: "moi.example")
        let local = name.dropFirst().prefix { $0 != "@" }
        #expect(local.utf8.count == 31 && local.hasPrefix("m1"))
        #expect(local.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz1234567".utf8.contains($0) })
        for quoted in [
            name, " \(name)\t", name.uppercased(), String(name.dropFirst().dropLast()), String(local),
        ] {
            #expect(keys.delivery(fromMessageID: quoted) == id, "quoted as \(quoted)")
        }
    }
}

/// One reader of tokens that fold case, and a token for it.
enum FoldedToken: CaseIterable {
    case envelope, probe, messageID

    func make(_ keys: Keyring, _ row: Int64) -> String {
        let id = DeliveryID(rawValue: row)
        return switch self {
        case .envelope: String(keys.envelopeSender(for: id, domain: "x").dropLast(2))
        case .probe: String(keys.probeSender(for: row, domain: "x").dropLast(2))
        case .messageID: String(keys.messageID(for: id, domain: "x").dropFirst().dropLast(3))
        }
    }

    func read(_ keys: Keyring, _ text: String) -> Int64? {
        switch self {
        case .envelope: keys.delivery(fromEnvelope: text)?.rawValue
        case .probe: keys.probe(fromEnvelope: text)
        case .messageID: keys.delivery(fromMessageID: text)?.rawValue
        }
    }
}

@Test(arguments: [
    (FoldedToken.messageID, 0..<500), (.messageID, 500..<1000), (.envelope, 0..<300), (.probe, 700..<1000),
])
func `a flipped bit of a token is refused, or only changes the case of a letter`(
    _ token: FoldedToken,
    _ some: Range<Int>
) throws {
    let keys = try keyring()
    var (accepted, tried) = (0, 0)
    for id in someDeliveries[some] {
        let text = token.make(keys, id.rawValue)
        for forged in flips(of: text, foldingCase: true) {
            tried += 1
            if token.read(keys, forged) != nil { accepted += 1 }
        }
        #expect(token.read(keys, text) == id.rawValue)
    }
    #expect(accepted == 0)
    #expect(tried > 180 * some.count)
}

@Test(arguments: FoldedToken.allCases, FoldedToken.allCases)
func `a token stands for its own purpose only, whatever prefix it is given`(
    _ made: FoldedToken,
    _ read: FoldedToken
) throws {
    let keys = try keyring()
    for id in someDeliveries.prefix(100) {
        let text = made.make(keys, id.rawValue)
        let moved = read.make(keys, 1).prefix(2) + text.dropFirst(2)
        if made == read {
            #expect(read.read(keys, String(moved)) == id.rawValue)
        } else {
            #expect(read.read(keys, text) == nil)
            #expect(read.read(keys, String(moved)) == nil)
        }
    }
}

@Test(arguments: FoldedToken.allCases)
func `a token that was cut, lengthened or wrapped in something else is refused`(_ token: FoldedToken) throws {
    let keys = try keyring()
    let text = token.make(keys, 77)
    for length in 0..<text.utf8.count {
        #expect(token.read(keys, String(text.prefix(length))) == nil)
        #expect(token.read(keys, String(text.prefix(length)) + "@moi.example") == nil)
    }
    for other in [
        "\(text)a", "\(text)2@x", "\(text).x@x", "a\(text)", "\"\(text)\"@x", "\(text)\u{301}", "ن\(text)",
    ] {
        #expect(token.read(keys, other) == nil, "\(other)")
    }
    #expect(token.read(keys, "\(text)@وزارة.مثال") == 77, "the domain proves nothing and is not looked at")
}

@Test func `a token of one purpose is nothing for another`() throws {
    let keys = try keyring()
    let id = DeliveryID(rawValue: 42)
    let token = keys.unsubscribeToken(for: id)
    let local = String(keys.envelopeSender(for: id, domain: "x").dropLast(2))
    #expect(keys.delivery(fromEnvelope: token) == nil)
    #expect(keys.delivery(fromEnvelope: "b+" + token) == nil)
    #expect(keys.delivery(fromUnsubscribe: local) == nil)
    #expect(keys.delivery(fromUnsubscribe: String(local.dropFirst(2))) == nil)
    // The MAC of another purpose, moved to where this purpose's would stand.
    let mac = keys.boundary(for: id).dropFirst(9)
    #expect(mac.count == 26)
    #expect(keys.delivery(fromUnsubscribe: "\(token.dropLast(26))\(mac)") == nil)
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
    for token in FoldedToken.allCases {
        #expect(token.read(rotated, token.make(old, 9_000)) == 9_000)
        #expect(token.read(stranger, token.make(old, 9_000)) == nil)
        #expect(token.make(rotated, 9_000) != token.make(old, 9_000))
    }
    #expect(stranger.delivery(fromUnsubscribe: old.unsubscribeToken(for: id)) == nil)
    #expect(stranger.delivery(fromEnvelope: sender) == nil)
    #expect(rotated.unsubscribeToken(for: id) != old.unsubscribeToken(for: id))
}

@Test func `message ids and boundaries are stable and differ between deliveries`() throws {
    let (one, two) = try (keyring(), keyring())
    var names: Set<String> = []
    for id in someDeliveries {
        let name = one.messageID(for: id, domain: "moi.example")
        #expect(name == two.messageID(for: id, domain: "moi.example"))
        #expect(name.hasPrefix("<m1") && name.hasSuffix("@moi.example>") && name.utf8.count == 33 + 12)
        names.insert(name)
        let boundary = one.boundary(for: id)
        #expect(
            boundary == two.boundary(for: id) && boundary.utf8.count == 35 && boundary.hasPrefix("=_nashra_")
        )
        names.insert(boundary)
    }
    #expect(names.count == 2 * someDeliveries.count)
}

@Test(arguments: [
    "", "b+", "b+aaaa", "v1.u", "v1.u....", "v1.u.aaaa.aaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaa", "نشرة",
    "b+نشرة",
    "v1.u.aaaa.bbbbbbbbbbbbb.cccccccccccccccccccccccccc.", "b+\0\0\0\0", "m1", "p+", "<m1@>", "<>", "<<<<",
    "m1ن@",
])
func `what we did not make is nobody's`(_ text: String) throws {
    let keys = try keyring()
    #expect(keys.delivery(fromEnvelope: text) == nil)
    #expect(keys.probe(fromEnvelope: text) == nil)
    #expect(keys.delivery(fromMessageID: text) == nil)
    #expect(keys.delivery(fromUnsubscribe: text) == nil)
}
