// SPDX-License-Identifier: Apache-2.0
//
// The register as use cases: topics, subscribers, imports, suppressions; and as JSON carries them.
// Reads and changes the store.
import Foundation
public import NashraCore
public import NashraStore

extension Application {
    /// One person, or an error that says there is none.
    public func subscriber(_ address: String) throws(UserError) -> SubscriberDetail {
        guard let found = try openStoreForReading().subscriber(try Self.address(address)) else {
            throw UserError(
                .unknownObject,
                "There is no subscriber \(address).",
                remedy: "nashra subscribers list shows them."
            )
        }
        return found
    }

    /// A language as it was typed, checked.
    ///
    /// - Parameters:
    ///   - text: What was typed.
    ///   - option: Where.
    /// - Returns: The language.
    /// - Throws: `usage` when it is none.
    public static func language(_ text: String, _ option: String) throws(UserError) -> Language {
        if let language = Language(rawValue: text) { return language }
        throw UserError(
            .usage,
            "\(option) \(text) is not a language.",
            remedy: "Say a tag such as ar, en or fr."
        )
    }

    /// An address as it was typed or pasted, checked; what stands around it is taken away.
    public static func address(_ text: String) throws(UserError) -> EmailAddress {
        do {
            return try CleanedAddress.read(text).address
        } catch {
            throw UserError(.badData, "\(text) is not an address: \(error).")
        }
    }
}
