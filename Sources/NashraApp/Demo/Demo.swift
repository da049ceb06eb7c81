// SPDX-License-Identifier: Apache-2.0
//
// The demonstration: a temporary workspace, made-up people and a sink on loopback; everything else is the real thing.
// Creates files below one folder; talks to loopback only.
import Foundation
import NashraConfig
public import NashraCore
import NashraEngine
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
    /// How many people were imported.
    public let people: Int

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
        let everybody = SyntheticPeople(count: recipients, refusedEvery: 100, deferredEvery: 100)
        let files = try write(everybody, to: "\(folder)/workspace/subscribers")
        let store = try application.openStore()
        _ = try store.addTopic(
            name: topic,
            title: ["ar": "تنبيهات عامة", "en": "Public alerts", "fr": "Alertes publiques"],
            actor: application.actor
        )
        store.close()
        var people = 0
        let order = ImportOrder(files, topic: topic, source: "made up for the demonstration")
        try application.importSubscribers(order) { people += $0.added }
        return Demo(
            folder: folder,
            application: application,
            sink: sink,
            maildir: maildir,
            people: people
        )
    }

    /// Retries after seconds, since nobody wants to watch for five minutes; everything else is as in a new workspace.
    private static let hurry = [
        "NASHRA_SENDING_RETRY_WAITS": "2s, 5s", "NASHRA_SENDING_RETRY_LIFETIME": "10m",
    ]

    /// Writes files of 500 people, as so many branches would bring them.
    ///
    /// People of one file are mailed in the order of their addresses, and those whom the sink refuses are the first in
    /// the alphabet: all in one file, the storm guard would rightly take them for a fault of ours.
    private static func write(_ people: SyntheticPeople, to folder: String) throws(UserError) -> [String] {
        var files: [String] = []
        var rest = people[...]
        while !rest.isEmpty {
            let path = "\(folder)/branch-\(files.count + 1).csv"
            var bytes = SyntheticPeople.csvHeader
            for person in rest.prefix(500) { bytes += person.csvRow }
            rest = rest.dropFirst(500)
            do {
                try Data(bytes).write(to: URL(fileURLWithPath: path))
            } catch {
                throw UserError(.cannotCreate, "\(path) cannot be written: \(error.localizedDescription)")
            }
            files.append(path)
        }
        return files
    }
}
