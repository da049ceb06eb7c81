// SPDX-License-Identifier: Apache-2.0
//
// The words that people agree to when they join, under a version.
// Pure values. Written in config/consent.yaml (NashraConfig reads it); kept by the store when first used.

/// One version of the text that people agree to.
public struct ConsentText: Sendable, Hashable {
    /// Its version, such as `2026-1`.
    public var version: String
    /// The text by language.
    public var texts: [Language: String]

    /// Makes a version.
    public init(version: String, texts: [Language: String]) {
        self.version = version
        self.texts = texts
    }
}
