// SPDX-License-Identifier: Apache-2.0
//
// A workspace: the folder with config/nashra.yaml in it, and where everything else lies from there.
// Looks at folders; WorkspaceCreation makes them. Layout: docs/config.md.
import Foundation
public import NashraCore

/// A folder that Nashra works in.
public struct Workspace: Sendable, Hashable {
    /// The folder, absolute, without a trailing slash.
    public let root: String

    /// Takes a folder as it is; relative ones begin at the current folder.
    public init(root: String) {
        let absolute = root.hasPrefix("/") ? root : "\(FileManager.default.currentDirectoryPath)/\(root)"
        let standard = URL(filePath: absolute).standardizedFileURL.path(percentEncoded: false)
        self.root = standard.count > 1 && standard.hasSuffix("/") ? String(standard.dropLast()) : standard
    }

    /// The configuration file.
    public var configurationFile: String { path("config/nashra.yaml") }
    /// The folder of the workspace's own bulletins.
    public var bulletins: String { path("bulletins") }
    /// The folder of layouts, partials, locales and ready-made bulletins.
    public var templates: String { path("templates") }
    /// The folder of CSV files to import.
    public var subscribers: String { path("subscribers") }
    /// The folder of state; git does not see it.
    public var state: String { path("var") }
    /// The file whose lock makes sure that there is one sender.
    public var senderLock: String { path("var/sender.lock") }

    /// An absolute path for one that the configuration names: relative ones begin at the workspace.
    public func path(_ relative: String) -> String {
        relative.hasPrefix("/") ? relative : root == "/" ? "/\(relative)" : "\(root)/\(relative)"
    }

    /// The database file of a configuration.
    public func storePath(_ configuration: Configuration) -> String { path(configuration.store.path) }
    /// The root key's file of a configuration.
    public func rootKeyPath(_ configuration: Configuration) -> String { path(configuration.rootKeyPath) }

    /// A path as people would name it: from the current folder when it lies below it.
    public func displayed(_ path: String) -> String {
        let current = FileManager.default.currentDirectoryPath
        let prefix = current.hasSuffix("/") ? current : current + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }

    /// Finds the workspace to work in.
    ///
    /// - Parameters:
    ///   - named: What `--workspace` said, or `nil`.
    ///   - environment: The process's environment, for `NASHRA_WORKSPACE`.
    ///   - currentDirectory: Where to begin looking upwards when neither says anything.
    /// - Returns: A folder that has `config/nashra.yaml`.
    /// - Throws: `noInput` when there is none.
    public static func find(
        named: String?,
        environment: [String: String],
        currentDirectory: String
    ) throws(UserError) -> Workspace {
        if let named { return try checked(named, "--workspace names") }
        if let variable = environment["NASHRA_WORKSPACE"], !variable.isEmpty {
            return try checked(variable, "NASHRA_WORKSPACE names")
        }
        var folder = Workspace(root: currentDirectory)
        while true {
            if folder.isThere { return folder }
            let parent = folder.root.lastIndex(of: "/").map { String(folder.root[..<$0]) } ?? ""
            guard folder.root != "/" else { break }
            folder = Workspace(root: parent.isEmpty ? "/" : parent)
        }
        throw UserError(
            .noInput,
            "No workspace here: \(currentDirectory) and the folders above it have no config/nashra.yaml.",
            remedy: "Name one with --workspace DIR or NASHRA_WORKSPACE, or make one: nashra init DIR"
        )
    }

    private var isThere: Bool { FileManager.default.fileExists(atPath: configurationFile) }

    private static func checked(_ folder: String, _ who: String) throws(UserError) -> Workspace {
        let workspace = Workspace(root: folder)
        guard workspace.isThere else {
            throw UserError(
                .noInput,
                "\(who) \(folder), which has no config/nashra.yaml.",
                remedy: "Name a workspace's folder, or make one: nashra init \(folder)"
            )
        }
        return workspace
    }
}
