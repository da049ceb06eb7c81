// SPDX-License-Identifier: Apache-2.0
//
// Notifications of mail providers as a use case: read, checked, tied and recorded like returned mail.
// Reads the files that are named, and those of the keys. Rules: docs/providers.md.
import Foundation
import NashraConfig
public import NashraCore
public import NashraEngine
import NashraProviders

/// What stood beside SendGrid's notification in its request.
public struct NotificationSignature: Sendable, Hashable {
    /// `X-Twilio-Email-Event-Webhook-Signature`.
    public var signature: String
    /// `X-Twilio-Email-Event-Webhook-Timestamp`.
    public var timestamp: String

    /// Makes one.
    public init(signature: String, timestamp: String) {
        self.signature = signature
        self.timestamp = timestamp
    }
}

extension BounceDesk {
    /// The providers by name.
    public static let providers = Provider.allCases.map(\.rawValue)

    /// Takes in the notifications in files.
    ///
    /// - Parameters:
    ///   - provider: One of ``providers``.
    ///   - files: Their paths; `-` is standard input. They stay where they are.
    ///   - signature: What stood beside SendGrid's notification.
    ///   - summary: What came.
    /// - Throws: `usage` for an unknown provider, `configuration` for keys that cannot be read, what the store says.
    public func ingest(
        provider: String,
        files: [String],
        signature: NotificationSignature?,
        into summary: inout IngestSummary
    ) throws(UserError) {
        guard let provider = Provider(rawValue: provider) else {
            throw UserError(
                .usage,
                "--provider \(provider) is not known.",
                remedy: "Say \(Self.providers.joined(separator: ", "))."
            )
        }
        let keys = try application.providerKeys()
        let reader = reader()
        let pipeline = pipeline()
        var found: [Diagnostic] = []
        var read = summary
        try MailFiles(files).forEach { (file, bytes) throws(UserError) in
            let reading = ProviderNotification.read(
                bytes,
                provider: provider,
                keys: keys,
                signature: signature.map {
                    SignatureHeaders(signature: $0.signature, timestamp: $0.timestamp)
                },
                now: application.clock.now(),
                file: file
            )
            found += reading.findings
            let entries = reading.events.map {
                reader.entry(for: TrustedNotification($0), source: "\(provider.rawValue) \(file)")
            }
            for start in stride(from: 0, to: entries.count, by: 500) {
                try pipeline.record(Array(entries[start..<min(start + 500, entries.count)]), into: &read)
            }
        } onFault: { file, why in
            found.append(Diagnostic(file: file, "cannot be read: \(why)"))
        }
        summary = read
        summary.passedOver += found
    }
}

extension TrustedNotification {
    fileprivate init(_ event: ProviderEvent) {
        self.init(
            id: event.id,
            verdict: event.verdict,
            isBelieved: event.trust != .forged,
            isUnsubscribe: event.isUnsubscribe,
            envelopeSender: event.envelopeSender,
            messageIDs: event.messageIDs,
            at: event.at
        )
    }
}

extension Application {
    /// What proves that notifications are a provider's own, by the configuration.
    fileprivate func providerKeys() throws(UserError) -> ProviderKeys {
        let configured = configuration.bounces.providers
        var keys = ProviderKeys()
        for path in configured.snsCertificates {
            let file = workspace.displayed(path)
            guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= 1 << 20 else {
                throw UserError(
                    .configuration,
                    "bounces.providers.sns_certificates names \(file), which cannot be read.",
                    remedy: "Give the path of a PEM file."
                )
            }
            try keys.addSNSCertificates(pem: String(decoding: bytes, as: UTF8.self), file: file)
        }
        keys.snsTopics = Set(configured.snsTopics)
        keys.sendGridKey = configured.sendGridKey
        keys.mailgunKey = configured.mailgunKey
        keys.allowsUnsigned = Set(configured.allowsUnsigned.compactMap(Provider.init))
        return keys
    }
}
