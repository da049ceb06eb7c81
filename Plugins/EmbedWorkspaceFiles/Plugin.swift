// SPDX-License-Identifier: Apache-2.0
//
// Puts the repository's templates and sample bulletins into the program, so that `nashra init` has them wherever the
// program is installed. Runs embed-files at build time; the files in templates/ and bulletins/ stay the only source.
import Foundation
import PackagePlugin

@main struct EmbedWorkspaceFiles: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let root = context.package.directoryURL
        let inputs = try ["templates", "bulletins"].flatMap { try files(under: root.appending(path: $0)) }
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedFiles.swift")
        return [
            .buildCommand(
                displayName: "Embedding templates and sample bulletins",
                executable: try context.tool(named: "embed-files").url,
                arguments: [root.path, output.path] + inputs.map(\.path),
                inputFiles: inputs, outputFiles: [output])
        ]
    }

    private func files(under folder: URL) throws -> [URL] {
        guard let walk = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        else { return [] }
        return walk.compactMap { $0 as? URL }
            .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true }
            .sorted { $0.path < $1.path }
    }
}
