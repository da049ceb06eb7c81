// SPDX-License-Identifier: Apache-2.0
//
// From the bytes that a provider sent to events: found, checked, read and judged. Pure, bounded and total: a
// stranger's bytes cost one pass and never end the reading. Rules: docs/providers.md.
import Crypto
import Foundation
public import NashraCore

/// Reads notifications of mail providers.
public enum ProviderNotification {
    /// The longest input.
    public static let maximumBytes = 10 << 20
    /// The most events of one input; providers send 1,000 at most.
    public static let maximumEvents = 20_000
    /// The most findings of one input that are kept.
    static let maximumFindings = 100

    /// Says why a server refused, from its status code and its words; `nil` when they say nothing.
    public typealias WordsJudge = (_ status: EnhancedStatusCode?, _ words: String) -> RefusalReason?

    /// Reads one input: an object, an array of objects, JSON Lines, or objects one after the other.
    ///
    /// - Parameters:
    ///   - bytes: What came, at most ``maximumBytes``; of SendGrid exactly the body of the request, for that
    ///     is signed.
    ///   - provider: Who is said to have sent it.
    ///   - keys: What proves it.
    ///   - signature: SendGrid's header fields; `nil` for the others.
    ///   - now: The present time: for signatures that grow old, and for events that do not say when.
    ///   - file: The input's name, for findings.
    ///   - judge: Reads the words of the servers that the provider quotes; by default a small table of our
    ///     own does.
    /// - Returns: All events, those that are not to be believed among them, and what could not be read.
    public static func read(
        _ bytes: [UInt8],
        provider: Provider,
        keys: ProviderKeys,
        signature: SignatureHeaders? = nil,
        now: Timestamp,
        file: String = "-",
        judge: WordsJudge? = nil
    ) -> ProviderReading {
        let judgement = Judgement(provider: provider, table: .standard, judge: judge)
        var reader = NotificationReader(judgement: judgement, keys: keys, now: now, file: file)
        guard bytes.count <= maximumBytes else {
            reader.find(at: 0, "the input is longer than \(maximumBytes >> 20) MiB and was not read")
            return reader.reading
        }
        if provider == .sendgrid {
            reader.inputFault = .some(SendGridSignature.fault(bytes, signature, keys))
            reader.bearsSignature = signature != nil && keys.sendGridKey != nil
        }
        reader.read(bytes)
        return reader.reading
    }
}

/// One reading of one input.
private struct NotificationReader {
    let judgement: Judgement
    let keys: ProviderKeys
    let now: Timestamp
    let file: String
    /// Why the whole input is not the provider's, where it is signed as a whole: SendGrid.
    var inputFault: String??
    /// Whether it bears a signature that we could have checked.
    var bearsSignature = false
    var reading = ProviderReading()
    private var mailgun = MailgunSignature()
    private var isWarned = false
    private let decoder = JSONDecoder()

    init(judgement: Judgement, keys: ProviderKeys, now: Timestamp, file: String) {
        (self.judgement, self.keys, self.now, self.file) = (judgement, keys, now, file)
    }

    private var provider: Provider { judgement.provider }

    mutating func read(_ bytes: [UInt8]) {
        var scanner = DocumentScanner(bytes)
        while let item = scanner.next() {
            switch item {
            case .fault(let offset, let words): find(at: offset, words)
            case .object(let range):
                guard reading.events.count + reading.ignored < ProviderNotification.maximumEvents else {
                    return find(at: range.lowerBound, "there are too many events; from here on none was read")
                }
                take(bytes[range])
            }
            if reading.findings.count > ProviderNotification.maximumFindings { return }
        }
    }

    /// Notes what could not be read.
    mutating func find(
        at offset: Int,
        _ words: String,
        _ severity: Diagnostic.Severity = .error,
        remedy: String = ""
    ) {
        if reading.findings.count == ProviderNotification.maximumFindings {
            reading.findings.append(Diagnostic(file: file, "there are more findings; the rest was not read"))
        }
        guard reading.findings.count < ProviderNotification.maximumFindings else { return }
        reading.findings.append(
            Diagnostic(severity, file: file, "at byte \(offset): \(words)", remedy: remedy)
        )
    }

