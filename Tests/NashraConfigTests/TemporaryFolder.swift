// SPDX-License-Identifier: Apache-2.0
//
// A workspace in a temporary folder, gone when the test ends.
// Touches that folder.
import Foundation
import NashraConfig
import NashraCore

final class TemporaryFolder {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appending(path: "nashra-config-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8], mode: Int = 0o644) throws -> String {
        let file = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
        return file.path
    }

    @discardableResult
    func write(_ name: String, _ text: String, mode: Int = 0o644) throws -> String {
        try write(name, Array(text.utf8), mode: mode)
    }

    /// Loads `yaml` as the workspace's configuration.
    func load(
        _ yaml: String,
        environment: [String: String] = [:]
    ) throws -> (configuration: Configuration?, diagnostics: [Diagnostic]) {
        try write("config/nashra.yaml", yaml)
        return ConfigurationFile.load(workspace: Workspace(root: path), environment: environment)
    }
}

/// The least that makes a configuration.
let minimalYAML = """
    organisation:
      name: {ar: "وزارة الداخلية"}
    sender:
      address: bulletin@moi.example
    relays:
      primary:
        url: smtp://127.0.0.1:2525

    """
