// SPDX-License-Identifier: Apache-2.0
//
// Small words: status codes, languages, schedules, secrets, suggestions.
import NashraCore
import Testing

@Suite struct WordsTests {
    @Test(arguments: [
        ("5.1.1 no such user", "5.1.1", 5), ("4.7.1", "4.7.1", 5), ("2.0.0\tok", "2.0.0", 5),
        ("5.123.456 x", "5.123.456", 9),
    ])
    func `a status code at the start of a reply is read`(_ text: String, _ code: String, _ length: Int) throws
    {
        let found = try #require(EnhancedStatusCode.parse(prefixOf: text.utf8))
        #expect(found.code.description == code)
        #expect(found.length == length)
    }

    @Test(arguments: ["", "5.1", "5.1.", "3.1.1 x", "5.1.1.1", "5.1234.1", "5.1.1x", ".5.1", "550 5.1.1"])
    func `what only looks like a status code is not one`(_ text: String) {
        #expect(EnhancedStatusCode.parse(prefixOf: text.utf8) == nil)
    }

    @Test func `languages keep their primary subtag and know their direction`() {
        #expect(Language(rawValue: "ar-SA") == .arabic)
        #expect(Language(rawValue: "FR_fr") == .french)
        #expect(Language(rawValue: "") == nil)
        #expect(Language(rawValue: "عربي") == nil)
        #expect(Language.arabic.direction == .rightToLeft)
        #expect(Language.english.direction == .leftToRight)
    }

    @Test func `the schedule's last wait repeats and jitter stays within its share`() throws {
        let schedule = RetrySchedule.standard
        #expect(schedule.wait(afterAttempt: 1, random: 0.5) == .seconds(300))
        #expect(schedule.wait(afterAttempt: 99, random: 0.5) == .seconds(6 * 3600))
        #expect(schedule.wait(afterAttempt: 1, random: 0) == .seconds(240))
        #expect(RetrySchedule(waits: [], jitter: 0, lifetime: .seconds(1)) == nil)
        #expect(RetrySchedule(waits: [.seconds(1)], jitter: 2, lifetime: .seconds(1)) == nil)
    }

    @Test func `a secret does not print`() {
        let secret = Secret("كلمة السر")
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("السر"))
    }

    @Test func `a mistyped word finds what was meant, and nonsense finds nothing`() {
        let known = ["connections", "rate", "password_file", "ehlo_name"]
        #expect(Suggestion.nearest(to: "conections", among: known) == "connections")
        #expect(Suggestion.nearest(to: "pasword_file", among: known) == "password_file")
        #expect(Suggestion.nearest(to: "banana", among: known) == nil)
    }

    @Test func `a reply's reason follows its status code, and its stage when it has none`() {
        let noUser = SMTPReply(code: 550, status: EnhancedStatusCode(5, 1, 1))
        #expect(RefusalReason(reply: noUser, stage: .rcpt) == .unknownUser)
        #expect(RefusalReason(reply: SMTPReply(code: 550), stage: .rcpt) == .unknownUser)
        #expect(RefusalReason(reply: SMTPReply(code: 550), stage: .afterDot) == .contentRefused)
        let full = SMTPReply(code: 452, status: EnhancedStatusCode(4, 2, 2))
        #expect(RefusalReason(reply: full, stage: .rcpt) == .mailboxFull)
    }
}
