// SPDX-License-Identifier: Apache-2.0
//
// What must hold of every reading of a provider's notification, whatever was read.
// Rules: the doc comments of NashraProviders.
import NashraCore
import NashraProviders

/// Reads notifications with keys that nobody can sign for.
struct NotificationChecks {
    private let keys: ProviderKeys
    private let now = Timestamp(rawValue: 1_795_000_000_000)

    init() throws { keys = try NotificationSamples.keys() }

    /// Reads an input as one provider's, and returns a word for the statistics.
    func read(_ bytes: [UInt8], as provider: Provider) throws(Fault) -> String {
        // What SendGrid says in the header of a request comes from a stranger too.
        let tail = String(decoding: bytes.suffix(72), as: UTF8.self)
        let headers = SignatureHeaders(signature: tail, timestamp: "\(bytes.count)")
        let reading = ProviderNotification.read(
            bytes,
            provider: provider,
            keys: keys,
            signature: bytes.count % 3 == 0 ? nil : headers,
            now: now
        )
        try Fault.unless(reading.findings.count <= 101, "the number of findings")
        for event in reading.events {
            try Fault.unless(event.trust != .signed, "a signature that nobody made")
            try Fault.unless(event.trust == (provider.signs ? .forged : .unsigned), "an event's trust")
            try Fault.unless(event.id.utf8.count <= 220, "an event's name is too long")
            try MailChecks.isLine(event.id, "an event's name")
            for recipient in event.verdict.recipients {
                try MailChecks.isLine(recipient.address, "a recipient")
                try MailChecks.isLine(recipient.diagnostic ?? "", "a diagnostic")
                try Fault.unless((recipient.diagnostic ?? "").utf8.count <= 1_024, "a diagnostic's length")
            }
        }
        guard let first = reading.events.first else {
            return reading.findings.isEmpty ? "ignored" : "unreadable"
        }
        return first.verdict.kind.rawValue
    }
}
