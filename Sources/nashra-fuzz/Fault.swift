// SPDX-License-Identifier: Apache-2.0
//
// A promise that was broken, and a check that many kinds of input share.
// Pure; imports nothing, so that Scripts/libfuzzer can use it too.

/// Something that must never be.
struct Fault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    static func unless(_ holds: Bool, _ description: String) throws(Fault) {
        guard holds else { throw Fault(description) }
    }
}

enum MailChecks {
    /// Text for people: one line, no C0 and C1 controls.
    static func isLine(_ text: String, _ what: String) throws(Fault) {
        let holds = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
        try Fault.unless(holds, "\(what) holds a control")
    }
}
