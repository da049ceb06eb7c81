// SPDX-License-Identifier: Apache-2.0
//
// Input that is no event, too deep, too long, cut off, or random: a finding each, and the others are read.
import Foundation
import NashraCore
import Testing

@testable import NashraProviders

@Suite struct HostileInputTests {
    @Test func `a bad line does not cost the good ones, whatever the form`() {
        let good = sesBounce()
        for text in [
            "\(good)\n{\"eventType\":\n\(good)\n", "[\(good),{bad},\(good)]", "\u{FEFF}\(good)\nسطر\n\(good)",
            "\(good)\n{\"eventType\":\"\(String(repeating: "x", count: 100))\n\(good)", "\(good)}}}]]\(good)",
            "\(good){\"a\":1}\(good)", "\(good)null\(good)", "\(good)\u{0}\(good)",
        ] {
            let reading = read(text, .ses)
            #expect(reading.events.count == 2, "\(text.suffix(40))")
            #expect(!reading.findings.isEmpty)
            #expect(reading.findings.allSatisfy { $0.file == "x.json" && $0.message.hasPrefix("at byte ") })
        }
    }

    @Test func `nothing at all is nothing`() {
        for text in ["", " \n", "[]", "[\n]", "[[],[]]"] { #expect(read(text, .ses) == ProviderReading()) }
    }

    @Test func `deep nesting is a finding and costs no stack`() {
        for open in ["{\"a\":", "["] {
            let deep = "{\"a\":" + String(repeating: open, count: 200_000)
            let close = open == "[" ? "]" : "}"
            let closed = deep + "1" + String(repeating: close, count: 200_000) + "}"
            #expect(read(closed + sesBounce(), .ses).events.count == (closed.utf8.count < 10 << 20 ? 1 : 0))
            #expect(read(deep, .ses).events.isEmpty)
            #expect(read(deep, .ses).findings.count == 1)
        }
        // Inside the envelope's text as well.
        let inner =
            "{\"a\":" + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000) + "}"
        let envelope = try? Envelope(message: inner).json(signature: "AAAA")
        #expect(read(envelope ?? "", .ses).events.isEmpty)
    }

    @Test func `too long, too large and too many are findings`() {
        let long = ProviderNotification.read(
            [UInt8](repeating: 0x20, count: (10 << 20) + 1),
            provider: .mailgun,
            keys: ProviderKeys(),
            now: now
        )
        #expect(long.findings.count == 1)
        let wide = "{\"a\":[" + String(repeating: "1,", count: 30_000) + "1]}"
        #expect(read(wide + sesBounce(), .ses).events.count == 1)
        let fat = "{\"a\":\"" + String(repeating: "س", count: 600_000) + "\"}"
        #expect(read(fat + sesBounce(), .ses).events.count == 1)
        let many = String(repeating: "{}\n", count: 1000)
        #expect(read(many, .ses).findings.count == 101)
        let opened = String(repeating: #"{"event":"open"}"#, count: 20_001)
        #expect(read(opened, .sendgrid).ignored == 20_000)
        #expect(read(opened, .sendgrid).findings.count == 1)
    }

    @Test func `words of strangers are kept tame and short`() throws {
        let json =
            #"[{"event":"bounce","email":"\u202eevil\u0000\r\nBcc: x@example.org","reason":"\u001b[31m550 5.1.1\r\nuser\tunknown\u202e \#(String(repeating: "ش", count: 5000))"}]"#
        let verdict = try #require(read(json, .sendgrid).events.first).verdict
        #expect(verdict.recipients.map(\.address) == ["evil Bcc: x@example.org"])
        let diagnostic = try #require(verdict.recipients.first?.diagnostic)
        #expect(diagnostic.utf8.count <= 1024)
        #expect(diagnostic.hasPrefix("[31m550 5.1.1 user unknown ش"))
        #expect(diagnostic.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
    }

    @Test func `fields of the wrong type are as good as none`() {
        let odd = [
            #"{"eventType":"Bounce","bounce":[],"mail":"x"}"#,
            #"{"eventType":"Bounce","bounce":{"bouncedRecipients":{"emailAddress":1},"bounceType":[]},"mail":{"headers":7}}"#,
            #"{"eventType":"Complaint","complaint":{"complainedRecipients":[1,null,"x",{"emailAddress":null}]}}"#,
            #"{"eventType":"Delivery","delivery":{"recipients":"a@example.org"}}"#,
            #"{"eventType":["Bounce"]}"#,
            #"{"Type":"Notification","TopicArn":"t","MessageId":1,"Message":{"a":1}}"#,
        ]
        for json in odd {
            #expect(read(json, .ses).events.count + read(json, .ses).findings.count == 1, "\(json)")
        }
        for provider in Provider.allCases {
            for json in odd + [
                #"{"event":1e400}"#, #"{"msys":[]}"#, #"{"event-data":[]}"#, #"{"a":1,"a":2}"#,
            ] {
                _ = read(json, provider)
            }
        }
    }

    @Test func `the examples cut off at every byte never trap`() throws {
        for (name, provider) in [
            ("amazonses-02", Provider.ses), ("amazonses-06", .ses), ("sendgrid-12", .sendgrid),
        ] {
            let bytes = try example("json-\(name).json")
            for length in 0..<bytes.count {
                let reading = ProviderNotification.read(
                    Array(bytes[..<length]),
                    provider: provider,
                    keys: ProviderKeys(),
                    now: now
                )
                #expect(reading.events.isEmpty || length > bytes.count - 4)
            }
        }
    }

    @Test func `random changes never trap`() throws {
        var random = Generator(state: 20_261_122)
        let seeds: [(Provider, [UInt8])] = [
            (.ses, Array(sesBounce().utf8)), (.ses, try example("json-amazonses-02.json")),
            (.sendgrid, try example("json-sendgrid-12.json")),
            (
                .mailgun,
                Array(
                    #"{"signature":{"timestamp":"1","token":"t","signature":"00"},"event-data":{"event":"failed","delivery-status":{"code":550}}}"#
                        .utf8
                )
            ),
            (
                .postmark,
                Array(#"{"RecordType":"Bounce","Type":"HardBounce","ID":1,"Content":"Message-ID: x"}"#.utf8)
            ),
            (
                .sparkpost,
                Array(
                    #"[{"msys":{"message_event":{"type":"bounce","bounce_class":10,"raw_reason":"550"}}}]"#
                        .utf8
                )
            ),
        ]
        let marks = Array("{}[]\",:\\0n\u{0}u".utf8)
        for round in 0..<1200 {
            var (provider, bytes) = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[place] = marks[Int.random(in: 0..<marks.count, using: &random)]
                case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                default: bytes.remove(at: place)
                }
            }
            provider = round.isMultiple(of: 10) ? Provider.allCases[round / 10 % 5] : provider
            let reading = ProviderNotification.read(bytes, provider: provider, keys: ProviderKeys(), now: now)
            #expect(reading.events.allSatisfy { $0.trust != .signed })
        }
    }

