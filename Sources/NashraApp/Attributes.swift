// SPDX-License-Identifier: Apache-2.0
//
// What a workspace keeps about people, for all commands that read, set or compare it.
// Reads config/attributes.yaml.
import NashraConfig
public import NashraCore

extension Application {
    /// The declared attributes; none when the workspace has no file of them.
    ///
    /// - Throws: `configuration` with all faults of the file, each with line and column.
    public var attributes: AttributeSchema {
        get throws(UserError) { try AttributesFile.require(workspace) }
    }

    /// The domains that are the organisation's own, as A-labels: of sender, envelope, Message-IDs and replies.
    ///
    /// An address whose domain looks like one of them is worth a question.
    public var ownDomains: Set<String> {
        let sender = configuration.sender
        return Set(
            [sender.address.domain, sender.envelopeDomain, sender.messageIDDomain]
                + [sender.replyTo?.domain].compactMap(\.self)
        )
    }
}
