// SPDX-License-Identifier: Apache-2.0
//
// What can be fuzzed: where its inputs come from, and how one is read. The input of a run is a function of
// kind, seed and number, so that any run can be made again alone.
import ArgumentParser
import Foundation
import NashraBounce
import NashraProviders

/// What is fuzzed.
enum Kind: String, ExpressibleByArgument, CaseIterable {
    case mime, dsn, arf, provider, truncate, planted
    case address, csv, segment, xlsx
}

/// A kind with its examples.
struct Target {
    let kind: Kind
    let seed: UInt64
    private let corpus: [[UInt8]]
    /// All of the examples, of which pieces are put into others.
    private let others: [[UInt8]]
    private let classifier = BounceClassifier()
    private let notifications: NotificationChecks
    /// For `truncate`: how many runs lie before each example.
    private let offsets: [Int]
    /// What is no mail.
    private let subject: (any Subject)?

    init(_ kind: Kind, seed: UInt64, examples folder: String) throws {
        self.kind = kind
        self.seed = seed
        notifications = try NotificationChecks()
        subject = try Self.subject(kind, folder)
        guard subject == nil else {
            (corpus, others, offsets, length) = ([], [], [], nil)
            return
        }
        let suffix = kind == .provider ? ".json" : ".eml"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        let mails = try files.filter { $0.hasSuffix(suffix) }.sorted().map {
            Array(try Data(contentsOf: URL(filePath: folder).appending(path: $0)))
        }
        let marks = [Kind.dsn: "delivery-status", .arf: "feedback-report"]
        let wanted = marks[kind].map { mark in
            mails.filter { String(decoding: $0, as: UTF8.self).contains(mark) }
        }
        others = kind == .provider ? mails + NotificationSamples.all.map { Array($0.utf8) } : mails
        corpus = wanted ?? others
        guard !corpus.isEmpty else { throw ValidationError("\(folder) has no example for \(kind.rawValue).") }
        var total = 0
        offsets = corpus.map { mail in
            defer { total += mail.count + 1 }
            return total
        }
        length = kind == .truncate ? total : nil
    }

    /// How many runs there are, when they can be counted.
    let length: Int?

    private static func subject(_ kind: Kind, _ folder: String) throws -> (any Subject)? {
        switch kind {
        case .address: try AddressSubject(folder: folder)
        case .csv: try TableSubject(folder: folder)
        case .segment: try SegmentSubject(folder: folder)
        case .xlsx: try WorkbookSubject(folder: folder)
        default: nil
        }
    }

    /// The input of a run.
    func input(_ run: Int) -> [UInt8] {
        if kind == .truncate {
            let example = (offsets.firstIndex { $0 > run } ?? offsets.count) - 1
            return Array(corpus[example].prefix(run - offsets[example]))
        }
        if kind == .planted { return Array("\(run)".utf8) }
        var random = SplitMix(seed: seed, stream: kind.rawValue, run: run)
        if let subject { return subject.input(&random) }
        // A third of the reports begins as any mail, so that the free forms have their turn.
        var start = random.pick(random.oneIn(3) ? others : corpus)
        if kind == .provider {
            var mutator = NotificationMutator(random: random, bytes: start, corpus: corpus)
            mutator.mutate()
            return mutator.bytes
        }
        if kind == .dsn, random.oneIn(3) {
            start = MailGrammar.report(&random, original: head(start, &random))
        }
        if kind == .arf, random.oneIn(3) {
            start = MailGrammar.complaint(&random, original: head(start, &random))
        }
        var mutator = Mutator(random: random, bytes: start, corpus: others)
        mutator.mutate()
        return mutator.bytes
    }

    /// Whose notification an input is most like; the whole decides when nothing tells.
    private static func provider(of bytes: [UInt8]) -> Provider {
        let text = String(decoding: bytes.prefix(4_096), as: UTF8.self)
        let marks: [(String, Provider)] = [
            ("event-data", .mailgun), ("RecordType", .postmark), ("msys", .sparkpost), ("TopicArn", .ses),
            ("\"mail\"", .ses), ("otificationType", .ses), ("email", .sendgrid),
        ]
        if bytes.count % 16 != 0, let found = marks.first(where: { text.contains($0.0) }) { return found.1 }
        return Provider.allCases[bytes.count / 16 % Provider.allCases.count]
    }

    private func head(_ mail: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        Array(mail.prefix(random.below(4_096)))
    }

    /// Reads an input; returns a word about the result for the statistics.
    func read(_ bytes: [UInt8]) throws(Fault) -> String {
        if let subject { return try subject.read(bytes) }
        return switch kind {
        case .planted: try Planted.read(bytes)
        case .provider: try notifications.read(bytes, as: Self.provider(of: bytes))
        case .mime: try MailChecks.mime(bytes)
        case .dsn, .arf, .truncate: try MailChecks.classification(bytes, classifier)
        default: throw Fault("\(kind.rawValue) has no reader")
        }
    }
}

extension Kind {
    /// Where the examples are, seen from the checkout's root.
    var examples: String {
        switch self {
        case .provider: "Tests/NashraProvidersTests/Examples"
        case .address: "Tests/NashraCoreTests/Addresses"
        case .csv: "Tests/NashraCSVTests/Corpus"
        case .segment: "Tests/NashraSegmentsTests/Corpus"
        case .xlsx: "Tests/NashraXLSXTests/Corpus"
        default: "Tests/NashraBounceTests/Examples"
        }
    }
}
