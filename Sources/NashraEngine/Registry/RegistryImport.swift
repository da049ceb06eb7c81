// SPDX-License-Identifier: Apache-2.0
//
// An import into the register: batches of the file become transactions of the store, and one line of the audit.
// Touches the file it reads and the store.
public import NashraCore
public import NashraStore

extension SubscriberImport {
    /// Where the people of a file go.
    public struct Destination: Sendable, Hashable {
        /// The topic they are subscribed to, or `nil` for none.
        public var topic: String?
        /// Where they come from, in words; kept with each new subscription as the ground for mailing them.
        public var source: String
        /// Who imports, for the audit: `cli:NAME` for a person at the command line.
        public var actor: String
        /// Say what would happen, and leave no trace.
        public var isDryRun: Bool

        /// Names a destination.
        public init(topic: String? = nil, source: String, actor: String, isDryRun: Bool = false) {
            self.topic = topic
            self.source = source
            self.actor = actor
            self.isDryRun = isDryRun
        }
    }

    /// Imports the file at `path`, or standard input when that is `-`, into the register.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - store: The register.
    ///   - destination: Where its people go.
    /// - Returns: What was done, or would be done.
    /// - Throws: ``UserError``; `unknownObject` for a topic that does not exist. What was imported before it stays.
    public func run(
        path: String,
        into store: Store,
        _ destination: Destination
    ) throws(UserError) -> ImportSummary {
        let summary = try run(path: path) { (batch) throws(UserError) in
            try store.importBatch(
                batch,
                topic: destination.topic,
                source: destination.source,
                dryRun: destination.isDryRun
            )
        }
        guard !destination.isDryRun else { return summary }
        var detail = ["source": destination.source, "topic": destination.topic ?? ""]
        for (name, count) in summary.counts { detail[name] = String(count) }
        try store.recordAudit(
            actor: destination.actor,
            action: "subscribers.import",
            object: summary.file,
            detail: detail
        )
        return summary
    }
}
