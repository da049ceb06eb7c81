// SPDX-License-Identifier: Apache-2.0
//
// `nashra subscribers erase`: forgets people for ever.
import ArgumentParser
import NashraApp
import NashraCore
import NashraStore

struct EraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase",
        abstract: "Forget people for ever; what remains is a keyed hash, so that they are not mailed again.",
        discussion: """
            Empties every row that holds something of the person: address, name, attributes, merge values, replies,
            servers' words, audit entries. Campaigns keep their counts. Messages that wait for the person are not sent.
            This cannot be undone, and a later file cannot bring the person back; the person can, by confirming.

            What it cannot reach: backups, logs, mails that were delivered, and files that people made; those in
            subscribers/ that name the person are listed.

            Exit status: 0 done; 67 nothing is held about an address; 75 a message is being handed over right now.
            """
    )

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("The addresses.", valueName: "address")) var addresses: [String]
    @Flag(help: "Do not ask for each address once more.") var yes = false

    func run() throws {
        let application = try global.open()
        for address in addresses { _ = try Application.address(address) }
        try confirm()
        let result = try application.erase(addresses) { address, erasure in
            let stopped = erasure.stopped > 0 ? "; \(erasure.stopped) waiting and not sent any more" : ""
            global.console.note("\(address) is erased\(stopped).")
        }
        let shown = ErasureShown(result)
        if !result.erasures.isEmpty {
            try global.console.result(shown, format: global.format, rows: { shown.rows }) { shown.text }
        }
        guard result.unknown.isEmpty else {
            throw UserError(
                .unknownObject,
                "Nothing is held about: \(result.unknown.joined(separator: ", ")).",
                remedy: "nashra subscribers list names those who are in the register."
            )
        }
    }

    private func confirm() throws(UserError) {
        guard !yes else { return }
        guard !global.noInput else {
            throw UserError(
                .usage,
                "Erasing cannot be undone, and --no-input forbids to ask.",
                remedy: "Say --yes if that is meant."
            )
        }
        for address in addresses {
            let answer = try Prompt.typed("Erasing cannot be undone. Type \(address) once more to erase it: ")
            let typed = try? EmailAddress.parse(answer)
            let meant = try Application.address(address)
            guard typed?.key == meant.key else {
                throw UserError(.usage, "That is not \(address); nobody was erased.")
            }
        }
    }
}

/// What was erased, for machines and people.
private struct ErasureShown: Encodable {
    struct Person: Encodable {
        let subscriber: Int64?
        let label: String
        let stopped: Int
        let rows: [String: Int]
        let mentionedIn: [Int64]

        private enum CodingKeys: String, CodingKey {
            case subscriber, label, stopped, rows
            case mentionedIn = "mentioned_in"
        }
    }

    struct File: Encodable {
        let file: String
        let action: PersonFile.Action
    }

    let schema = "nashra.erasure.v1"
    let erased: [Person]
    let files: [File]
    let traces: String

    init(_ result: ErasureResult) {
        erased = result.erasures.map {
            Person(
                subscriber: $0.subscriber?.rawValue,
                label: $0.label,
                stopped: $0.stopped,
                rows: $0.rows,
                mentionedIn: $0.mentionedIn.map(\.rawValue)
            )
        }
        files = result.files.map { File(file: $0.path, action: $0.action) }
        traces =
            switch result.traces {
            case .clean: "clean"
            case .logInUse: "log-in-use"
            case .found: "found"
            }
    }

    var rows: [[String]] {
        [["label", "table", "rows"]]
            + erased.flatMap { person in
                person.rows.sorted { $0.key < $1.key }.map { [person.label, $0.key, String($0.value)] }
            }
    }

    var text: String {
        var lines = [Table(rows[0], Array(rows.dropFirst())).text]
        switch traces {
        case "clean": lines.append("No file of the store holds the address any more.")
        case "log-in-use":
            lines.append(
                "The store's log is being read by another process and may hold the address until that one ends and any "
                    + "nashra that writes has run."
            )
        default:
            lines.append(
                "The address still stands in the store: in a letter of somebody else, or within a longer one."
            )
        }
        for number in erased.flatMap(\.mentionedIn) {
            lines.append("Named in somebody else's letter: nashra replies show \(number)")
        }
        for file in files {
            switch file.action {
            case .removed: lines.append("\(file.file): a mail that waited; removed.")
            case .rewritten: lines.append("\(file.file): its rows about the person were taken out.")
            case .named: lines.append("\(file.file) still names the person: take it out by hand.")
            }
        }
        lines.append("Not reached: backups, logs elsewhere, and mails that were delivered.")
        return lines.joined(separator: "\n")
    }
}
