// SPDX-License-Identifier: Apache-2.0
//
// JSON for machines: the documented keys in the documented order, the same bytes every time.
import Foundation
import Testing

@testable import NashraCommands

struct JSONOutputTests {
    private struct Report: Encodable {
        struct Domain: Encodable {
            let domain: String
            let audience: Int
        }

        enum State: String, Encodable { case finished }

        let schema = "nashra.report.v1"
        let campaign = "c-2026-0007"
        let state = State.finished
        let isEmpty = false
        let elapsed = 4.1
        let whole = 4.0
        let never = Double.nan
        let next: String? = nil
        let byDomain = [
            Domain(domain: "example.org", audience: 5000), Domain(domain: "بريد.example", audience: 1),
        ]
        let counts = ["ب": 2, "a": 1, "z": UInt64.max > 3 ? 3 : 0]
        let codes = [451: 1, 250: 7]
        let none: [Int] = []
        let nothing: [String: Int] = [:]
        let deep = [["x": [true, nil]]]

        enum CodingKeys: String, CodingKey {
            case schema, campaign, state
            case isEmpty = "is_empty"
            case elapsed, whole, never, next
            case byDomain = "by_domain"
            case counts, codes, none, nothing, deep
        }
    }

    @Test func `keys keep their order and dictionaries are sorted`() throws {
        let expected =
            #"{"schema":"nashra.report.v1","campaign":"c-2026-0007","state":"finished","is_empty":false,"#
            + #""elapsed":4.1,"whole":4.0,"never":null,"#
            + #""by_domain":[{"domain":"example.org","audience":5000},"#
            + #"{"domain":"بريد.example","audience":1}],"#
            + #""counts":{"a":1,"z":3,"ب":2},"codes":{"250":7,"451":1},"#
            + #""none":[],"nothing":{},"deep":[{"x":[true,null]}]}"#
        #expect(String(decoding: try JSONOutput.encode(Report()), as: UTF8.self) == expected)
    }

    @Test func `what was written is what a JSON reader reads`() throws {
        let text =
            (0..<0x250).compactMap { Unicode.Scalar($0) }.map(String.init).joined() + "\"\\/علي👍\u{2028}"
        let values: [String] = [text, "", "=1"]
        let decoded = try JSONDecoder().decode([String].self, from: Data(try JSONOutput.encode(values)))
        #expect(decoded == values)
        let numbers = [0, -1.5, 1e300, .leastNonzeroMagnitude, 0.1, 1e20, .greatestFiniteMagnitude]
        #expect(
            try JSONDecoder().decode([Double].self, from: Data(try JSONOutput.encode(numbers))) == numbers
        )
    }

    @Test func `it is one line without controls`() throws {
        let bytes = try JSONOutput.encode(["a\nb\u{1B}": "\u{0}\r\t\u{7F}"])
        #expect(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    }

    @Test func `classes with a super encoder and nested containers come out whole`() throws {
        struct Nested: Encodable {
            enum Keys: String, CodingKey { case inner, list, parent }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                var inner = container.nestedContainer(keyedBy: Keys.self, forKey: .inner)
                try inner.encode(1, forKey: .list)
                var list = container.nestedUnkeyedContainer(forKey: .list)
                try list.encode("قائمة")
                try list.encodeNil()
                try "x".encode(to: container.superEncoder(forKey: .parent))
            }
        }
        let text = String(decoding: try JSONOutput.encode(Nested()), as: UTF8.self)
        #expect(text == #"{"inner":{"list":1},"list":["قائمة",null],"parent":"x"}"#)
    }
}
