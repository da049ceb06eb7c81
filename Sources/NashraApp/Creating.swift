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
        let files = EmbeddedFiles.all.compactMap { file in
            Data(base64Encoded: file.base64).map { WorkspaceFile(path: file.path, bytes: Array($0)) }
        }
        let workspace = try Workspace.create(at: folder, answers: answers, files: files)
        let application = try open(directory: workspace.root, environment: environment, clock: clock)
        _ = try RootKey.create(at: workspace.rootKeyPath(application.configuration))
        try application.openStore().close()
        return application
    }
}
