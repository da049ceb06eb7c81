// SPDX-License-Identifier: Apache-2.0
//
// A new workspace: folders, configuration, templates. The database and the keys are made by their own targets.
// Writes files; never over one that is there. Layout: docs/config.md.
import Foundation
public import NashraCore

/// A file to put into a new workspace.
public struct WorkspaceFile: Sendable, Hashable {
    /// The path from the workspace's folder, such as `templates/layouts/official.html`.
    public let path: String
    /// What it holds.
    public let bytes: [UInt8]

    /// Makes a file.
    public init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }
}

extension Workspace {
    /// The folders of every workspace, with their modes.
    private static let folders: [(path: String, mode: mode_t)] = [
        ("", 0o755), ("config", 0o755), ("bulletins", 0o755), ("templates", 0o755), ("subscribers", 0o750),
        ("var", 0o700), ("var/keys", 0o700),
    ]

    /// What git shall not see: state with its keys, and people's addresses.
    private static let ignored = "var/\nsubscribers/*.csv\nsubscribers/*.tsv\n"

    /// Makes a workspace; nothing is changed when something of it is there already.
    ///
    /// - Parameters:
    ///   - folder: The folder; it may be there, with other things in it.
    ///   - answers: What goes into the configuration.
    ///   - files: More files, such as templates.
    /// - Returns: The workspace.
    /// - Throws: `cannotCreate`, naming what is in the way.
    public static func create(
        at folder: String,
        answers: WorkspaceAnswers,
        files: [WorkspaceFile] = []
    ) throws(UserError) -> Workspace {
        let workspace = Workspace(root: folder)
        let all =
            files + [
                WorkspaceFile(path: ".gitignore", bytes: Array(ignored.utf8)),
                WorkspaceFile(path: ConsentFile.path, bytes: Array(ConsentFile.template.utf8)),
                WorkspaceFile(path: BouncePolicyFile.path, bytes: Array(BouncePolicyFile.template.utf8)),
                WorkspaceFile(path: AttributesFile.path, bytes: Array(AttributesFile.template.utf8)),
                WorkspaceFile(
                    path: "config/nashra.yaml",
                    bytes: Array(ConfigurationTemplate.yaml(answers).utf8)
                ),
            ]
        try workspace.refuseToOverwrite(all)
        var made: Set<String> = []
        for (path, mode) in folders { try workspace.makeFolder(path, mode, &made) }
        for file in all {
            let parts = file.path.split(separator: "/").dropLast()
            for depth in parts.indices {
                try workspace.makeFolder(parts[...depth].joined(separator: "/"), 0o755, &made)
            }
            try workspace.write(file)
        }
        return workspace
    }

    private func refuseToOverwrite(_ files: [WorkspaceFile]) throws(UserError) {
        if access(configurationFile, F_OK) == 0 {
            throw UserError(
                .cannotCreate,
                "\(displayed(root)) is a workspace already: \(displayed(configurationFile)) is there.",
                remedy: "Choose another folder, or edit that file."
            )
        }
        let present = files.map(\.path).filter { access(path($0), F_OK) == 0 }
        guard let first = present.first else { return }
        let more = present.count > 1 ? " and \(present.count - 1) more" : ""
        throw UserError(
            .cannotCreate,
            "\(displayed(path(first)))\(more) is in the way; nothing was changed.",
            remedy: "Choose an empty folder, or move what is there."
        )
    }

    private func makeFolder(_ relative: String, _ mode: mode_t, _ made: inout Set<String>) throws(UserError) {
        guard made.insert(relative).inserted else { return }
        let path = relative.isEmpty ? root : self.path(relative)
        if relative.isEmpty {
            do {
                let parent = URL(filePath: path).deletingLastPathComponent()
                try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
            } catch {
                throw UserError(
                    .cannotCreate,
                    "The folder above \(path) cannot be made.",
                    remedy: "Make it, or choose another place."
                )
            }
        }
        if mkdir(path, mode) == 0 { return }
        let fault = errno
        var status = stat()
        guard fault == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw UserError(
                .cannotCreate,
                "The folder \(displayed(path)) cannot be made: \(String(cString: strerror(fault))).",
                remedy: "Choose a folder that you may write to."
            )
        }
        if mode == 0o700, chmod(path, mode) != 0 {
            throw UserError(
                .cannotCreate,
                "The folder \(displayed(path)) cannot be closed to others (mode 0700).",
                remedy: "It must belong to you; choose another folder."
            )
        }
    }

    private func write(_ file: WorkspaceFile) throws(UserError) {
        let path = path(file.path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        var written = descriptor >= 0 ? 0 : -1
        while written >= 0 && written < file.bytes.count {
            let count = file.bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            if count < 0 && errno == EINTR { continue }
            written = count < 0 ? -1 : written + count
        }
        let fault = errno
        if descriptor >= 0 { close(descriptor) }
        guard written >= 0 else {
            throw UserError(
                .cannotCreate,
                "\(displayed(path)) cannot be written: \(String(cString: strerror(fault))).",
                remedy: "Look at the folder's mode and the free space, and begin again in an empty folder."
            )
        }
    }
}
