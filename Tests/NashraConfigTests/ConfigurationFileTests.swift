// SPDX-License-Identifier: Apache-2.0
//
// From file and environment to a checked value: defaults, origins, overrides.
import NashraConfig
import NashraCore
import Testing

@Suite struct ConfigurationFileTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `three keys are enough, and everything else has its default`() throws {
        let (loaded, findings) = try folder.load(minimalYAML)
        #expect(findings.isEmpty, "\(findings)")
        let configuration = try #require(loaded)
        #expect(configuration.languages == [.arabic, .english, .french])
        #expect(configuration.sender.name == [.arabic: "وزارة الداخلية"])
        #expect(configuration.sender.envelopeDomain == "moi.example")
        #expect(configuration.sender.messageIDDomain == "moi.example")
        #expect(configuration.list.id == "bulletins.moi.example")
        #expect(configuration.feedbackSender == "nashra")
        #expect(configuration.relay.host == "127.0.0.1")
        #expect(configuration.relay.port == 2525)
        #expect(configuration.relay.security == .none)
        #expect(configuration.relay.credentials == nil)
        #expect(configuration.relay.connections == 20)
        #expect(configuration.relay.messagesPerSecond == nil)
        #expect(configuration.relay.timeouts.afterDot == .seconds(600))
        #expect(configuration.sending.retry == .standard)
        #expect(configuration.sending.ambiguous == .resend)
        #expect(configuration.sending.stormGuard.permanentPercent == 10)
        #expect(configuration.store.path == "var/nashra.db")
        #expect(configuration.rootKeyPath == "var/keys/root.key")
        #expect(configuration.display.timeZone == "UTC")
        #expect(configuration.display.hijri == [.arabic])
        #expect(configuration.text(configuration.organisation.name, in: .french) == "وزارة الداخلية")
        #expect(configuration.textsByTag(configuration.sender.name)["fr"] == "وزارة الداخلية")
    }

    @Test func `every value knows where it came from, in the order of the file`() throws {
        let (loaded, _) = try folder.load(
            minimalYAML + "sending:\n  lane: digest\n",
            environment: ["NASHRA_LOG_LEVEL": "debug", "NASHRA_ORGANISATION_NAME_FR": "Ministère"]
        )
        let entries = try #require(loaded).entries
        let origins = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, "\($0.value) ← \($0.origin)") })
        let file = "\(folder.path)/config/nashra.yaml"
        #expect(origins["sending.lane"] == "digest ← \(file):9")
        #expect(origins["log.level"] == "debug ← environment NASHRA_LOG_LEVEL")
        #expect(origins["organisation.name.fr"] == "Ministère ← environment NASHRA_ORGANISATION_NAME_FR")
        #expect(origins["organisation.name.ar"] == "وزارة الداخلية ← \(file):2")
        #expect(origins["relays.primary.connections"] == "20 ← default")
        #expect(origins["relays.primary.tls"] == "none ← default")
        #expect(origins["sending.retry.waits"] == "[5m, 15m, 30m, 1h, 2h, 4h, 6h] ← default")
        #expect(entries.first?.key == "organisation.name.ar")
        #expect(entries.last?.key == "display.time_zone")
        #expect(Set(entries.map(\.key)).count == entries.count)
        for key in ConfigurationKeys.all where key.shape != .localized {
            #expect(origins[key.path(relay: "primary")] != nil, "\(key.path) is not shown")
        }
    }

    @Test func `the environment wins over the file, also in lists and for relays`() throws {
        let (loaded, findings) = try folder.load(
            minimalYAML + "languages: [ar]\ndisplay: {hijri: []}\n",
            environment: [
                "NASHRA_RELAYS_PRIMARY_URL": "smtps://relay.moi.example", "NASHRA_LANGUAGES": "fr, ar",
                "NASHRA_SENDING_RETRY_WAITS": "1s,2s", "NASHRA_RELAYS_PRIMARY_RATE": "3000/min",
                "NASHRA_SENDER_ADDRESS": "", "HOME": "/",
            ]
        )
        let configuration = try #require(loaded, "\(findings)")
        #expect(configuration.relay.host == "relay.moi.example")
        #expect(configuration.relay.port == 465)
        #expect(configuration.relay.security == .implicit)
        #expect(configuration.relay.messagesPerSecond == 50)
        #expect(configuration.languages == [.french, .arabic])
        #expect(configuration.display.hijri.isEmpty)
        #expect(configuration.sending.retry.waitsInMilliseconds == [1000, 2000])
        #expect(configuration.sender.address.text == "bulletin@moi.example")
    }

    @Test func `a relay can come from the environment alone`() throws {
        let yaml = "organisation: {name: {en: X}}\nsender: {address: a@moi.example}\n"
        let (loaded, findings) = try folder.load(
            yaml,
            environment: ["NASHRA_RELAYS_MAIN_HUB_URL": "smtp://relay.moi.example:587"]
        )
        #expect(try #require(loaded, "\(findings)").relay.name == "main-hub")
        #expect(loaded?.relay.security == .startTLS)
    }

    @Test func `unknown variables are warnings with the word that was meant`() throws {
        let (loaded, findings) = try folder.load(
            minimalYAML,
            environment: [
                "NASHRA_SENDING_LAEN": "urgent", "NASHRA_WORKSPACE": "/x", "NASHRA_RECORD": "1",
                "NASHRA_FAILPOINT": "x@1", "NASHRA_SENDER_NAME": "x",
            ]
        )
        #expect(loaded != nil)
        #expect(findings.map(\.severity) == [.warning, .warning])
        #expect(findings.map(\.message).contains { $0.hasPrefix("NASHRA_SENDER_NAME needs a language") })
        #expect(findings.map(\.remedy).contains("Did you mean NASHRA_SENDING_LANE?"))
    }

    @Test func `a faulty variable is named`() throws {
        let (loaded, findings) = try folder.load(
            minimalYAML,
            environment: ["NASHRA_RELAYS_PRIMARY_CONNECTIONS": "201"]
        )
        #expect(loaded == nil)
        #expect(
            findings.map(\.message) == [
                "NASHRA_RELAYS_PRIMARY_CONNECTIONS: “relays.primary.connections” is “201”, not a whole number "
                    + "from 1 to 200"
            ]
        )
    }

    @Test func `a file with CR LF and a byte order mark is read the same`() throws {
        let (loaded, findings) = try folder.load("\u{FEFF}" + minimalYAML.replacing("\n", with: "\r\n"))
        #expect(findings.isEmpty, "\(findings)")
        #expect(loaded?.organisation.name == [.arabic: "وزارة الداخلية"])
    }
}
