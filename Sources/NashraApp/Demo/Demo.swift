// SPDX-License-Identifier: Apache-2.0
//
// The demonstration: a temporary workspace, made-up people and a sink on loopback; everything else is the real thing.
// Creates files below one folder; talks to loopback only.
import Foundation
import NashraConfig
public import NashraCore
public import NashraEngine
public import NashraSink
import NashraStore

/// A demonstration that was set up and not run.
public struct Demo: Sendable {
    /// The folder that holds everything.
    public let folder: String
    /// The workspace in it.
    public let application: Application
    /// The sink that plays the relay.
    public let sink: SinkServer
    /// Where the sink keeps the mails.
    public let maildir: String
    /// What the import said.
    public let imported: ImportSummary

    /// The bulletin that is sent.
    public static let bulletin = "2026-001"
    /// The topic that it is sent to.
    public static let topic = "public"

    /// Makes a workspace, starts a sink, and imports people through the same importer as everybody's.
    ///
    /// - Parameters:
    ///   - recipients: How many, from 1; one in a hundred is refused and one in a hundred is put off at first.
    ///   - folder: A folder that does not exist yet.
    ///   - environment: The process's; `NASHRA_…` variables in it are not heard.
    ///   - clock: Where time comes from.
    /// - Returns: Everything, ready to send.
    /// - Throws: What cannot be made.
    public static func setUp(
        recipients: Int,
        in folder: String,
        environment: [String: String],
        clock: any WallClock
    ) throws(UserError) -> Demo {
        let maildir = "\(folder)/mail"
        var options = SinkOptions()
        options.maildir = maildir
        options.ledger = ledger(in: folder)
        let sink = try SinkServer.start(options)
        let answers = try WorkspaceAnswers(
            name: "وزارة الداخلية",
            sender: "bulletin@moi.example",
            relay: "smtp://127.0.0.1:\(sink.port)",
            languages: ["ar", "en", "fr"]
        )
        let environment = environment.filter { !$0.key.hasPrefix("NASHRA_") }
            .merging(hurry) { $1 }
        let application = try Application.create(
            at: "\(folder)/workspace",
            answers: answers,
            environment: environment,
            clock: clock
        )
        let file = "\(folder)/workspace/subscribers/people.csv"
        try write(SyntheticPeople(count: recipients, refusedEvery: 100, deferredEvery: 100), to: file)
        let store = try application.openStore()
        _ = try store.addTopic(
            name: topic,
            title: ["ar": "تنبيهات عامة", "en": "Public alerts", "fr": "Alertes publiques"],
            actor: application.actor
        )
        store.close()
        var summary: ImportSummary?
        let order = ImportOrder([file], topic: topic, source: "made up for the demonstration")
        try application.importSubscribers(order) { summary = $0 }
        guard let imported = summary else { throw UserError(.bug, "nothing was imported") }
        return Demo(
            folder: folder,
            application: application,
            sink: sink,
            maildir: maildir,
            imported: imported
        )
    }

    /// Retries after seconds, since nobody wants to watch for five minutes; everything else is as in a new workspace.
    ///
    /// The refused addresses begin with their reply code, so they are the first in the alphabet and the first to be
    /// mailed: the storm guard would take them for a fault of ours, as it should, and must not judge so few.
    private static let hurry = [
        "NASHRA_SENDING_RETRY_WAITS": "2s, 5s", "NASHRA_SENDING_RETRY_LIFETIME": "10m",
        "NASHRA_SENDING_STORM_GUARD_MINIMUM": "1000",
    ]

    private static func write(_ people: SyntheticPeople, to path: String) throws(UserError) {
        var bytes = SyntheticPeople.csvHeader
        for person in people { bytes += person.csvRow }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        } catch {
            throw UserError(.cannotCreate, "\(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