    private mutating func take(_ object: ArraySlice<UInt8>) {
        guard let fields = try? decoder.decode(Fields.self, from: Data(object)) else {
            return find(at: object.startIndex, "what begins here is no JSON")
        }
        let digest = SHA256.hash(data: Data(object)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
        if provider == .ses, let envelope = SNSEnvelope(fields) {
            return open(envelope, at: object.startIndex, digest)
        }
        let raw = event(fields)
        guard case .told(let told) = raw else { return note(raw, at: object.startIndex) }
        let fault: String?
        switch provider {
        case .ses: fault = "it bears no signature, since it did not come by SNS"
        case .sendgrid: fault = inputFault ?? "it bears no signature"
        case .mailgun: fault = mailgun.fault(fields, event: told.id ?? digest, keys, now: now)
        case .postmark, .sparkpost: fault = nil
        }
        add(told, trust(fault, fields), fault, at: object.startIndex, digest)
    }

    private func event(_ fields: Fields) -> RawEvent {
        switch provider {
        case .ses: SESEvent.read(fields, judgement)
        case .sendgrid: SendGridEvent.read(fields, judgement)
        case .mailgun: MailgunEvent.read(fields, judgement)
        case .postmark: PostmarkEvent.read(fields, judgement)
        case .sparkpost: SparkPostEvent.read(fields, judgement)
        }
    }

    /// A notification inside the envelope of SNS: its text is JSON of its own, measured like the outer one.
    private mutating func open(_ envelope: SNSEnvelope, at offset: Int, _ digest: String) {
        let fault = envelope.fault(keys)
        guard envelope.type == "Notification" else {
            guard fault == nil, envelope.type == "SubscriptionConfirmation",
                let url = envelope.confirmationURL
            else {
                return find(at: offset, "a message of SNS about a subscription was passed over", .warning)
            }
            return find(
                at: offset,
                "SNS asks whether the topic \(Words.name(envelope.topic) ?? "") may send here",
                .warning,
                remedy: "Open this address once to agree: \(url)"
            )
        }
        let inner = Array(envelope.message.utf8)
        var scanner = DocumentScanner(inner)
        guard case .object(let range) = scanner.next(),
            let fields = try? decoder.decode(Fields.self, from: Data(inner[range]))
        else {
            // "Successfully validated SNS topic for Amazon SES event publishing."
            reading.ignored += 1
            return
        }
        let raw = event(fields)
        guard case .told(let told) = raw else { return note(raw, at: offset) }
        add(told, fault == nil ? .signed : .forged, fault, at: offset, digest)
    }

    private mutating func note(_ raw: RawEvent, at offset: Int) {
        switch raw {
        case .told: break
        case .ignored: reading.ignored += 1
        case .fault(let words): find(at: offset, words)
        }
    }

    /// A wrong signature is worse than none: it is never excused.
    private func trust(_ fault: String?, _ fields: Fields) -> ProviderEvent.Trust {
        guard provider.signs else { return .unsigned }
        guard fault != nil else { return .signed }
        let bearsOne: Bool
        switch provider {
        case .sendgrid: bearsOne = bearsSignature
        case .mailgun: bearsOne = fields.fields("signature") != nil && keys.mailgunKey != nil
        case .ses, .postmark, .sparkpost: bearsOne = false
        }
        return keys.allowsUnsigned.contains(provider) && !bearsOne ? .unsigned : .forged
    }

    private mutating func add(
        _ told: RawEvent.Told,
        _ trust: ProviderEvent.Trust,
        _ fault: String?,
        at offset: Int,
        _ digest: String
    ) {
        if trust == .forged, !isWarned, let fault {
            isWarned = true
            find(
                at: offset,
                "this event and perhaps others are not believed: \(fault)",
                .warning,
                remedy:
                    "They are recorded as forged and change nobody. docs/providers.md says what to set up."
            )
        }
        let own = trust == .forged ? nil : Words.name(told.id)
        reading.events.append(
            ProviderEvent(
                id: "\(provider.rawValue):\(own ?? (trust == .forged ? "forged-\(digest)" : digest))",
                provider: provider,
                trust: trust,
                verdict: told.verdict,
                isUnsubscribe: told.isUnsubscribe,
                envelopeSender: told.envelopeSender,
                messageIDs: told.messageIDs,
                at: told.at ?? now
            )
        )
    }
}
