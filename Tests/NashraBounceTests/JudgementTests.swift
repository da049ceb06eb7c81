// SPDX-License-Identifier: Apache-2.0
//
// What status, reply code and words mean together; codes found inside words; tables that are what they claim.
import NashraCore
import Testing

@testable import NashraBounce

@Suite struct `Judging findings` {
    @Test(arguments: Reply.all)
    func `a reply means what its author documents`(_ reply: Reply) {
        let verdict = Samples.verdict(
            Samples.refusal(status: reply.status, reply.words, remote: reply.remote)
        )
        #expect(verdict.kind == reply.kind, "\(verdict.reason as Any) by \(verdict.rule)")
        #expect(verdict.reason == reply.reason, "by \(verdict.rule)")
        #expect(verdict.status?.description == reply.stated)
    }

    @Test(
        arguments: [
            ("550 5.1.1 User unknown", 550, ["5.1.1"]),
            (
                "host mx[192.0.2.1] said: 550-5.7.26 Unauthenticated 550 5.7.26 see", 550,
                ["5.7.26", "5.7.26"]
            ),
            ("550 #5.1.0 Address rejected.", 550, ["5.1.0"]),
            ("Message of 5.1.2.3 at 10.5.1.1 refused by Postfix-5.1.1 after 500s", 0, []),
            ("smtp;550-'5.7.1 <x>... Access denied'", 550, ["5.7.1"]),
            ("queued for 550 seconds; 421 4.4.2 connection dropped", 421, ["4.4.2"]),
            ("ERROR_CODE :550, ERROR_CODE :5.1.1 <x>", 550, ["5.1.1"]),
            ("(#4.4.1)", 0, ["4.4.1"]),
            ("v5.1.1 and 5.1.1beta and 55.1.1", 0, []),
        ] as [(String, Int, [String])]
    )
    func `codes are found in words, and numbers that are none are not`(
        _ words: String,
        _ code: Int,
        _ statuses: [String]
    ) {
        let scan = ReplyScan(Array(words.utf8)[...])
        #expect(scan.replyCode == code)
        #expect(scan.statuses.map(\.status.description) == statuses)
    }

    @Test func `every row of the tables is whole and has its source`() {
        for row in RuleTable.rows(PackageResources.statuses_tsv) {
            #expect(row.count == 4 && RefusalReason(rawValue: row[1]) != nil, "\(row)")
            #expect(["firm", "loose"].contains(row[2]) && !row[3].isEmpty, "\(row)")
        }
        for row in RuleTable.rows(PackageResources.provider_codes_tsv) {
            #expect(row.count == 4 && RefusalReason(rawValue: row[1]) != nil && !row[3].isEmpty, "\(row)")
        }
        for row in RuleTable.rows(PackageResources.returns_tsv) {
            #expect(
                row.count == 3 && BounceVerdict.Action(rawValue: row[0]) != nil && !row[2].isEmpty,
                "\(row)"
            )
        }
        let codes = RuleTable.rows(PackageResources.statuses_tsv).map { $0[0] }
        #expect(Set(codes).count == codes.count)
    }

    @Test func `no reason but three condemns an address, and no status of class 4 does`() {
        let judgement = Judgement()
        for row in RuleTable.rows(PackageResources.statuses_tsv) {
            var finding = Finding(address: "a@example.org", action: .failed)
            let text = row[0].replacing("x.", with: "4.", maxReplacements: 1)
            finding.status = EnhancedStatusCode.parse(prefixOf: text.utf8)?.code
            let recipient = judgement.judge(finding).recipient
            if finding.status?.category == 4 { #expect(recipient.kind == .soft, "\(text)") }
            if recipient.kind == .hard {
                let reason = recipient.reason
                #expect(reason == .unknownUser || reason == .domainUnknown || reason == .moved, "\(text)")
            }
        }
    }

    @Test func `the diagnostic is one bounded line of valid text`() throws {
        var words = Array("550 \u{1B}[31m5.1.1\r\n no\u{0} such  user ".utf8) + [0xFF, 0xC2, 0x85]
        words += [UInt8](repeating: 0xE2, count: 5_000)
        let line = try #require(Judgement.diagnostic(words))
        #expect(line.utf8.count <= 1_024)
        #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control })
        #expect(line.hasPrefix("550"))
    }
}
