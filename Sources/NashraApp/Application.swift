// SPDX-License-Identifier: Apache-2.0
//
// An open workspace: its checked configuration, and from it the store, the keys, the transport and the log.
// The one place that knows how the parts fit together.
import Foundation
public import Logging
public import NashraConfig
public import NashraCore
import NashraEngine
public import NashraKeys
import NashraSMTP
public import NashraStore

/// An open workspace.
public struct Application: Sendable {
    /// Its folders.
    public let workspace: Workspace
    /// Its checked configuration.
    public let configuration: Configuration
    /// What the configuration's check had to say short of an error.
    public let warnings: [Diagnostic]
    /// Where time comes from.
    public let clock: any WallClock
    let environment: [String: String]

    /// Finds the workspace and checks its configuration whole.
    ///
    /// - Parameters:
    ///   - directory: What --workspace said, or `nil`.
    ///   - environment: The process's.
    ///   - clock: Where time comes from.
    /// - Returns: The open workspace.
    /// - Throws: ``UserError``: `noInput` when there is no workspace, `configuration` with all faults.
    public static func open(
        directory: String?,
        environment: [String: String],
        clock: any WallClock
    ) throws(UserError) -> Application {
        let workspace = try Workspace.find(
            named: directory,
            environment: environment,
            currentDirectory: FileManager.default.currentDirectoryPath
        )
        var warnings: [Diagnostic] = []
        let configuration = try ConfigurationFile.require(workspace: workspace, environment: environment) {
            warnings.append($0)
        }
        return Application(
            workspace: workspace,
            configuration: configuration,
            warnings: warnings,
            clock: clock,
            environment: environment
        )
    }

    /// Who acts, for the audit: the login name.
    ///
    /// Behind sudo it is the person and not root; otherwise the environment is not believed.
    public var actor: String {
        if getuid() == 0, let person = environment["SUDO_USER"], !person.isEmpty { return person }
        guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else {
            return "uid \(getuid())"
        }
        return String(cString: name)
    }

    /// Opens the store for reading and writing.
    ///
    /// - Throws: `noInput` when there is none: an empty one in its place would hide that people and suppressions are gone.
    public func openStore() throws(UserError) -> Store {
        guard access(storePath, F_OK) == 0 else {
            throw UserError(
                .noInput,
                "There is no store at \(storePath).",
                remedy: "Restore it from the backup; in a workspace that never had one, run: "
                    + "nashra init \(workspace.displayed(workspace.root))"
            )
        }
        return try openOrMakeStore()
    }

    /// Opens the store, and makes it when it is not there.
    func openOrMakeStore() throws(UserError) -> Store {
        try Store.open(
            at: storePath,
            clock: clock,
            busyTimeout: configuration.store.busyTimeout,
            failpoint: Failpoint.parse(environment["NASHRA_FAILPOINT"])
        )
    }

    /// Opens the store for reading.
    public func openStoreForReading() throws(UserError) -> Store {
        try Store.openReadOnly(at: storePath, clock: clock, busyTimeout: configuration.store.busyTimeout)
    }

    var storePath: String { workspace.storePath(configuration) }

    /// Reads the root key.
    public func keyring() throws(UserError) -> Keyring {
        Keyring(root: try RootKey.read(from: workspace.rootKeyPath(configuration)))
    }

    /// The log: JSON lines in the file that the configuration names, or on stderr.
    public func logger() -> Logger {
        let target = configuration.log.file.map { workspace.path($0) }
        var logger = Logger(label: "nashra") { _ in LineLogHandler(path: target) }
        logger.logLevel = Logger.Level(rawValue: configuration.log.level.rawValue) ?? .notice
        return logger
    }

    func transport() -> SMTPTransport { SMTPTransport(RelaySettings(configuration.relay)) }
}

extension RelaySettings {
    /// The relay as the transport needs to know it.
    init(_ relay: RelayConfiguration) {
        var timeouts = Timeouts()
        timeouts.connect = relay.timeouts.connect
        timeouts.greeting = relay.timeouts.greeting
        timeouts.ehlo = relay.timeouts.ehlo
        timeouts.startTLS = relay.timeouts.startTLS
        timeouts.auth = relay.timeouts.auth
        timeouts.mail = relay.timeouts.mail
        timeouts.rcpt = relay.timeouts.rcpt
        timeouts.data = relay.timeouts.data
        timeouts.body = relay.timeouts.body
        timeouts.afterDot = relay.timeouts.afterDot
        timeouts.rset = relay.timeouts.rset
        timeouts.quit = relay.timeouts.quit
        self.init(
            name: relay.name,
            host: relay.host,
            port: relay.port,
            tls: Security(rawValue: relay.security.rawValue) ?? .startTLS,
            caFile: relay.caFile,
            user: relay.credentials?.user,
            password: relay.credentials?.password,
            auth: Mechanism(rawValue: relay.mechanism.rawValue) ?? .either,
            ehloName: relay.ehloName,
            timeouts: timeouts
        )
    }
}
