// SPDX-License-Identifier: Apache-2.0
//
// `nashra demo`: the whole loop, offline, in a temporary workspace.
import ArgumentParser
import Foundation
import NashraApp
import NashraConfig
import NashraCore
import NashraEngine
import NashraSink

struct DemoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract:
            "Show the whole loop, offline: 20,000 made-up people, a sink, refusals, retries, bounces, the report.",
        discussion: """
            Needs no network, no rights and no configuration. One mail in each language stays for you to look at; with
            --keep all of them do, and the workspace.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: "How many people.")
    var recipients = 20_000

    @Flag(help: "Keep the folder with the mails and the workspace.")
    var keep = false

    func validate() throws {
        guard (1...1_000_000).contains(recipients) else {
            throw ValidationError("--recipients is \(recipients); it must lie in 1...1000000.")
        }
    }

    func run() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nashra-demo-\(getpid())").path
        global.console.note(
            "Making a workspace, a sink and \(Quantity.grouped(recipients)) people in \(folder) …"
        )
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        var keeps = keep
        defer { if !keeps { try? FileManager.default.removeItem(atPath: folder) } }
        let demo = try Demo.setUp(
            recipients: recipients,
            in: folder,
            environment: ProcessInfo.processInfo.environment,
            clock: SystemClock()
        )
        defer { demo.sink.stop() }
        global.console.note("Imported \(Quantity.grouped(demo.people)) people.")
        let report = try send(demo)
        try comeBack(demo)
        try ReportText.print(try demo.application.report(report.report.campaign), on: global)
        let statistics = demo.sink.statistics
        global.console.note(
            "\nThe sink took \(Quantity.grouped(statistics.messages)) messages over "
                + "\(statistics.connections) connections."
        )
        keeps = try tellWhere(demo) || keeps
        // One in a hundred is refused on purpose: that is the demonstration's success.
        if report.status != .ok, report.status != .failures { throw CommandEnd(status: report.status) }
    }

    private func send(_ demo: Demo) throws -> (report: CampaignReport, status: ExitStatus) {
        let desk = try SendDesk(demo.application)
        let plan = try desk.plan(SendRequest(bulletin: Demo.bulletin, targets: ["topic:\(Demo.topic)"]))
        global.console.note("\n\(PlanText.table(plan))\n")
        let campaign = try desk.freeze(plan)
        return try SendSession(global: global, application: demo.application, desk: desk)
            .watch(campaign.name, SendOptions(waits: true))
    }

    /// Lets some of the mails come back, and takes them in.
    private func comeBack(_ demo: Demo) throws {
        let (maildir, count) = try demo.comeBack()
        guard count > 0 else { return }
        let desk = try BounceDesk(demo.application)
        let source = try desk.source(.maildir(maildir, keeps: false))
        defer { source.close() }
        var summary = IngestSummary()
        try desk.ingest(source, stop: StopSignal(), into: &summary)
        _ = try desk.sendOutbox(stop: StopSignal())
        global.console.note("\nSome come back:\n\(IngestText.table(summary))\n")
    }

    /// Says where to look, and leaves only that.
    ///
    /// - Returns: Whether there is anything to look at.
    private func tellWhere(_ demo: Demo) throws -> Bool {
        guard !keep else {
            global.console.note(
                """
                Mails      \(demo.maildir)/new (a Maildir; open it with any mail reader)
                Workspace  \(demo.application.workspace.root)
                Try        nashra campaigns list --workspace \(demo.application.workspace.root)
                           nashra bounces list --workspace \(demo.application.workspace.root)
                """
            )
            return true
        }
        demo.sink.stop()
        let samples = DemoSamples.pick(from: demo.maildir, languages: ["ar", "en", "fr"], into: demo.folder)
        for file in [demo.maildir, demo.application.workspace.root] + demo.traces
        where FileManager.default.fileExists(atPath: file) {
            try FileManager.default.removeItem(atPath: file)
        }
        guard !samples.isEmpty else { return false }
        global.console.note("Look at    \(samples.joined(separator: "  "))")
        global.console.note("With --keep all mails and the workspace stay.")
        return true
    }
}

/// A mail of each language out of the sink's Maildir.
private enum DemoSamples {
    /// Moves the first mail of each language to `folder`; the Maildir's other mails stay.
    ///
    /// - Returns: The paths of the files that were found.
    static func pick(from maildir: String, languages: [String], into folder: String) -> [String] {
        var wanted = Set(languages)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(maildir)/new")) ?? []
        for name in names.sorted() where !wanted.isEmpty {
            guard let language = language(of: "\(maildir)/new/\(name)"), wanted.contains(language) else {
                continue
            }
            let moved: ()? = try? FileManager.default.moveItem(
                atPath: "\(maildir)/new/\(name)",
                toPath: "\(folder)/\(language).eml"
            )
            if moved != nil { wanted.remove(language) }
        }
        return languages.filter { !wanted.contains($0) }.map { "\(folder)/\($0).eml" }
    }

    private static func language(of file: String) -> String? {
        guard let bytes = FileManager.default.contents(atPath: file) else { return nil }
        let field = Data("\nContent-Language: ".utf8)
        guard let place = bytes.range(of: field) else { return nil }
        return String(decoding: bytes[place.upperBound...].prefix { $0 > 0x20 }, as: UTF8.self)
    }
}
