// SPDX-License-Identifier: Apache-2.0
//
// How long personal data is kept, as checked values.
// Pure values. What each key means: config/nashra.yaml and docs/privacy.md.

/// How long what is kept; `nil`: for ever.
public struct PrivacyConfiguration: Sendable, Hashable {
    /// The spans by the last part of their key, such as `returned_bytes`; keys without a span are missing.
    public var retention: [String: Duration]
}

extension ConfigurationBuilder {
    /// The rules of retention.
    func privacy() -> PrivacyConfiguration {
        var retention: [String: Duration] = [:]
        for key in ConfigurationKeys.privacy {
            let span = reader.value(key.path, form: "a number of days such as 90d, up to 36500d, or never") {
                Self.span($0)
            }
            if case .some(.some(let days)) = span {
                retention[String(key.path.split(separator: ".").last ?? "")] = days
            }
        }
        return PrivacyConfiguration(retention: retention)
    }

    /// A span of whole days, or `never`, which is none.
    private static func span(_ text: String) -> Duration?? {
        if text == "never" { return .some(nil) }
        guard text.utf8.last == UInt8(ascii: "d"), let days = Int(text.dropLast()),
            (1...36_500).contains(days),
            text.utf8.first != UInt8(ascii: "+")
        else { return nil }
        return .seconds(days * 86_400)
    }
}
