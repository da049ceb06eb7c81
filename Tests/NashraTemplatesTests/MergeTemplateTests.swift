// SPDX-License-Identifier: Apache-2.0
//
// Claims about filling: values, fallbacks, escaping in every place, and the stored form.
import Foundation
import NashraCore
import Testing

@testable import NashraTemplates

@Suite struct MergeTemplateTests {
    /// Characters that hide a dangerous byte from whoever compares by Character.
    static let disguises = ["", "\u{301}", "\u{64E}", "\u{200D}", "\u{FE0F}", "\u{20E3}"]

    private let letter = MergeTemplate(segments: [
        .bytes(Array("مرحبًا ".utf8)),
        .slot(field: "name", fallback: Array("قارئنا".utf8), escaping: .html),
        .bytes(Array("، ".utf8)),
        .slot(field: "email", fallback: nil, escaping: .text),
    ])

    @Test func `a value stands where its slot is and a fallback where there is none`() throws {
        let both = try letter.filled(with: ["name": "نُورة", "email": "a@example.org"])
        #expect(String(decoding: both, as: UTF8.self) == "مرحبًا نُورة، a@example.org")
        let one = try letter.filled(with: ["name": "", "email": "a@example.org"])
        #expect(String(decoding: one, as: UTF8.self) == "مرحبًا قارئنا، a@example.org")
        #expect(letter.fields == ["name", "email"])
    }

    @Test func `a slot with neither value nor fallback is a fault and not a blank`() {
        #expect(throws: MergeFault.missingValue(field: "email")) { try letter.filled(with: ["name": "x"]) }
    }

    @Test func `what was stored reads back the same, byte for byte`() throws {
        let fixed = Array("e\u{301} <p>\u{200F}نص\n\"".utf8)
        let template = MergeTemplate(segments: letter.segments + [.bytes(fixed)])
        let variant = RenderedVariant(
            language: .arabic,
            subject: template,
            text: template,
            html: template
        )
        let bulletin = RenderedBulletin(variants: ["ar": variant])
        let read = try JSONDecoder().decode(
            RenderedBulletin.self,
            from: try JSONEncoder().encode(bulletin)
        )
        #expect(read == bulletin)
        #expect(read.variants["ar"]?.html.segments.last == .bytes(fixed))
    }

    @Test func `bytes that are not UTF-8 are refused by the store's form`() {
        let template = MergeTemplate(segments: [.bytes([0xFF])])
        #expect(throws: EncodingError.self) { try JSONEncoder().encode(template) }
    }

    @Test(arguments: disguises)
    func `no disguise carries a live character into HTML`(_ disguise: String) {
        for live in ["\"", "<", ">", "'", "&"] {
            let bytes = Escaping.html.escaped("x\(live)\(disguise)y")
            let text = String(decoding: bytes, as: UTF8.self)
            let left = bytes.filter { [0x22, 0x3C, 0x3E, 0x27].contains($0) }
            #expect(left.isEmpty, "\(text)")
            #expect(text.utf8.starts(with: "x&".utf8) && text.utf8.contains(UInt8(ascii: ";")))
        }
    }

    @Test(arguments: disguises)
    func `no disguise carries anything but unreserved characters into a URL`(_ disguise: String) {
        for live in ["\"", "/", "?", "#", "&", "%", ":", "@", "\n", "نورة"] {
            let bytes = Escaping.urlComponent.escaped("x\(live)\(disguise)")
            let allowed = bytes.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "-._~%".utf8.contains(byte)
            }
            #expect(allowed)
            let decoded = String(decoding: bytes, as: UTF8.self).removingPercentEncoding
            #expect(decoded == "x\(live)\(disguise)")
        }
    }

    @Test(arguments: [Escaping.text, .header, .html])
    func `controls and direction overrides never reach a mail`(_ escaping: Escaping) {
        let hostile = "a\r\nBcc: b\u{0}c\u{85}d\u{2028}e\u{202E}f\u{2066}g\u{2069}h\u{7F}\u{1B}[31m"
        let bytes = escaping.escaped(hostile)
        #expect(!bytes.contains { $0 < 0x20 || $0 == 0x7F })
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        #expect(!scalars.contains { [0x85, 0x2028, 0x202E, 0x2066, 0x2069].contains($0.value) })
        #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("a  Bcc: b c"))
    }

    @Test(arguments: Escaping.allCases)
    func `names of people stay as they are but for what the place needs`(_ escaping: Escaping) {
        let name = "عبد الرَّحمٰن — Zoë \u{200F}"
        let text = String(decoding: escaping.escaped(name), as: UTF8.self)
        #expect((escaping == .urlComponent ? text.removingPercentEncoding : text) == name)
    }

    @Test(arguments: Escaping.allCases)
    func `text cut off in the middle of a character is taken without harm`(_ escaping: Escaping) {
        for end in [[0xC2], [0xE2], [0xE2, 0x80], [0xE2, 0x81]] as [[UInt8]] {
            #expect(!escaping.escaped(String(decoding: [0x61] + end, as: UTF8.self)).isEmpty)
        }
    }
}
