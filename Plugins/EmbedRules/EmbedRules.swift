// SPDX-License-Identifier: Apache-2.0
//
// Puts a target's Rules/*.tsv into the program: `PackageResources.phrases_tsv` for phrases.tsv, as SwiftPM's own
// embedding names it. That one writes a number per byte, and compiling 280,000 of them takes most of a minute.
// Runs embed-files at build time; the files in Rules/ stay the only source.
import Foundation
import PackagePlugin

@main struct EmbedRules: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = target.directoryURL.appending(path: "Rules")
        let inputs = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "tsv" }
            .sorted { $0.path < $1.path }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedRules.swift")
        return [
            .buildCommand(
                displayName: "Embedding the rules of \(target.name)",
                executable: try context.tool(named: "embed-files").url,
                arguments: ["--texts", folder.path, output.path] + inputs.map(\.path),
                inputFiles: inputs, outputFiles: [output])
        ]
    }
}
