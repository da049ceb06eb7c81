// SPDX-License-Identifier: Apache-2.0
//
// From the workspace's file, the environment and credentials to a checked configuration, or all that is wrong.
// Reads config/nashra.yaml and the files of secrets. Rules: docs/config.md.
import Foundation
public import NashraCore
import NashraYAML

/// Loads the configuration.
public enum ConfigurationFile {
    /// Reads and checks everything in one run.
    ///
    /// - Parameters:
    ///   - workspace: Whose configuration.
    ///   - environment: The process's environment, or what a test puts in its place.
    /// - Returns: The configuration, or `nil` when a finding is an error; and all findings, by line.
    public static func load(
        workspace: Workspace,
        environment: [String: String]
    ) -> (configuration: Configuration?, diagnostics: [Diagnostic]) {
        let file = workspace.displayed(workspace.configurationFile)
        let bytes: [UInt8]
        do throws(BoundedFile.Fault) {
            // One byte more than a document may have shows that there are too many.
            bytes = try BoundedFile.open(workspace.configurationFile).read(
                limit: YAMLDocument.maximumSizeInBytes + 1
            )
        } catch {
            let remedy = "Make a workspace with: nashra init DIR"
            return (nil, [Diagnostic(file: file, "the file cannot be read: \(error.reason)", remedy: remedy)])
        }
        do throws(YAMLFault) {
            let root = try YAMLDocument.parse(bytes, file: file)
            return check(root, file: file, root: workspace.root, environment: environment)
        } catch {
            return (nil, [error.diagnostic])
        }
    }

    /// Loads, or throws everything that is wrong as one error with status 78; warnings go to `warn`.
    public static func require(
        workspace: Workspace,
        environment: [String: String],
        warn: (Diagnostic) -> Void
    ) throws(UserError) -> Configuration {
        let (configuration, diagnostics) = load(workspace: workspace, environment: environment)
        guard let configuration else {
            let errors = diagnostics.count { $0.severity == .error }
            throw UserError(
                .configuration,
                "The configuration has \(errors == 1 ? "an error" : "\(errors) errors").",
                remedy: "Mend the lines above, then run: nashra config check",
                diagnostics: diagnostics
            )
        }
        diagnostics.forEach(warn)
        return configuration
    }

    private static func check(
        _ tree: YAMLNode,
        file: String,
        root: String,
        environment: [String: String]
    ) -> (configuration: Configuration?, diagnostics: [Diagnostic]) {
        let reader = ConfigurationReader(
            ConfigurationSource(file: file, root: tree, environment: environment)
        )
        let configuration = ConfigurationBuilder(reader: reader, root: root, environment: environment).build()
        let findings = reader.findings
        return (findings.contains { $0.severity == .error } ? nil : configuration, findings)
    }
}
