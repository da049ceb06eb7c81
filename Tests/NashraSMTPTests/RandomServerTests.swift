// SPDX-License-Identifier: Apache-2.0
//
// Servers that say anything at all: the dialogue must end, must not trap, and must not claim what it cannot know.
// Pure; the seeds are fixed, so that a failure can be repeated.
import NashraCore
import Testing

@testable import NashraSMTP

/// SplitMix64: small, and the same everywhere.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct RandomServerTests {
    private static let phrases: [String] = [
        "250 Ok\r\n", "250 Ok\r\n", "250 Ok\r\n", "354 go\r\n", "354 go\n",
        "250-PIPELINING\r\n250 SIZE 10\r\n",
        "550 5.1.1 no\r\n", "451 4.2.0 later\r\n", "421 bye\r\n", "250-", "25", "\r", "\n", "999 x\r\n",
        "000\r\n",
        "250\r\n", "250-\r\n250 \r\n", "5", "503 no\r\n", "\u{202E}", "554 مرفوض\r\n", "100 early\r\n",
    ]

    private func noise(_ random: inout Seeded) -> [UInt8] {
        if Bool.random(using: &random) {
            return Array((Self.phrases.randomElement(using: &random) ?? "").utf8)
        }
        return (0..<Int.random(in: 1...40, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
    }

    private func answer(_ random: inout Seeded, mostly: Bool) -> [UInt8] {
        guard mostly, Int.random(in: 0..<8, using: &random) > 0 else { return noise(&random) }
        return Array((Self.phrases[Int.random(in: 0..<9, using: &random)]).utf8)
    }

    @Test(arguments: [true, false])
    func `random replies never trap, never hang, and nothing is accepted or ambiguous without a dot`(
        _ mostlySensible: Bool
    ) throws {
        var random = Seeded(state: mostlySensible ? 7 : 11)
        let address = try EmailAddress.parse("علي@moi.example")
        for round in 0..<3000 {
            var dialogue = SMTPDialogue()
            dialogue.start(ehloName: "sender.example")
            dialogue.wrote()
            dialogue.receive(
                Array("250-relay\r\n250-SMTPUTF8\r\n250 \(round % 2 == 0 ? "PIPELINING" : "DSN")\r\n".utf8)
            )
            for _ in 0..<3 where dialogue.isUsable {
                dialogue.begin(
                    Envelope(sender: "b@x.example", recipient: address),
                    size: 5,
                    isSevenBit: true,
                    isLarge: round % 3 == 0
                )
                let dots = play(&dialogue) { answer(&random, mostly: mostlySensible) }
                guard case .finish(let result) = dialogue.action else {
                    Issue.record("round \(round): no result")
                    break
                }
                if case .accepted = result { #expect(dots == 1, "round \(round)") }
                if case .failed(let failure) = result, failure.scope == .ambiguous {
                    #expect(dots == 1, "round \(round)")
                }
                if case .failed(let failure) = result, failure.remedy == .giveUp {
                    #expect(failure.reply?.isPermanent == true, "round \(round)")
                }
            }
        }
    }

    /// Plays one transaction; returns how many dots that end a message left.
    private func play(_ dialogue: inout SMTPDialogue, _ answer: () -> [UInt8]) -> Int {
        var dots = 0
        for step in 0..<2000 {
            switch dialogue.action {
            case .rest, .finish: return dots
            case .write(let piece):
                if piece == .dot || piece == .bodyAndDot { dots += 1 }
                dialogue.wrote()
            case .askIntent: dialogue.answerIntent(true)
            case .read:
                if step > 500 { dialogue.lose(.timedOut) } else { dialogue.receive(answer()) }
            }
        }
        return dots
    }
}
