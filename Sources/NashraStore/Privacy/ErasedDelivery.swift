// SPDX-License-Identifier: Apache-2.0
//
// Mail that comes back for somebody who was erased in the meantime: it counts, and brings no word about her back.
// Pure values. Rules: docs/decisions/0010-privacy.md.
import NashraCore

extension TiedDelivery {
    /// Whether whom it went to was erased since.
    var isErased: Bool { key.hasPrefix("erased-") }
}

extension ReturnedEntry {
    /// The message as it may be recorded about a delivery.
    ///
    /// A report about somebody who was erased loses everything that names her. What she writes herself stays: she came
    /// back of her own will.
    func recordable(about delivery: TiedDelivery?) -> ReturnedEntry {
        guard delivery?.isErased == true, purpose != .reply else { return self }
        var entry = self
        entry.verdict.recipients = []
        entry.sender = nil
        entry.subject = ""
        entry.raw = nil
        return entry
    }
}
