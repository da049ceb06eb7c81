// SPDX-License-Identifier: Apache-2.0
//
// `nashra bounces alarms`: trouble that condemns too many at once, and what an operator decides about it.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct AlarmsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alarms",
        abstract: "Trouble of a domain or a campaign: nobody is suppressed by it until you say so.",
        subcommands: [List.self, Accept.self, Dismiss.self],
        defaultSubcommand: List.self
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Alarms, newest first.")

        @OptionGroup var global: GlobalOptions
        @Option(help: "Only those in this state: open, accepted or dismissed.") var state: String?

        func run() throws {
            let state = try WordArgument.parse(state, "--state", Alarm.State.self)
            let found = try global.open().openStoreForReading().alarms(state: state)
            let list = AlarmList(alarms: found.map(AlarmLine.init))
            try global.console.result(list, format: global.format, rows: { list.rows }) {
                list.alarms.isEmpty
                    ? "No alarm." : Table(list.rows[0], Array(list.rows.dropFirst())).text
            }
        }
    }

    struct Accept: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The people are really gone: suppress those whom the alarm withholds."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The alarm's number.") var alarm: Int64

        func run() throws { try AlarmLine.settle(alarm, accept: true, global) }
    }

    struct Dismiss: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "It was not the people's fault: suppress none of them for it."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The alarm's number.") var alarm: Int64

        func run() throws { try AlarmLine.settle(alarm, accept: false, global) }
    }
}

private struct AlarmList: Encodable {
    let schema = "nashra.alarms.v1"
    let alarms: [AlarmLine]

    var rows: [[String]] {
        [["number", "raised", "campaign", "domain", "cause", "condemned", "of", "withheld", "state", "by"]]
            + alarms.map {
                [
                    String($0.number), $0.raised, $0.campaign, $0.domain.map(DomainName.uLabels) ?? "all",
                    $0.cause, String($0.condemned), String($0.deliveries), String($0.withheld), $0.state,
                    $0.by ?? "",
                ]
            }
    }
}

private struct AlarmLine: Encodable {
    let number: Int64
    let raised: String
    let campaign: String
    let domain: String?
    let cause: String
    let condemned: Int
    let deliveries: Int
    let withheld: Int
    let lifted: Int
    let state: String
    let by: String?

    init(_ alarm: Alarm) {
        number = alarm.id
        raised = alarm.raisedAt.iso8601
        campaign = alarm.campaign.rawValue
        domain = alarm.domain
        cause = alarm.cause.rawValue
        condemned = alarm.condemned
        deliveries = alarm.deliveries
        withheld = alarm.withheld
        lifted = alarm.lifted
        state = alarm.state.rawValue
        by = alarm.settledBy
    }

    static func settle(_ number: Int64, accept: Bool, _ global: GlobalOptions) throws {
        let application = try global.open()
        let alarm = try application.openStore().settleAlarm(number, accept: accept, actor: application.actor)
        global.console.note(
            accept
                ? "Alarm \(number) is accepted; it was about \(Quantity.people(alarm.condemned))."
                : "Alarm \(number) is dismissed; nobody is suppressed for it."
        )
    }
}
