// SPDX-License-Identifier: Apache-2.0
//
// The documents against the program: README's five minutes are run as they stand, and what they print is
// compared; every command that a document shows must be one that the program knows.
// Reads README.md, docs/ and subscribers/; runs bash in a temporary folder.
import Foundation
import Testing

@Suite struct ReadmeTests {
    @Test func `the five minutes of README run as written and print what README says`() throws {
        let page = try Page("README.md")
        let commands = try #require(page.blocks("sh", under: "## Five minutes").last)
        let promised = try #require(page.blocks("text", under: "## Five minutes").last)
        #expect(commands.contains("nashra send") && commands.contains("nashra report"))

        let desk = try Desk()
        let ran = try desk.bash(try desk.adapted(commands))
        #expect(ran.status == 0, "\(ran)")
        let printed = Set(ran.out.split(separator: "\n").map(Desk.withoutTimes))
        for line in promised.split(separator: "\n") where line.contains(where: { !$0.isWhitespace }) {
            let expected = Desk.withoutTimes(desk.withThisYear(line))
            #expect(printed.contains(expected), "README promises “\(line)”, but\n\(ran)")
        }
        let mails = desk.folder.appending(path: "mails/new")
        #expect(try FileManager.default.contentsOfDirectory(atPath: mails.path).count == 200)
        let rendered = try Data(contentsOf: desk.folder.appending(path: "nora.eml"))
        #expect(rendered.range(of: Data("Content-Language: ar".utf8)) != nil)
    }

    @Test func `every command that a document shows is known, with every option it is given`() throws {
        let known = try Grammar()
        var lines = 0
        for name in try Page.all() {
            for line in try Page(name).commandLines() {
                lines += 1
                #expect(try known.fault(in: line) == nil, "\(name): \(line)")
            }
        }
        #expect(lines > 40, "the documents' commands were not found; is their form another one?")
    }

    @Test func `the list of commands has every command with every option, and none that is not there`() throws
    {
        let known = try Grammar()
        let page = try Page("docs/commands.md")
        let whole = page.section("# Commands")
        let nouns = Set(try known.leaves().map { $0[0] })
        let rows = page.synopses().filter {
            nouns.contains($0.split(separator: " ").first.map(String.init) ?? "")
        }
        for row in rows { #expect(try known.fault(in: "nashra \(row)") == nil, "\(row)") }
        let general = try known.options([])
            .union(["--workspace", "--format", "--quiet", "--no-input"])
        for leaf in try known.leaves() where leaf != ["send"] {
            let name = leaf.joined(separator: " ")
            let own = rows.filter { "\($0) ".hasPrefix("\(name) ") }.joined(separator: " ")
            #expect(!own.isEmpty, "commands.md lacks \(name)")
            let said = Set(own.split(separator: " ").map(String.init))
            let missing = try known.options(leaf).subtracting(general).subtracting(said)
            #expect(missing.isEmpty, "commands.md lacks options of \(name)")
        }
        let ofSend = try known.options(["send"]).subtracting(general)
        for option in ofSend { #expect(whole.contains("`\(option)"), "commands.md lacks \(option) of send") }
    }

    @Test func `a command that does not exist, and an option that a command does not have, are found`() throws
    {
        let known = try Grammar()
        #expect(try known.fault(in: "nashra sned 2026-001") != nil)
        #expect(try known.fault(in: "nashra campaigns forget c-2026-0001") != nil)
        #expect(try known.fault(in: "nashra send 2026-001 --confirm 12") != nil)
        #expect(try known.fault(in: "nashra send 2026-001 --to topic:تصيّد --confirm-count 12") == nil)
    }

    @Test func `the documents say each exit status as the program does, and name each one`() throws {
        let help = try Desk().program(["--help"]).out.replacing("\n", with: " ")
        let table = try Page("docs/commands.md").section("## Exit status")
        let readme = try Page("README.md").section("## Commands and exit statuses")
            .replacing("\n", with: " ")
        for status in [0, 1, 64, 65, 66, 67, 69, 70, 73, 74, 75, 77, 78, 130] {
            #expect(help.contains(" \(status) "), "--help lacks \(status)")
            #expect(table.contains("| \(status) |"), "commands.md lacks \(status)")
            #expect(readme.contains(" \(status) "), "README lacks \(status)")
        }
    }

    @Test func `every link between the documents leads to a file and a heading that exist`() throws {
        for name in try Page.all() {
            let page = try Page(name)
            for link in page.links() {
                let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(
                    String.init
                )
                let target = parts[0].isEmpty ? page.file : page.folder.appending(path: parts[0])
                #expect(FileManager.default.fileExists(atPath: target.path), "\(name) links to \(link)")
                guard parts.count == 2, target.pathExtension == "md" else { continue }
                #expect(try Page(at: target).anchors().contains(parts[1]), "\(name) links to \(link)")
            }
        }
    }
}

/// A folder in which the repository's files stand as in a fresh clone, and the program is in PATH.
private final class Desk {
    let folder: URL
    private let port: Int

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "nashra-readme-\(UUID().uuidString)")
        port = try freePort()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for name in ["subscribers", "bulletins", "templates"] {
            try FileManager.default.createSymbolicLink(
                at: folder.appending(path: name),
                withDestinationURL: Page.repository.appending(path: name)
            )
        }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// The commands with a port that is free here, the year of today, and without what builds the program.
    func adapted(_ commands: String) throws -> String {
        let lines = commands.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            !["Scripts/bootstrap", "swift build", "export PATH="].contains { line.hasPrefix($0) }
        }
        let script = lines.map { withThisYear($0).replacing("2525", with: String(port)) }
        let stop = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"
        return (["set -euo pipefail", stop] + script).joined(separator: "\n")
    }

