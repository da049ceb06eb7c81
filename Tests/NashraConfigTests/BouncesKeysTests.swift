// SPDX-License-Identifier: Apache-2.0
//
// The keys about what comes back: where it waits, who may fetch it, where replies go.
// Writes a temporary folder.
import Foundation
import NashraConfig
import NashraCore
import Testing

@Suite struct BouncesKeysTests {
    @Test func `without a word there is a spool, no mailbox, and replies go to the issuer`() throws {
        let loaded = try #require(try TemporaryFolder().load(minimalYAML).configuration)
        #expect(loaded.bounces.spool == "var/spool")
        #expect(loaded.bounces.maildir == nil)
        #expect(loaded.bounces.mailbox.url == nil)
        #expect(loaded.bounces.forwarding == .issuer)
    }

    @Test func `the mailbox's password comes from its file, and the environment goes before it`() throws {
        let folder = try TemporaryFolder()
        try folder.write("secret", "كلمة السر\n", mode: 0o600)
        let yaml =
            minimalYAML + """
                bounces:
                  maildir: var/maildir
                  mailbox: {url: "imaps://mail.moi.example/مرتجع", user: bounces, password_file: secret}
                replies: {forward_to: none}

                """
        let loaded = try #require(try folder.load(yaml).configuration)
        #expect(loaded.bounces.mailbox.secret?.exposed == "كلمة السر")
        #expect(loaded.bounces.mailbox.user == "bounces")
        #expect(loaded.bounces.forwarding == BouncesConfiguration.Forwarding.none)
        #expect(!loaded.entries.contains { $0.value.contains("السر") })
        let variable = ["NASHRA_BOUNCES_MAILBOX_PASSWORD": "from outside"]
        let other = try #require(try folder.load(yaml, environment: variable).configuration)
        #expect(other.bounces.mailbox.secret?.exposed == "from outside")
    }

    @Test(arguments: [
        ("bounces: {mailbox: {password: geheim}}", "secret"),
        ("bounces: {mailbox: {url: \"imap://u:geheim@h/INBOX\"}}", "without a password"),
        ("bounces: {mailbox: {url: \"http://h/\"}}", "imaps://host"),
        ("bounces: {mailbox: {auth: oauth}}", "xoauth2"),
        ("bounces: {maildri: x}", "maildir"),
        ("replies: {forward_to: somebody}", "forward_to"),
        ("bounces: {mailbox: {url: \"imaps://h/\", password_file: loose}}", "0600"),
    ])
    func `what cannot work is refused, and says how to mend it`(yaml: String, words: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("loose", "geheim", mode: 0o644)
        let (loaded, findings) = try folder.load(minimalYAML + yaml + "\n")
        #expect(loaded == nil)
        let text = findings.map(\.description).joined(separator: "\n")
        #expect(text.contains(words), "\(text)")
    }

    @Test func `a faulty address of a mailbox is not repeated where it may hold a password`() throws {
        let (_, findings) = try TemporaryFolder().load(
            minimalYAML + "bounces: {mailbox: {url: \"imap://u:geheim@h/\"}}\n"
        )
        #expect(!findings.isEmpty)
        #expect(!findings.contains { $0.description.contains("geheim") })
    }
}
