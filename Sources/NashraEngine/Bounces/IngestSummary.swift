// SPDX-License-Identifier: Apache-2.0
//
// What one ingest took in and what followed from it, in numbers.
// Pure values; the JSON is nashra.ingest.v1.
public import NashraCore

/// What came back, and what was done about it.
public struct IngestSummary: Sendable, Hashable, Encodable {
    enum CodingKeys: String, CodingKey {
        case schema, read, hard, soft, complaint
        case autoReply = "auto_reply"
        case delivered, none, unknown, replies, unsubscribes, duplicates, repeated, forged, odd, untied,
            suppressed
        case withheld, probes, alarms, held, confirmed
        case passedOver = "passed_over"
    }

    let schema = "nashra.ingest.v1"
    /// Messages and notifications that were read.
    public var read = 0
    /// Of these: the address does not work.
    ///
    /// The next six too are by what the messages say, and all add up to ``read``.
    public var hard = 0
    /// This message did not get through, or not yet.
    public var soft = 0
    /// Called abuse.
    public var complaint = 0
    /// Answered by a machine.
    public var autoReply = 0
    /// Reports of success.
    public var delivered = 0
    /// No reports about a delivery: letters, newsletters.
    public var none = 0
    /// Reports that could not be read.
    public var unknown = 0
    /// Answers of people.
    public var replies = 0
    /// Requests to leave.
    public var unsubscribes = 0
    /// Known by their bytes already.
    public var duplicates = 0
    /// Tied to a delivery that had such a message already.
    public var repeated = 0
    /// With a token whose MAC is wrong.
    public var forged = 0
    /// With a right token for something that was never handed over.
    public var odd = 0
    /// Tied to nothing.
    public var untied = 0
    /// Addresses that were suppressed.
    public var suppressed = 0
    /// Addresses that an alarm keeps from being suppressed.
    public var withheld = 0
    /// Probes that were queued.
    public var probes = 0
    /// Alarms that were raised.
    public var alarms = 0
    /// People who said yes to a topic.
    public var confirmed = 0
    /// Campaigns that were held, with why.
    public var held: [String] = []
    /// What the source could not hand out.
    public var passedOver: [Diagnostic] = []

    /// Nothing yet.
    public init() {}

    /// Counts one message and what followed from it.
    mutating func add(_ entry: ReturnedEntry, _ recorded: RecordedReturn) {
        read += 1
        switch entry.verdict.kind {
        case .hard: hard += 1
        case .soft: soft += 1
        case .complaint: complaint += 1
        case .autoReply: autoReply += 1
        case .delivered: delivered += 1
        case .none: none += 1
        case .unknown: unknown += 1
        }
        switch recorded.standing {
        case .counted: break
        case .duplicate: duplicates += 1
        case .repeated: repeated += 1
        case .forged: forged += 1
        case .odd: odd += 1
        case .untied: untied += 1
        }
        if recorded.standing == .counted, recorded.event == .unsubscribe { unsubscribes += 1 }
        add(recorded.effects)
    }

    /// Counts what followed from something.
    public mutating func add(_ effects: [RecordedReturn.Effect]) {
        for effect in effects {
            switch effect {
            case .suppressed: suppressed += 1
            case .withheld: withheld += 1
            case .probed: probes += 1
            case .left, .mayNotLeave: break
            case .confirmed: confirmed += 1
            case .alarmRaised(_, let lifted):
                alarms += 1
                suppressed = max(0, suppressed - lifted)
            case .held(let campaign, let reason): held.append("\(campaign): \(reason)")
            case .replied: replies += 1
            }
        }
    }
}
