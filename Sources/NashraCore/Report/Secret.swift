// SPDX-License-Identifier: Apache-2.0
//
// A value that must not be printed, marked where it is read.
// Pure.

/// A secret.
///
/// It prints as dots wherever it is interpolated, dumped or encoded by mistake.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The value itself.
    ///
    /// Reading it is the one place to look for in review.
    public let exposed: String

    /// Wraps a value.
    public init(_ value: String) { exposed = value }

    /// What it is, for people.
    public var description: String { "•••" }
    /// Dots, like its description.
    public var debugDescription: String { "•••" }
    /// Nothing, so that a dump shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