    /// Campaigns carry the year in which they were made; README was written in 2026.
    func withThisYear(_ line: Substring) -> String {
        let year = Calendar(identifier: .gregorian).component(.year, from: Date())
        return String(line).replacing("c-2026-", with: "c-\(year)-")
    }

    /// A line without what differs from run to run: times, and the width of columns.
    static func withoutTimes(_ line: some StringProtocol) -> String {
        String(line).replacing(/[0-9]+\.[0-9] s/, with: "… s")
            .split(separator: " ").joined(separator: " ")
    }

    func bash(_ script: String) throws -> Output {
        try run("/bin/bash", ["-c", script])
    }

    func program(_ arguments: [String]) throws -> Output {
        try run(World.program.path, arguments)
    }

    private func run(_ path: String, _ arguments: [String]) throws -> Output {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("NASHRA_") }
        let programs = World.program.deletingLastPathComponent().path
        environment["PATH"] = "\(programs):\(environment["PATH"] ?? "/usr/bin:/bin")"
        environment["COLUMNS"] = "200"
        process.environment = environment
        return try Running(process, folder: folder, input: "").finish()
    }
}

/// What the program's own help says that it understands.
private final class Grammar {
    private let desk: Desk
    private var helps: [String: String] = [:]

    init() throws { desk = try Desk() }

    /// What is wrong with a command line, or `nil`.
    func fault(in line: String) throws -> String? {
        var words = line.split(separator: " ").dropFirst().map(String.init)
        var path: [String] = []
        var help = try self.help([])
        while let word = words.first, !word.hasPrefix("-"), help.contains("SUBCOMMANDS:") {
            guard help.contains(try Regex("\n  \(word)( |\n)")) else { return "no command \(word)" }
            path.append(word)
            words.removeFirst()
            help = try self.help(path)
        }
        for word in words where word.hasPrefix("--") {
            let option = word.prefix { $0 != "=" }
            guard help.contains(try Regex("\(option)[ ,\n]")) else { return "\(path) has no \(option)" }
        }
        return nil
    }

    /// Every command that has no commands below it.
    func leaves(_ path: [String] = []) throws -> [[String]] {
        let text = try help(path)
        guard let start = text.firstRange(of: "SUBCOMMANDS:\n") else { return [path] }
        let names = text[start.upperBound...].matches(of: /(?m)^  ([a-z-]+)(?: |$)/).map { String($0.1) }
        return try names.flatMap { try leaves(path + [$0]) }
    }

    /// The long options of one command.
    func options(_ path: [String]) throws -> Set<String> {
        let text = try help(path)
        guard let start = text.firstRange(of: "\nOPTIONS:\n") else { return [] }
        let matches = text[start.upperBound...].matches(of: /(?m)^  (?:-[a-z], )?(--[a-z][a-z0-9-]*)/)
        return Set(matches.map { String($0.1) })
    }

    private func help(_ path: [String]) throws -> String {
        let key = path.joined(separator: " ")
        if let known = helps[key] { return known }
        let text = try desk.program(path + ["--help"]).out
        helps[key] = text
        return text
    }
}
