// SPDX-License-Identifier: Apache-2.0
//
// The relay: its address, how the connection is protected, and where the password comes from.
import Foundation
import NashraConfig
import NashraCore
import Testing

@Suite struct RelayTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(
        _ relay: String,
        _ environment: [String: String] = [:]
    ) throws -> (configuration: Configuration?, diagnostics: [Diagnostic]) {
        let yaml = "organisation: {name: {en: X}}\nsender: {address: a@moi.example}\nrelays:\n  primary:\n"
        let lines = relay.split(separator: "\n").map { "    \($0)\n" }.joined()
        return try folder.load(yaml + lines, environment: environment)
    }

    struct Address: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let host: String
        let port: Int
        let security: RelayConfiguration.Security

        init(_ url: String, _ host: String, _ port: Int, _ security: RelayConfiguration.Security) {
            testDescription = url
            self.host = host
            self.port = port
            self.security = security
        }
    }

    @Test(arguments: [
        Address("smtp://relay.moi.example:587", "relay.moi.example", 587, .startTLS),
        Address("smtp://Relay.MOI.example", "relay.moi.example", 25, .startTLS),
        Address("smtps://relay.moi.example", "relay.moi.example", 465, .implicit),
        Address("smtp://postfix", "postfix", 25, .startTLS),
        Address("smtp://localhost:2525", "localhost", 2525, .none),
        Address("smtp://127.0.0.1", "127.0.0.1", 25, .none),
        Address("smtp://127.8.9.10", "127.8.9.10", 25, .none),
        Address("smtp://[::1]:2525", "::1", 2525, .none),
        Address("smtp://[2001:db8::25]", "2001:db8::25", 25, .startTLS),
        Address("smtp://10.0.0.1", "10.0.0.1", 25, .startTLS),
        Address("smtp://127.example.org", "127.example.org", 25, .startTLS),
        Address("smtp://localhost.example.org", "localhost.example.org", 25, .startTLS),
        Address("smtp://بريد.moi.example", "xn--mgbd1cf.moi.example", 25, .startTLS),
    ])
    func `plain text goes to this machine only, unless it is said`(_ address: Address) throws {
        let (loaded, findings) = try load("url: \"\(address.testDescription)\"")
        let relay = try #require(loaded, "\(findings)").relay
        if !address.host.hasPrefix("xn--") { #expect(relay.host == address.host) }
        #expect(relay.host.utf8.allSatisfy { $0 < 0x80 })
        #expect(relay.port == address.port)
        #expect(relay.security == address.security)
    }

    @Test(arguments: [
        "http://relay.example", "relay.example:25", "smtp://", "smtp://:25", "smtp://a b.example",
        "smtp://relay.example:0",
        "smtp://relay.example:65536", "smtp://relay.example:25x", "smtp://relay.example/x",
        "smtp://relay.example?x",
        "smtp://2001:db8::25", "smtp://[2001:db8::25", "smtp://[relay]", "smtp://[::1]25",
        "smtp://user:secret@relay.example",
        "smtp://rel_ay.example", "smtp://relay..example", "SMTP://relay.example",
    ])
    func `other addresses are refused, and never repeated`(_ url: String) throws {
        let (loaded, findings) = try load("url: \"\(url)\"")
        #expect(loaded == nil)
        #expect(findings.count == 1)
        #expect(findings.first?.message.hasPrefix("“relays.primary.url” is no relay's address: ") == true)
        #expect(findings.first?.line == 5)
        #expect(findings.first.map { "\($0)".contains("secret") } == false)
    }

    @Test func `tls none to another machine is a warning, and with a password an error`() throws {
        let (plain, warnings) = try load("url: smtp://10.0.0.1\ntls: none")
        #expect(plain?.relay.security == RelayConfiguration.Security.none)
        #expect(warnings.map(\.severity) == [.warning])
        #expect(warnings.first?.line == 6)
        let (loaded, errors) = try load(
            "url: smtp://10.0.0.1\ntls: none\nuser: u",
            ["NASHRA_RELAYS_PRIMARY_PASSWORD": "p"]
        )
        #expect(loaded == nil)
        #expect(errors.map(\.severity) == [.error])
    }

    @Test(arguments: [
        ("smtps://r.example", "starttls"), ("smtps://r.example", "none"), ("smtp://r.example", "implicit"),
    ])
    func `the scheme and tls must agree`(_ url: String, _ tls: String) throws {
        let (loaded, findings) = try load("url: \(url)\ntls: \(tls)")
        #expect(loaded == nil)
        #expect(findings.map(\.line) == [6])
    }

    @Test func `a password in the file is refused and not repeated`() throws {
        let (loaded, findings) = try load("url: smtp://r.example\nuser: u\npassword: hunter2")
        #expect(loaded == nil)
        #expect(findings.first { $0.line == 7 }?.message.contains("it may not stand in this file") == true)
        #expect(!findings.map(\.description).joined().contains("hunter2"))
    }

    @Test func `a password from the environment is masked everywhere`() throws {
        let (loaded, _) = try load(
            "url: smtp://r.example\nuser: u",
            ["NASHRA_RELAYS_PRIMARY_PASSWORD": "hunter2"]
        )
        let configuration = try #require(loaded)
        #expect(configuration.relay.credentials?.password.exposed == "hunter2")
        #expect(!"\(configuration)".contains("hunter2"))
        let entry = configuration.entries.first { $0.key == "relays.primary.password" }
        #expect(entry?.value == "•••")
        #expect(entry?.origin == .environment("NASHRA_RELAYS_PRIMARY_PASSWORD"))
    }

    @Test(arguments: [0o600, 0o400])
    func `a password comes from a file that only its owner reads`(_ mode: Int) throws {
        try folder.write("secrets/relay", "سر hunter2\n", mode: mode)
        let (loaded, findings) = try load("url: smtp://r.example\nuser: u\npassword_file: secrets/relay")
        let configuration = try #require(loaded, "\(findings)")
        #expect(configuration.relay.credentials?.password.exposed == "سر hunter2")
        let entry = configuration.entries.first { $0.key == "relays.primary.password" }
        #expect(entry?.origin == .credential("secrets/relay"))
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o660, 0o700])
    func `a password's file that others can read is refused`(_ mode: Int) throws {
        try folder.write("secrets/relay", "hunter2\n", mode: mode)
        let (loaded, findings) = try load("url: smtp://r.example\nuser: u\npassword_file: secrets/relay")
        #expect(loaded == nil)
        #expect(findings.count == 1, "\(findings)")
        #expect(findings.first?.message.contains("has mode 0\(String(mode, radix: 8))") == true)
        #expect(findings.first?.remedy.contains("chmod 0600") == true)
        #expect(findings.first?.line == 7)
    }

    @Test func `a password's file that is missing, empty, no file or no line is refused`() throws {
        try folder.write("empty", "\n", mode: 0o600)
        try folder.write("two", "a\nb\n", mode: 0o600)
        try folder.write("binary", [0xFF, 0xFE], mode: 0o600)
        try folder.write("long", String(repeating: "x", count: 5000), mode: 0o600)
        let words = [
            "absent": "No such file", "config": "not a plain file", "empty": "is empty",
            "two": "more than one line",
            "binary": "no text", "long": "too long",
        ]
        for (name, words) in words {
            let (loaded, findings) = try load("url: smtp://r.example\nuser: u\npassword_file: \(name)")
            #expect(loaded == nil)
            #expect(findings.count == 1 && findings[0].message.contains(words), "\(name): \(findings)")
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
    func `a password's file of another user is refused`() throws {
        let path = try folder.write("secrets/relay", "hunter2\n", mode: 0o600)
        #expect(chown(path, 65_534, 65_534) == 0)
        let (loaded, findings) = try load("url: smtp://r.example\nuser: u\npassword_file: secrets/relay")
        #expect(loaded == nil)
        #expect(findings.first?.message.contains("belongs to the user with number 65534") == true)
    }

    @Test func `a credential goes before the file, and the environment before both`() throws {
        try folder.write("secrets/relay", "from-file", mode: 0o600)
        try folder.write("credentials/relays.primary.password", "from-credential", mode: 0o440)
        let relay = "url: smtp://r.example\nuser: u\npassword_file: secrets/relay"
        var environment = ["CREDENTIALS_DIRECTORY": "\(folder.path)/credentials"]
        let credential = try load(relay, environment).configuration
        #expect(credential?.relay.credentials?.password.exposed == "from-credential")
        #expect(
            credential?.entries.first { $0.key == "relays.primary.password" }?.origin
                == .credential("relays.primary.password")
        )
        environment["NASHRA_RELAYS_PRIMARY_PASSWORD"] = "from-environment"
        #expect(
            try load(relay, environment).configuration?.relay.credentials?.password.exposed
                == "from-environment"
        )
    }

    @Test func `user and password come together`() throws {
        let (noPassword, first) = try load("url: smtp://r.example\nuser: u")
        #expect(noPassword == nil)
        #expect(first.first?.remedy.contains("NASHRA_RELAYS_PRIMARY_PASSWORD") == true)
        let (noUser, second) = try load("url: smtp://r.example", ["NASHRA_RELAYS_PRIMARY_PASSWORD": "p"])
        #expect(noUser == nil)
        #expect(second.count == 1 && second[0].message.contains("“relays.primary.user” is missing"))
    }

    @Test func `the authorities' file must hold certificates`() throws {
        try folder.write("ca.pem", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n")
        try folder.write("not.pem", "hello")
        #expect(
            try load("url: smtp://r.example\nca_file: ca.pem").configuration?.relay.caFile
                == "\(folder.path)/ca.pem"
        )
        #expect(
            try load("url: smtp://r.example\nca_file: not.pem").diagnostics.first?.message.contains("PEM")
                == true
        )
        #expect(try load("url: smtp://r.example\nca_file: no.pem").diagnostics.first?.line == 6)
    }

    @Test func `EHLO names are host names or addresses in brackets`() throws {
        #expect(
            try load("url: smtp://r.example\nehlo_name: \"[192.0.2.1]\"").configuration?.relay.ehloName
                == "[192.0.2.1]"
        )
        #expect(
            try load("url: smtp://r.example\nehlo_name: Out.MOI.example").configuration?.relay.ehloName
                == "out.moi.example"
        )
        for name in ["a b", "[a b]", "host", "[]", "x\\r\\nMAIL"] {
            #expect(try load("url: smtp://r.example\nehlo_name: \"\(name)\"").configuration == nil, "\(name)")
        }
        #expect(try load("url: smtp://r.example").configuration?.relay.ehloName.contains(".") == true)
    }
}
