// SPDX-License-Identifier: Apache-2.0
//
// The fuzz tool: reads millions of damaged mails and notifications, and says which of them did harm. It is no
// part of the shipped program.
// Rules: docs/testing.md, "Fuzzing".
import ArgumentParser
import Foundation

@main struct NashraFuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nashra-fuzz",
        abstract: "Read damaged mails, and find one that crashes, hangs, grows or breaks a promise.",
        discussion: """
            The same kind, seed and number always make the same input: --from N --runs 1 does one run again. \
            Exit status: 0 nothing found; 1 something was. For planted: 0 all found; 1 not.
            """
    )

    @Argument(
        help:
            "mime, dsn, arf, provider, address, csv, xlsx, segment, truncate (each example cut at every byte), or planted (the tool's own test)."
    )
    var kind: Kind

    @Option(help: "How many runs; truncate has its own number.")
    var runs = 200_000

    @Option(help: "The seed of the random numbers.")
    var seed: UInt64 = 1

    @Option(help: "The number of the first run.")
    var from = 0

    @Option(help: "How many runs one process makes.")
    var piece = 250_000

    @Option(help: "Where the examples are.")
    var examples: String?

    @Option(help: "A file to write the report to, besides standard output.")
    var output: String?

    @Option(help: "A folder for inputs that made trouble.")
    var keep = "."

    @Flag(help: .hidden)
    var worker = false

    @Flag(help: .hidden)
    var stepwise = false

    func validate() throws {
        guard runs > 0, from >= 0, piece > 0 else {
            throw ValidationError("--runs and --piece must be at least 1, --from at least 0.")
        }
    }

    func run() throws {
        let target = try Target(kind, seed: seed, examples: examples ?? kind.examples)
        let length = target.length.map { max(from + 1, $0) - from } ?? runs
        let range = from..<(from + (worker ? runs : length))
        if worker { return Worker.work(target, runs: range, stepwise: stepwise) }
        let file = try output.map { path in
            guard FileManager.default.createFile(atPath: path, contents: nil) else {
                throw ValidationError("\(path) cannot be written.")
            }
            return try FileHandle(forWritingTo: URL(filePath: path))
        }
        let report: (String) -> Void = { line in
            FileHandle.standardOutput.write(Data("\(line)\n".utf8))
            file?.write(Data("\(line)\n".utf8))
        }
        let supervisor = Supervisor(target: target, arguments: workerArguments, report: report, folder: keep)
        let tally = try supervisor.run(range, piece: piece)
        report(summary(tally))
        let isGood = kind == .planted ? Planted.isFound(by: tally) : tally.isClean
        if !isGood { throw ExitCode(1) }
    }

    private var workerArguments: [String] {
        [kind.rawValue, "--seed", "\(seed)"] + (examples.map { ["--examples", $0] } ?? [])
    }

    private func summary(_ tally: Tally) -> String {
        let words = tally.words.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        var lines = [
            "\(kind.rawValue): \(tally.runs) runs, seed \(seed)",
            "  crashes \(tally.crashes.count), over one second \(tally.hangs.count), "
                + "over 256 MiB \(tally.overgrown.count), broken promises \(tally.faults.count)",
            "  slowest run \(tally.slowest.run): \(tally.slowest.microseconds) µs; "
                + "peak memory \(tally.peakMemory / 1_024) MiB",
            "  read as: \(words.joined(separator: ", "))",
        ]
        lines += tally.faults.prefix(20).map { "  run \($0.run): \($0.what)" }
        return lines.joined(separator: "\n")
    }
}
