// SPDX-License-Identifier: Apache-2.0
//
// Values with parameters: Content-Type, Content-Disposition, Auto-Submitted.
// Pure, tolerant, one pass; at most 100 parameters. Rules: RFC 2045 section 5.1, RFC 2231 sections 3 and 4.

/// A header's value of the form `value; name=value; name="value"`.
public struct HeaderParameters: Sendable, Hashable {
    /// What stands before the first semicolon, in lower case, without comments and white space.
    public let value: String

    private let parameters: [Parameter]

    /// Reads a value; see ``HeaderFields/first(_:)``.
    public init(_ bytes: [UInt8]) {
        var reader = ParameterReader(bytes)
        value = reader.readValue()
        parameters = reader.readParameters()
    }
}
