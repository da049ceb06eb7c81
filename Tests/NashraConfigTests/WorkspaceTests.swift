// SPDX-License-Identifier: Apache-2.0
//
// Finding a workspace, and making one without harm to what is there.
import Foundation
import NashraConfig
import NashraCore
import Testing

@Suite struct WorkspaceTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func answers(_ name: String = "إدارة التوعية") throws(UserError) -> WorkspaceAnswers {
        try WorkspaceAnswers(
            name: name,
            sender: "bulletin@moi.example",
            relay: "smtp://127.0.0.1:2525",
            languages: ["ar", "en"]
        )
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test func `a new workspace is whole, and its configuration holds`() throws {
        let template = WorkspaceFile(path: "templates/layouts/official.html", bytes: Array("<p>نشرة".utf8))
        let workspace = try Workspace.create(
            at: "\(folder.path)/deep/نشرة",
            answers: try answers(),
            files: [template]
        )
        #expect(workspace.root == "\(folder.path)/deep/نشرة")
        #expect(try mode(workspace.state) & 0o777 == 0o700)
        #expect(try mode(workspace.path("var/keys")) & 0o777 == 0o700)
        #expect(FileManager.default.contents(atPath: workspace.path(template.path)) == Data(template.bytes))
        #expect(FileManager.default.fileExists(atPath: workspace.bulletins))
        #expect(FileManager.default.fileExists(atPath: workspace.subscribers))
        let ignored = try String(contentsOfFile: workspace.path(".gitignore"), encoding: .utf8)
        #expect(ignored.hasPrefix("var/\n"))
        let (loaded, findings) = ConfigurationFile.load(workspace: workspace, environment: [:])
        #expect(findings.isEmpty, "\(findings)")
        let configuration = try #require(loaded)
        #expect(configuration.organisation.name == [.arabic: "إدارة التوعية", .english: "إدارة التوعية"])
        #expect(workspace.storePath(configuration) == "\(workspace.root)/var/nashra.db")
        #expect(workspace.rootKeyPath(configuration) == "\(workspace.root)/var/keys/root.key")
    }

    @Test func `a workspace that is there is not touched`() throws {
        _ = try Workspace.create(at: folder.path, answers: try answers())
        let before = FileManager.default.contents(atPath: "\(folder.path)/config/nashra.yaml")
        let error = #expect(throws: UserError.self) {
            try Workspace.create(at: folder.path, answers: try answers("other"))
        }
        #expect(error?.status == .cannotCreate)
        #expect(error?.message.contains("is a workspace already") == true)
        #expect(FileManager.default.contents(atPath: "\(folder.path)/config/nashra.yaml") == before)
    }

    @Test func `a file in the way stops it before anything is written`() throws {
        try folder.write("templates/a.html", "mine")
        let error = #expect(throws: UserError.self) {
            try Workspace.create(
                at: folder.path,
                answers: try answers(),
                files: [WorkspaceFile(path: "templates/a.html", bytes: [])]
            )
        }
        #expect(error?.status == .cannotCreate)
        #expect(error?.message.contains("templates/a.html is in the way; nothing was changed") == true)
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/config"))
    }

    @Test func `a file where a folder should be is named`() throws {
        try folder.write("var", "")
        let error = #expect(throws: UserError.self) {
            try Workspace.create(at: folder.path, answers: try answers())
        }
        #expect(error?.status == .cannotCreate)
        #expect(error?.message.contains("/var cannot be made") == true)
    }

    @Test func `a workspace is found by flag, by variable, and upwards`() throws {
        _ = try Workspace.create(at: "\(folder.path)/w", answers: try answers())
        let root = "\(folder.path)/w"
        let environment = ["NASHRA_WORKSPACE": root]
        #expect(try Workspace.find(named: root + "/", environment: [:], currentDirectory: "/").root == root)
        #expect(try Workspace.find(named: nil, environment: environment, currentDirectory: "/").root == root)
        #expect(
            try Workspace.find(named: nil, environment: [:], currentDirectory: "\(root)/var/keys").root
                == root
        )
        for (named, variable) in [("\(folder.path)/no", nil), (nil, "\(folder.path)/no"), (nil, nil)] {
            let error = #expect(throws: UserError.self) {
                try Workspace.find(
                    named: named,
                    environment: variable.map { ["NASHRA_WORKSPACE": $0] } ?? [:],
                    currentDirectory: folder.path
                )
            }
            #expect(error?.status == .noInput)
            #expect(error?.remedy.contains("nashra init") == true)
        }
    }

    struct Answers: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let name: String
        let sender: String
        let relay: String
        let languages: [String]

        init(_ flag: String, _ name: String, _ sender: String, _ relay: String, _ languages: [String]) {
            testDescription = flag
            self.name = name
            self.sender = sender
            self.relay = relay
            self.languages = languages
        }
    }

    @Test(arguments: [
        Answers("--name", "", "a@moi.example", "smtp://localhost", ["ar"]),
        Answers("--name", "a\nb", "a@moi.example", "smtp://localhost", ["ar"]),
        Answers("--name", "a\u{202E}b", "a@moi.example", "smtp://localhost", ["ar"]),
        Answers("--sender", "x", "moi.example", "smtp://localhost", ["ar"]),
        Answers("--sender", "x", "نشرة@moi.example", "smtp://localhost", ["ar"]),
        Answers("--relay", "x", "a@moi.example", "localhost:25", ["ar"]),
        Answers("--languages", "x", "a@moi.example", "smtp://localhost", []),
        Answers("--languages", "x", "a@moi.example", "smtp://localhost", ["ar-SA"]),
    ])
    func `a wrong answer names its flag`(_ sample: Answers) throws {
        let error = #expect(throws: UserError.self) {
            try WorkspaceAnswers(
                name: sample.name,
                sender: sample.sender,
                relay: sample.relay,
                languages: sample.languages
            )
        }
        #expect(error?.status == .usage)
        #expect(error?.message.hasPrefix(sample.testDescription) == true)
    }
}
