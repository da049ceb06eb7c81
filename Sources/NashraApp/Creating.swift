// SPDX-License-Identifier: Apache-2.0
//
// A new workspace: folders, configuration, templates, sample bulletins, database and keys.
// Creates files; overwrites none.
import Foundation
public import NashraConfig
public import NashraCore
import NashraKeys
import NashraStore

extension Application {
    /// Makes a workspace that can send at once.
    ///
    /// - Throws: `cannotCreate` when something of it is there already; then nothing was changed.
    public static func create(
        at folder: String,
        answers: WorkspaceAnswers,
        environment: [String: String],
        clock: any WallClock
    ) throws(UserError) -> Application {
        var files = EmbeddedFiles.all.compactMap { file in
            Data(base64Encoded: file.base64).map { WorkspaceFile(path: file.path, bytes: Array($0)) }
        }
        files.append(WorkspaceFile(path: SegmentsFile.path, bytes: Array(SegmentsFile.template.utf8)))
        let workspace = try Workspace.create(at: folder, answers: answers, files: files)
        let application = try open(directory: workspace.root, environment: environment, clock: clock)
        _ = try RootKey.create(at: workspace.rootKeyPath(application.configuration))
        try application.openOrMakeStore().close()
        return application
    }

    /// Gives a workspace that came without state, such as a clone of a repository, its keys and its store.
    ///
    /// - Returns: The workspace, or `nil` when `folder` holds none or this one has a key or a store already.
    /// - Throws: ``UserError`` when its configuration has faults, or something cannot be made.
    public static func complete(
        at folder: String,
        environment: [String: String],
        clock: any WallClock
    ) throws(UserError) -> Application? {
        guard access("\(folder)/config/nashra.yaml", F_OK) == 0 else { return nil }
        let application = try open(directory: folder, environment: environment, clock: clock)
        let key = application.workspace.rootKeyPath(application.configuration)
        guard access(key, F_OK) != 0, access(application.storePath, F_OK) != 0 else { return nil }
        try makePrivateFolder((key as NSString).deletingLastPathComponent)
        _ = try RootKey.create(at: key)
        try application.openOrMakeStore().close()
        return application
    }

    private static func makePrivateFolder(_ path: String) throws(UserError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw UserError(.cannotCreate, "The folder \(path) cannot be made: \(error.localizedDescription)")
        }
    }
}
