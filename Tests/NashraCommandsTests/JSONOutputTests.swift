// SPDX-License-Identifier: Apache-2.0
//
// JSON for machines: one line, the same bytes every time, readable by any reader.
import Foundation
import Testing

@testable import NashraCommands

struct JSONOutputTests {
    @Test func `keys are sorted, so that the same result is the same bytes`() throws {
        let value = ["ب": 2, "a": 1, "schema": 3, "z/y": 4]
        let text = String(decoding: try JSONOutput.encode(value), as: UTF8.self)
        #expect(text == #"{"a":1,"schema":3,"z/y":4,"ب":2}"#)
    }

    @Test func `what was written is what a JSON reader reads`() throws {
        let text =
            (0..<0x250).compactMap { Unicode.Scalar($0) }.map(String.init).joined() + "\"\\/علي👍\u{2028}"
        let values = [text, "", "=1"]
        let decoded = try JSONDecoder().decode([String].self, from: Data(try JSONOutput.encode(values)))
        #expect(decoded == values)
    }

    @Test func `it is one line without controls`() throws {
        let bytes = try JSONOutput.encode(["a\nb\u{1B}": "\u{0}\r\t"])
        #expect(bytes.allSatisfy { $0 >= 0x20 })
    }

    @Test func `a number that JSON does not know is an error, not a wrong number`() {
        #expect(throws: (any Error).self) { try JSONOutput.encode([Double.nan]) }
    }
}
