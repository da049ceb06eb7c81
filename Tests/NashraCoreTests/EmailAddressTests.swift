// SPDX-License-Identifier: Apache-2.0
//
// What is an address, what is not, and which two are the same person.
import NashraCore
import Testing

@Suite struct EmailAddressTests {
    @Test(arguments: [
        ("bulletin@moi.example", "bulletin@moi.example", "bulletin@moi.example"),
        ("  A.B+tag@Example.ORG\t", "A.B+tag@example.org", "a.b+tag@example.org"),
        ("o'neil!#$%&*/=?^_`{|}~-@example.org", "o'neil!#$%&*/=?^_`{|}~-@example.org", nil),
        ("user@مثال.إختبار", "user@xn--mgbh0fb.xn--kgbechtv", "user@xn--mgbh0fb.xn--kgbechtv"),
        ("user@MÜLLER.example", "user@xn--mller-kva.example", nil),
        ("أحمد@مثال.إختبار", "أحمد@xn--mgbh0fb.xn--kgbechtv", nil),
        ("a@b.co", "a@b.co", nil),
    ])
    func `good addresses are taken, with their wire form and key`(
        _ given: String,
        _ wire: String,
        _ key: String?
    ) throws {
        let address = try EmailAddress.parse(given)
        #expect(address.wire == wire)
        if let key { #expect(address.key == key) }
        #expect(address.needsSMTPUTF8 == !address.localPart.utf8.allSatisfy { $0 < 0x80 })
    }

    @Test func `composed and decomposed spellings of a name are one person`() throws {
        let composed = try EmailAddress.parse("jos\u{E9}@example.org")
        let decomposed = try EmailAddress.parse("jose\u{301}@example.org")
        #expect(Array(composed.key.utf8) == Array(decomposed.key.utf8))
        #expect(Array(composed.text.utf8) != Array(decomposed.text.utf8))
    }

    @Test(arguments: [
        "", " ", "@", "a@", "@b.example", "plain", "a b@example.org", "a@b", "a@-b.example", "a@b-.example",
        "a..b@example.org", ".a@example.org", "a.@example.org", "a@b..example", "a@example.org.", "a@1.2.3.4",
        "a@[127.0.0.1]", "\"a b\"@example.org", "a@b.example\r\nRCPT TO:<x@y.example>", "a\r@b.example",
        "a\n@b.example", "a\u{0}@b.example", "<a@b.example>", "a,b@example.org", "a@exa_mple.org",
        "a\u{202E}b@example.org", "\u{200F}a@example.org", "a\u{85}b@example.org", "a@b.example, c@d.example",
        "a(comment)@example.org", "a@exam ple.org", "a;b@example.org", "a\\b@example.org", "a:b@example.org",
    ])
    func `what could hurt on the wire is refused`(_ given: String) {
        #expect(throws: AddressFault.self) { try EmailAddress.parse(given) }
    }

    @Test func `lengths end where RFC 5321 ends them`() throws {
        let local = String(repeating: "a", count: 64)
        #expect(try EmailAddress.parse("\(local)@example.org").localPart == local)
        #expect(throws: AddressFault.self) { try EmailAddress.parse("a\(local)@example.org") }
        let label = String(repeating: "b", count: 63)
        #expect(try EmailAddress.parse("a@\(label).example").domain == "\(label).example")
        #expect(throws: AddressFault.self) { try EmailAddress.parse("a@b\(label).example") }
        let long = (0..<5).map { _ in label }.joined(separator: ".")
        #expect(throws: AddressFault.self) { try EmailAddress.parse("a@\(long).example") }
    }

    @Test func `a combining mark does not hide a forbidden byte`() {
        for bad in ["a<\u{301}b@example.org", "a>\u{200D}b@example.org", "a\r\n\u{301}b@example.org"] {
            #expect(throws: AddressFault.self) { try EmailAddress.parse(bad) }
        }
    }

    @Test func `random bytes are refused or safe, never a trap`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40)).map { _ in
                Bool.random(using: &generator)
                    ? UInt8.random(in: 0...255) : Array("a.@<>\r\n \u{0}é".utf8).randomElement() ?? 0
            }
            guard let address = try? EmailAddress.parse(bytes) else { continue }
            #expect(address.wire.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x3C && $0 != 0x3E })
        }
    }
}
