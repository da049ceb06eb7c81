// SPDX-License-Identifier: Apache-2.0
//
// `nashra bounces classify`: what returned mails say, one line a file. Needs no workspace and touches no store.
import ArgumentParser
import NashraApp
import NashraBounce
import NashraCore

struct ClassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Say what returned mails mean, one line a file; changes nothing and needs no workspace.",
        discussion: """
            With --format json, one object a line (nashra.bounce.v1). A folder's files come in the order of their names,
            those of folders below it too; names that begin with a dot are left out. A file that cannot be read is told on
            stderr, and the rest goes on.

            Exit status: 0 all were read; 1 some could not be.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Argument(help: ArgumentHelp("Mails, or folders of mails; - is standard input.", valueName: "file"))
    var files: [String]

    func run() throws {
        let classifier = BounceClassifier()
        var output = BufferedOutput()
        var counts: [BounceVerdict.Kind: Int] = [:]
        var faults = 0
        try output.begin(global.format)
        try MailFiles(files).forEach { file, bytes throws(UserError) in
            let verdict = classifier.verdict(on: bytes)
            counts[verdict.kind, default: 0] += 1
            try output.add(verdict, file: file, global.format)
        } onFault: { path, why in
            faults += 1
            Console.standard.complain("\(path): cannot be read: \(why)")
        }
        try output.flush()
        let parts = BounceVerdict.Kind.allCases.compactMap { kind in
            counts[kind].map { "\(kind.rawValue) \(Quantity.grouped($0))" }
        }
        let total = counts.values.reduce(0, +)
        if total > 1 || faults > 0 {
            global.console.note(
                "\(Quantity.grouped(total)) read: \(parts.joined(separator: ", "))"
                    + (faults > 0 ? "; \(Quantity.grouped(faults)) could not be read" : "")
            )
        }
        if faults > 0 { throw CommandEnd(status: .failures) }
    }
}

/// Lines on their way to stdout, many at a time.
private struct BufferedOutput {
    private static let size = 1 << 16
    private var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(Self.size + 4_096) }

    mutating func begin(_ format: OutputFormat) throws(UserError) {
        switch format {
        case .table: addLine(BounceLine.columns)
        case .csv: CSVWriter.append(BounceLine.header, to: &bytes)
        case .json: break
        }
    }

    mutating func add(_ verdict: BounceVerdict, file: String, _ format: OutputFormat) throws(UserError) {
        switch format {
        case .table: addLine(BounceLine.text(verdict, file: file))
        case .csv: BounceLine.appendCSV(verdict, file: file, to: &bytes)
        case .json: BounceLine.appendJSON(verdict, file: file, to: &bytes)
        }
        if bytes.count >= Self.size { try flush() }
    }

    private mutating func addLine(_ line: String) {
        bytes += line.utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func flush() throws(UserError) {
        guard !bytes.isEmpty else { return }
        try StreamWriter.writeResult(bytes)
        bytes.removeAll(keepingCapacity: true)
    }
}
