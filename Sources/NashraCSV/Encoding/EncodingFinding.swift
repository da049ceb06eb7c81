// SPDX-License-Identifier: Apache-2.0
//
// What was found out about the encoding of a file, how sure that is, and why.
// Pure values.

/// The encoding of a file.
public struct EncodingFinding: Sendable, Hashable {
    /// How sure a finding is.
    public enum Sureness: String, Sendable, Hashable, CaseIterable {
        /// The bytes can hardly be anything else: a byte order mark, whole UTF-8, ASCII, or the user's word.
        case certain
        /// The letters speak for it, and there are enough of them.
        case likely
        /// There is too little to tell; the sample deserves a look.
        case guess
    }

    /// The encoding that is read.
    public var encoding: TextEncoding
    /// How sure that is.
    public var sureness: Sureness
    /// Why, in one sentence without its full stop.
    public var evidence: String
    /// What is wrong although the encoding is right, such as text that was damaged before it was saved; empty
    /// when nothing is.
    public var warning: String
    /// Some words of the file in this encoding, those beyond ASCII; empty when there are none.
    public var sample: String

    /// Makes a finding.
    public init(
        _ encoding: TextEncoding,
        _ sureness: Sureness,
        evidence: String,
        warning: String = "",
        sample: String = ""
    ) {
        self.encoding = encoding
        self.sureness = sureness
        self.evidence = evidence
        self.warning = warning
        self.sample = sample
    }
}
