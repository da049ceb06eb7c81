// SPDX-License-Identifier: Apache-2.0
//
// What addresses and scripts ask for.
import NashraCore
import Testing

@testable import NashraSink

struct ScriptTests {
    private func action(_ address: String, at stage: SinkStage = .rcpt, in script: SinkScript? = nil)
        -> String
    {
        let script = script ?? SinkScript([], usesBuiltIn: true)
        switch script.action(at: stage, for: Array(address.utf8)) {
        case .reply(let reply)?: return "\(reply.code) \(reply.text.prefix(while: { $0 != " " }))"
        case let other?: return "\(other)"
        case nil: return "-"
        }
    }

    @Test(arguments: [
        ("5.1.1@x.example", "550 5.1.1"), ("5.1.1.ali@x.example", "550 5.1.1"),
        ("5.1.1-علي@x.example", "550 5.1.1"),
        ("4.2.1@x.example", "450 4.2.1"), ("5.7.26-1@x.example", "550 5.7.26"), ("5.1@x.example", "-"),
        ("5.1.1a@x.example", "-"), ("2.1.5@x.example", "-"), ("5.1111.1@x.example", "-"),
        ("5..1@x.example", "-"),
        ("full@x.example", "452 4.2.2"), ("FULL-7@x.example", "452 4.2.2"), ("fuller@x.example", "-"),
        ("421@x.example", "421 4.3.2"), ("421.me@x.example", "421 4.3.2"), ("4211@x.example", "-"),
        ("tempfail@x.example", "451 4.2.1"), ("tempfail-00017@x.example", "451 4.2.1"),
        ("temp@x.example", "-"),
        ("dropped@x.example", "-"), ("drop@x.example", "-"), ("", "-"), ("@", "-"), ("سالم@x.example", "-"),
    ])
    func `an address says what it wants at RCPT`(_ address: String, _ expected: String) {
        #expect(action(address) == expected)
    }

    @Test func `an address says what it wants at the dot`() {
        #expect(action("drop@x.example", at: .dot) == "drop")
        #expect(action("reset.3@x.example", at: .dot) == "reset")
        #expect(action("slow-1@x.example", at: .dot) == "delay(2.0 seconds)")
        #expect(action("5.1.1@x.example", at: .dot) == "-")
    }

    @Test func `tempfail spoils its number of tries for each address and then lets pass`() {
        let script = SinkScript([], usesBuiltIn: true)
        let tries = { (address: String) in (0..<5).filter { _ in action(address, in: script) != "-" }.count }
        #expect(tries("tempfail@x.example") == 1)
        #expect(tries("tempfail-3@x.example") == 3)
        #expect(tries("tempfail-3-ali@x.example") == 3)
        #expect(tries("tempfail-0@x.example") == 1)
        #expect(tries("Tempfail@x.example") == 0, "the same mailbox in other letters")
    }

    @Test func `a script without the built-in one leaves such addresses alone`() {
        #expect(action("5.1.1@x.example", in: SinkScript([], usesBuiltIn: false)) == "-")
    }

    @Test(arguments: [
        ("*", "", true), ("*", "a@b", true), ("ali*", "Ali.x@b", true), ("ali*", "x@ali", false),
        ("*@b.example", "a@B.example", true),
        ("*@b.example", "a@cb.example.org", false), ("?@b", "a@b", true), ("?@b", "aa@b", false),
        ("", "a@b", false),
        ("*a*a*a*b*", "aaaaaaaaaaaaaaaaaaaaaaaaaa", false), ("سا*", "سالم@b.example", true),
    ])
    func `a pattern fits an address`(_ pattern: String, _ address: String, _ expected: Bool) {
        #expect(SinkPattern(pattern).matches(Array(address.utf8)) == expected)
    }

    @Test func `a script file is read line by line with comments`() throws {
        let text = """
            # قواعد
            {"match": "*@example.org", "stage": "rcpt", "action": "reply 450 4.7.1 Greylisted", "times": 1}

            {"stage":"dot","action":"delay 250ms"}\r
            """
        let rules = try ScriptFile.parse(Array(text.utf8), file: "s.jsonl")
        let reply = try #require(SinkReply(450, "4.7.1 Greylisted"))
        #expect(
            rules == [
                SinkRule(.rcpt, match: "*@example.org", .reply(reply), times: 1),
                SinkRule(.dot, .delay(.milliseconds(250))),
            ]
        )
    }

    @Test func `all faults of a script are found in one run with their lines`() {
        let text = """
            {"stage":"rcpt","action":"drop"}
            {"stage":"rctp","action":"drop"}
            {"stage":"rcpt","action":"reply 250 Ok"}
            {"stage":"rcpt","action":"drop","macth":"x"}
            nonsense
            {"stage":"rcpt","action":"drop","times":0}
            {"stage":"rcpt","action":"drop","times":true}
            {"stage":"rcpt","action":"reply 451 ال\\r\\n250 x"}
            """
        let error = #expect(throws: UserError.self) {
            try ScriptFile.parse(Array(text.utf8), file: "s.jsonl")
        }
        #expect(error?.status == .badData)
        #expect(error?.diagnostics.map(\.line) == [2, 3, 4, 5, 6, 7, 8])
        #expect(error?.diagnostics[2].remedy == "Did you mean \"match\"?")
        #expect(throws: UserError.self) { try ScriptFile.load("/nonexistent/script") }
    }

    @Test(arguments: [
        "reply 250 Ok", "reply 600 x", "delay 5", "delay 9999999s", "delay -1s", "drop now", "", "421 x",
        "reply",
    ])
    func `what is no action is refused`(_ text: String) {
        #expect(SinkAction.parse(text) == nil)
    }
}
