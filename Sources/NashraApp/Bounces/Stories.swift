// SPDX-License-Identifier: Apache-2.0
//
// What came back, asked for: stories, replies, and what a mail would be tied to.
// Reads the store and the keys.
public import NashraCore
import NashraKeys
public import NashraStore

extension Application {
    /// The story of a person or of one mail.
    ///
    /// - Parameter subject: An address; or the Message-ID or the envelope sender of one of our mails.
    /// - Returns: The story, oldest first.
    /// - Throws: `unknownObject` when nothing is recorded about it, `badData` when it is no address.
    public func story(of subject: String) throws(UserError) -> Story {
        let store = try openStoreForReading()
        let keys = try keyring()
        if let delivery = keys.delivery(fromMessageID: subject) ?? keys.delivery(fromEnvelope: subject) {
            if let story = try store.story(of: delivery) { return story }
        } else if subject.hasPrefix("<") {
            throw UserError(
                .unknownObject,
                "\(subject) is no Message-ID of ours.",
                remedy: "Copy it whole from the mail's header; or name the person's address."
            )
        } else if let story = try store.story(of: Self.address(subject)) {
            return story
        }
        throw UserError(
            .unknownObject,
            "Nothing is recorded about \(subject).",
            remedy: "nashra subscribers list names those who may be mailed."
        )
    }

    /// One reply and its bytes.
    ///
    /// - Throws: `unknownObject` when there is none.
    public func reply(_ number: Int64) throws(UserError) -> (reply: Reply, bytes: [UInt8]) {
        let store = try openStoreForReading()
        let id = ReturnedID(rawValue: number)
        guard let reply = try store.reply(id), let bytes = try store.returnedBytes(id) else {
            throw UserError(
                .unknownObject,
                "There is no reply \(number).",
                remedy: "nashra replies list names them."
            )
        }
        return (reply, bytes)
    }
}
