// SPDX-License-Identifier: Apache-2.0
//
// How results become JSON.
// Pure. RFC 8259.
import Foundation
import NashraCore

/// The one way in which this program writes JSON.
enum JSONOutput {
    /// One value on one line, keys sorted, so that the same result is the same bytes; no line end.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            throw UserError(.bug, "The result cannot be written as JSON: \(error)")
        }
    }
}
