// SPDX-License-Identifier: Apache-2.0
//
// How far a suppression reaches, in one form for SQL, JSON, files and the command line.
// Pure.

/// How far a suppression reaches.
public enum SuppressionScope: Sendable, Hashable, CustomStringConvertible {
    /// Every campaign, whatever way leads to the person.
    case everywhere
    /// Campaigns that would reach the person through the topic with this name; the others go on.
    case topic(String)

    /// Reads `all` or `topic:NAME`, in any case but the name's; `nil` for anything else.
    ///
    /// Whether there is such a topic is the store's question.
    public init?(_ text: String) {
        if text.lowercased() == "all" {
            self = .everywhere
            return
        }
        let prefix = "topic:"
        guard text.lowercased().hasPrefix(prefix), text.utf8.count > prefix.utf8.count else { return nil }
        self = .topic(String(text.dropFirst(prefix.count)))
    }

    /// `all` or `topic:NAME`.
    public var description: String {
        switch self {
        case .everywhere: "all"
        case .topic(let name): "topic:\(name)"
        }
    }
}
