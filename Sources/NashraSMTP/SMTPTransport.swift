// SPDX-License-Identifier: Apache-2.0
//
// The transport port over SMTP: connections to one relay.
// Makes connections and nothing else; how many there are and how long they live is the engine's business.
public import NashraCore

/// Connections to one relay over SMTP.
public struct SMTPTransport: MessageTransport {
    /// The relay.
    public let settings: RelaySettings

    /// A transport to `settings`' relay.
    public init(_ settings: RelaySettings) { self.settings = settings }

    /// The relay's name in the configuration.
    public var relay: String { settings.name }

    /// Makes a connection that is not open yet; to be called on the thread that will use it.
    public func makeConnection() -> any RelayConnection { SMTPConnection(settings) }
}
