// SPDX-License-Identifier: Apache-2.0
//
// The table of failures, whole: every step and every answer, written out beside the code and not derived from it.
// Pure.
import NashraCore
import Testing

@testable import NashraSMTP

private typealias Map = FailureMap

// c connection/retry, r relay/retry, d recipient/retry, x recipient/give-up, p campaign/ask-operator,
// s configuration/ask-operator, a ambiguous/resolve. Columns as in `answers`.
private let table: [(SMTPStage, String)] = [
    (.connect, "cccccccccc"),
    (.greeting, "cccccccccc"),
    (.ehlo, "cccccccccc"),
    (.startTLS, "ccsssccccc"),
    (.auth, "ccsssccccc"),
    (.mail, "crppsccccc"),
    (.rcpt, "cdxdsccccc"),
    (.data, "crxxsccccc"),
    (.body, "crxxxccccc"),
    (.beforeDot, "crxxxccccc"),
    (.afterDot, "crxxxaaaaa"),
    (.rset, "cccccccccc"),
    (.quit, "cccccccccc"),
]

private let answers: [Map.Answer] = [
    .closing, .transient, .permanent, .overQuota, .loginNeeded, .unexpected, .lost, .timedOut, .malformed,
    .aborted,
]

@Suite struct FailureMapTests {
    @Test func `every step and every answer has its verdict`() {
        let letters: [Character: Map.Verdict] = [
            "c": .connection, "r": .relay, "d": .deferred, "x": .refused, "p": .campaign, "s": .configuration,
            "a": .ambiguous,
        ]
        #expect(Set(table.map(\.0)) == Set(SMTPStage.allCases))
        #expect(Set(answers) == Set(Map.Answer.allCases))
        for (stage, row) in table {
            #expect(row.count == answers.count)
            for (answer, letter) in zip(answers, row) {
                #expect(Map.verdict(stage, answer) == letters[letter], "\(stage) \(answer)")
            }
        }
    }

    @Test func `only a server's 5xx gives up on a person, and only a dot makes a fate unknown`() {
        for stage in SMTPStage.allCases {
            for answer in Map.Answer.allCases {
                let verdict = Map.verdict(stage, answer)
                if verdict.remedy == .giveUp {
                    #expect([.permanent, .overQuota, .loginNeeded].contains(answer))
                    #expect(verdict.scope == .recipient)
                }
                if verdict.scope == .ambiguous { #expect(stage == .afterDot) }
                #expect((verdict.scope == .ambiguous) == (verdict.remedy == .resolve))
            }
        }
    }

    @Test func `every code has a kind`() {
        for code in 200...599 {
            let expected: Map.Answer =
                switch code {
                case 421: .closing
                case 552: .overQuota
                case 530, 534, 535, 538: .loginNeeded
                default: code < 400 ? .unexpected : code < 500 ? .transient : .permanent
                }
            #expect(Map.Answer(code: code) == expected, "\(code)")
        }
    }

    @Test(arguments: [
        (6, SMTPStage.connect, 0, "connect/connection/retry"), (7, .connect, 0, "connect/connection/retry"),
        (28, .greeting, 0, "greeting/connection/retry"), (35, .startTLS, 220, "starttls/connection/retry"),
        (56, .ehlo, 0, "ehlo/connection/retry"), (8, .greeting, 554, "greeting/connection/retry"),
        (8, .greeting, 421, "greeting/connection/retry"), (9, .ehlo, 502, "ehlo/connection/retry"),
        (60, .startTLS, 220, "starttls/configuration/ask-operator"),
        (60, .connect, 0, "connect/configuration/ask-operator"),
        (77, .connect, 0, "connect/configuration/ask-operator"),
        (64, .ehlo, 250, "starttls/configuration/ask-operator"),
        (64, .startTLS, 454, "starttls/connection/retry"),
        (64, .startTLS, 502, "starttls/configuration/ask-operator"),
        (67, .auth, 535, "auth/configuration/ask-operator"),
        (67, .auth, 534, "auth/configuration/ask-operator"),
        (67, .auth, 454, "auth/connection/retry"), (67, .ehlo, 250, "auth/configuration/ask-operator"),
        (42, .auth, 0, "auth/connection/retry"), (3, .connect, 0, "connect/configuration/ask-operator"),
    ])
    func `what libcurl reports while opening`(
        _ code: UInt32,
        _ stage: SMTPStage,
        _ reply: Int,
        _ label: String
    ) {
        let failure = CurlFailure.failure(
            code: code,
            stage: stage,
            reply: reply == 0 ? nil : SMTPReply(code: reply, text: "as it was said"),
            message: "as libcurl said"
        )
        #expect(failure.label == label)
        #expect((failure.reply != nil) == (reply >= 400))
    }

    @Test func `whatever libcurl may ever report, nobody is condemned before MAIL`() {
        for code in UInt32(1)...120 {
            for stage in [SMTPStage.connect, .greeting, .ehlo, .startTLS, .auth] {
                for reply in [
                    nil, SMTPReply(code: 250), SMTPReply(code: 421), SMTPReply(code: 454),
                    SMTPReply(code: 554),
                ] {
                    let failure = CurlFailure.failure(code: code, stage: stage, reply: reply, message: "")
                    #expect([.connection, .configuration].contains(failure.scope))
                }
            }
        }
    }

    @Test(arguments: [
        ("relay.example", "sender.example", "smtp://relay.example:587/sender.example"),
        ("::1", "[127.0.0.1]", "smtp://[::1]:587/%5B127.0.0.1%5D"),
        ("127.0.0.1", "[IPv6:::1]", "smtp://127.0.0.1:587/%5BIPv6%3A%3A%3A1%5D"),
    ])
    func `settings become a URL`(_ host: String, _ name: String, _ url: String) {
        let settings = RelaySettings(name: "r", host: host, port: 587, tls: .startTLS, ehloName: name)
        #expect(settings.fault == nil)
        #expect(settings.url == url)
    }

    @Test(arguments: [
        ("relay.example/x", "a.example", "u"), ("", "a.example", "u"), ("relay@evil", "a.example", "u"),
        ("r.example", "", "u"), ("r.example", "a\r\nMAIL FROM:<x>", "u"), ("r.example", "[]", "u"),
        ("r.example", "a b", "u"), ("r.example", "نشرة", "u"), ("r.example", "a.example", "u\u{0}x"),
        ("r.example", "a.example", "u\r\n"),
    ])
    func `settings that could inject are a fault of the configuration`(
        _ host: String,
        _ name: String,
        _ user: String
    ) {
        let connection = SMTPTransport(
            RelaySettings(
                name: "r",
                host: host,
                port: 25,
                tls: .none,
                user: user,
                password: Secret("p"),
                ehloName: name
            )
        ).makeConnection()
        #expect {
            try connection.open()
        } throws: { ($0 as? DeliveryFailure)?.label == "connect/configuration/ask-operator" }
    }
}