    @Test(arguments: [
        ("2026-11-22T09:00:00Z", now.rawValue), ("2026-11-22T09:00:00.123456Z", now.rawValue + 123),
        ("2026-11-22T12:00:00+03:00", now.rawValue), ("2026-11-22 09:00:00", now.rawValue),
        ("1795338000", now.rawValue), ("1795338000.5", now.rawValue + 500),
        ("2026-11-22t04:30:00-0430", now.rawValue),
    ])
    func `times are read in the forms that providers write`(_ text: String, _ expected: Int64) {
        #expect(EventTime.parse(text)?.rawValue == expected)
    }

    @Test(arguments: [
        "", "x", "2026-13-01T00:00:00Z", "2026-11-22T25:00:00Z", "2026-11-22T09:00:00X", "2026-11-22T09:00",
        "1",
        "99999999999999", "2026-11-22T09:00:00+3", "1999-01-01T00:00:00Z", "٢٠٢٦-١١-٢٢T٠٩:٠٠:٠٠Z",
        "1795338000.x",
    ])
    func `what is no time is none`(_ text: String) { #expect(EventTime.parse(text) == nil) }

    @Test func `every word of the tables can be read, and stands in the documentation`() throws {
        let table = CodeTable.standard
        #expect(table.words.count > 90)
        #expect(table.reason(ofWords: "550 User Unknown") == .unknownUser)
        #expect(table.reason(ofWords: "terrible") == nil)
        #expect(table.reason(ofWords: "صندوق البريد ممتلئ") == .mailboxFull)
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(
                path: "../../docs/providers.md"
            ),
            encoding: .utf8
        )
        for name in ["codes.tsv", "words.tsv"] {
            let file = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../Sources/NashraProviders/Rules/\(name)").standardized
            let rows = (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n") ?? []
            #expect(rows.count > 50)
            for row in rows where !row.hasPrefix("#") {
                let fields = row.split(separator: "\t", omittingEmptySubsequences: false)
                #expect(
                    fields.count == (name == "codes.tsv" ? 6 : 3) && fields.allSatisfy { !$0.isEmpty },
                    "\(row)"
                )
                #expect(RefusalReason(rawValue: String(fields[name == "codes.tsv" ? 2 : 1])) != nil, "\(row)")
                guard name == "codes.tsv" else { continue }
                let shown = "| `\(fields[1])` | \(fields[2]) | \(fields[3]) | \(fields[4]) |"
                #expect(page.contains(shown), "docs/providers.md lacks \(shown)")
            }
        }
    }
}

/// The same numbers in every run.
private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
