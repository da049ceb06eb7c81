// SPDX-License-Identifier: Apache-2.0
//
// `nashra subscribers export`: the register as a table, or all that is held about one person.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Hand out the register, or everything that is held about one person.",
        discussion: """
            With an address: one JSON object (nashra.person.v1) with every row that belongs to the person: register,
            subscriptions, consent, events, imports, deliveries and tries, what came back, suppressions, audit.

            Without one: the people of the register in the order of their addresses, as CSV that Excel opens in any
            script and that imports again to the same, or as JSON Lines (--format json, nashra.export.v1). Fields that a
            spreadsheet would run as a formula get an apostrophe, which an import takes off again; --plain leaves them.

            Both leave an audit entry. Exit status: 0 done; 67 unknown person or topic; 73 and 74 the file cannot be
            written.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: "One person's address; without it the register.") var address: String?
    @Option(help: "Only people who are subscribed to this topic now.") var topic: String?
    @Option(help: "Only people of this language.") var language: String?
    @Option(help: "pending, active, unsubscribed or all. Default: active; with --format json all.")
    var state: String?
    @Option(help: ArgumentHelp("What parts the columns: comma, semicolon or tab.", valueName: "name"))
    var delimiter = "comma"
    @Flag(help: "CSV for machines: no byte order mark, no apostrophes.") var plain = false
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write; - is standard output.", valueName: "file")
    )
    var output = "-"

    func validate() throws {
        let narrows = topic != nil || language != nil || state != nil || plain
        if address != nil, narrows || global.format == .csv {
            throw ValidationError(
                "One person's data is JSON and whole: no --topic, --language, --state, --plain or csv."
            )
        }
    }

    func run() throws {
        let application = try global.open()
        if let address { return try person(address, application) }
        let export = RegisterExport(try filter(), form: try form())
        let file = output == "-" ? nil : try NewFile(output)
        let count = try application.export(register: export) { piece throws(UserError) in
            if let file { try file.write(piece) } else { try StreamWriter.writeResult(piece) }
        }
        try file?.finish()
        global.console.note("\(Quantity.grouped(count)) people written\(file == nil ? "" : " to \(output)").")
    }

    private func person(_ address: String, _ application: Application) throws {
        let export = try application.export(person: address)
        let bytes = try JSONOutput.encode(export) + [0x0A]
        guard output != "-" else { return try StreamWriter.writeResult(bytes) }
        let file = try NewFile(output)
        try file.write(bytes)
        try file.finish()
        global.console.note("\(output): \(Quantity.bytes(bytes.count)), readable by you alone.")
    }

    private func filter() throws(UserError) -> SubscriberFilter {
        var filter = SubscriberFilter(
            topic: topic,
            language: try language.map { text throws(UserError) in
                try Application.language(text, "--language")
            }
        )
        let word = state ?? (global.format == .json ? "all" : "active")
        guard word != "all" else { return filter }
        guard let known = Subscriber.State(rawValue: word), known != .erased else {
            throw UserError(
                .usage,
                "--state \(word) cannot be exported.",
                remedy: "Say pending, active, unsubscribed or all."
            )
        }
        filter.state = known
        return filter
    }

    private func form() throws(UserError) -> RegisterExport.Form {
        guard global.format != .json else { return .lines }
        let separators = ["comma": ",", "semicolon": ";", "tab": "\t", ",": ",", ";": ";", "\t": "\t"]
        guard let separator = separators[delimiter]?.utf8.first else {
            throw UserError(
                .usage,
                "--delimiter \(delimiter) is not known.",
                remedy: "Say comma, semicolon or tab."
            )
        }
        return .csv(separator: separator, hasMark: !plain, isPlain: plain)
    }
}
