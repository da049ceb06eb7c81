// SPDX-License-Identifier: Apache-2.0
//
// The keys about how long personal data is kept.
// Writes a temporary folder.
import Foundation
import NashraConfig
import NashraCore
import Testing

@Suite struct PrivacyKeysTests {
    @Test func `without a word only what was never confirmed is ever forgotten`() throws {
        let loaded = try #require(try TemporaryFolder().load(minimalYAML).configuration)
        #expect(loaded.privacy.retention == ["unconfirmed": .seconds(30 * 86_400)])
    }

    @Test func `each rule takes days, and never takes a rule away`() throws {
        let yaml =
            minimalYAML + """
                privacy:
                  retention: {returned_bytes: 90d, replies: 365d, deliveries: 730d, unconfirmed: never}

                """
        let loaded = try #require(try TemporaryFolder().load(yaml).configuration)
        let days = loaded.privacy.retention.mapValues { $0.milliseconds / 86_400_000 }
        #expect(days == ["returned_bytes": 90, "replies": 365, "deliveries": 730])
    }

    @Test(arguments: ["0d", "90", "٩٠d", "-1d", "+1d", "36501d", "24h", "forever", "1.5d"])
    func `anything else is refused and said with an example`(_ span: String) throws {
        let (loaded, findings) = try TemporaryFolder().load(
            minimalYAML + "privacy: {retention: {replies: \"\(span)\"}}\n"
        )
        #expect(loaded == nil)
        #expect(findings.map(\.description).joined().contains("90d"), "\(findings)")
    }

    @Test func `a rule that is not there gets the nearest name`() throws {
        let (loaded, findings) = try TemporaryFolder().load(
            minimalYAML + "privacy: {retention: {reply: 90d}}\n"
        )
        #expect(loaded == nil)
        #expect(findings.map(\.description).joined().contains("replies"), "\(findings)")
    }
}
