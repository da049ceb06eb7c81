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
            "Show the whole loop, offline: 20,000 made-up people, a sink, refusals, retries, the report.",
        discussion: "Needs no network, no rights and no configuration. The folder it names holds the mails."
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
        defer { if !keep { try? FileManager.default.removeItem(atPath: folder) } }
        let demo = try Demo.setUp(
            recipients: recipients,
            in: folder,
            environment: ProcessInfo.processInfo.environment,
            clock: SystemClock()
        )
        defer { demo.sink.stop() }
        global.console.note("Imported \(Quantity.grouped(demo.imported.added)) people.")
        let report = try send(demo)
        try ReportText.print(report.report, on: global)
        let statistics = demo.sink.statistics
        global.console.note(
            "\nThe sink took \(Quantity.grouped(statistics.messages)) messages over "
                + "\(statistics.connections) connections."
        )
        tellWhere(demo)
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

    private func tellWhere(_ demo: Demo) {
        guard keep else {
            global.console.note("With --keep the mails and the workspace stay for you to look at.")
            return
        }
        global.console.note(
            """
            Mails      \(demo.maildir)/new (a Maildir; open it with any mail reader)
            Workspace  \(demo.application.workspace.root)
            Try        nashra campaigns list --workspace \(demo.application.workspace.root)
            """
        )
    }
}
