// SPDX-License-Identifier: Apache-2.0
//
// Reading values out of a document, and the findings of one run.
import NashraCore
import NashraYAML
import Testing

@Suite struct YAMLReaderTests {
    private enum Lane: String, CaseIterable { case urgent, normal, digest }

    @Test func `each kind of value is read from text`() throws {
        let text = """
            name: "نشرة التوعية"
            topics: [fraud, traffic]
            topic: weather
            open: yes
            count: 20
            wait: 250ms
            date: 2026-03-01
            expires: 2026-03-01T09:00:00+03:00
            lane: urgent
            mail: نشرة@moi.example
            titles: {ar: "مطر", en: Rain, fr: Pluie}
            issuer:
              department: CERT
            report:
              - label: Police
                phone: "999"
              - label: الدفاع المدني
                phone: "998"
            """
        let reader = YAMLReader(file: "b.yaml")
        let phones = reader.read(Array(text.utf8)) { top in
            #expect(top.string("name") == "نشرة التوعية")
            #expect(top.strings("topics") == ["fraud", "traffic"])
            #expect(top.strings("topic") == ["weather"])
            #expect(top.bool("open") == true)
            #expect(top.integer("count", in: 1...200) == 20)
            #expect(top.duration("wait", in: .zero ... .seconds(1)) == .milliseconds(250))
            #expect(top.date("date") == CalendarDate(year: 2026, month: 3, day: 1))
            #expect(top.timestamp("expires")?.iso8601 == "2026-03-01T06:00:00Z")
            #expect(top.oneOf("lane", Lane.self) == .urgent)
            #expect(top.address("mail")?.needsSMTPUTF8 == true)
            #expect(top.localized("titles") == [.arabic: "مطر", .english: "Rain", .french: "Pluie"])
            #expect(top.mapping("issuer") { $0.string("department") } == "CERT")
            #expect(top.string("absent") == nil)
            return top.mappings("report") { line in
                _ = line.string("label", required: true)
                return line.string("phone")
            }
        }
        #expect(phones == ["999", "998"])
        #expect(reader.diagnostics.isEmpty)
    }

    @Test func `one run reports all faults, each with its line`() {
        let text = """
            nmae: x
            count: 300
            open: maybe
            wait: 5
            lane: urgnet
            mail: not an address
            date: 2026-02-30
            titles: {arabic: مطر}
            topics: [a, [b]]
            issuer: CERT
            empty:
            """
        let reader = YAMLReader(file: "b.yaml")
        _ = reader.read(Array(text.utf8)) { top in
            _ = top.string("name", required: true)
            _ = top.integer("count", in: 1...200)
            _ = top.bool("open")
            _ = top.duration("wait", in: .zero ... .seconds(60))
            _ = top.oneOf("lane", Lane.self)
            _ = top.address("mail")
            _ = top.date("date")
            _ = top.localized("titles")
            _ = top.strings("topics")
            _ = top.mapping("issuer") { $0.string("department") }
            _ = top.string("empty", required: true)
        }
        let found = reader.diagnostics.map { "\($0.line ?? 0) \($0.message) \($0.remedy)" }
        #expect(reader.diagnostics.compactMap(\.line) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1])
        #expect(found[0].contains("“name” is missing"))
        #expect(found[1].contains("“count” is “300”, not a whole number from 1 to 200"))
        #expect(found[3].contains("from 0 to 1m"))
        #expect(found[4].contains("Did you mean “urgent”?"))
        #expect(found[9].contains("“issuer” is a text, not a mapping"))
        #expect(found[10].contains("“empty” is empty"))
        #expect(found[11].contains("“nmae” is not a key we know Did you mean “name”?"))
    }

    @Test func `unknown keys below are reported with their path`() {
        let reader = YAMLReader(file: "b.yaml")
        _ = reader.read(Array("relays:\n  primary:\n    ulr: x\n    zzzzzz: y\n".utf8)) { top in
            top.mapping("relays") { $0.mapping("primary") { _ = $0.string("url") } }
        }
        #expect(
            reader.diagnostics.map(\.message) == [
                "“relays.primary.ulr” is not a key we know", "“relays.primary.zzzzzz” is not a key we know",
            ]
        )
        #expect(reader.diagnostics.map(\.remedy) == ["Did you mean “url”?", "Known here: url."])
        #expect(reader.diagnostics.first?.description.hasPrefix("b.yaml:3:5: error: ") == true)
    }

    @Test func `a syntax fault leaves one finding and no value`() {
        let reader = YAMLReader(file: "b.yaml")
        #expect(reader.read(Array("a: [".utf8)) { _ in 1 } == nil)
        #expect(reader.diagnostics.count == 1)
        #expect(reader.hasErrors)
    }

    @Test func `a root that is a list is a finding`() {
        let reader = YAMLReader(file: "b.yaml")
        #expect(reader.read(Array("- a\n".utf8)) { _ in 1 } == nil)
        #expect(reader.diagnostics.first?.message == "the file holds a list, not a mapping of keys")
    }

    @Test(arguments: [
        ("0", Duration.zero), ("250ms", .milliseconds(250)), ("30s", .seconds(30)), ("5m", .seconds(300)),
        ("6h", .seconds(21_600)), ("5d", .seconds(432_000)), ("90s", .seconds(90)),
    ])
    func `durations carry their unit and come back the same`(_ text: String, _ duration: Duration) {
        #expect(ScalarText.duration(text) == duration)
        #expect(ScalarText.text(duration) == text)
    }

    @Test(arguments: ["", "5", "5 m", "-5m", "5.5m", "m", "٥m", "5M", "9999999999s", "5min"])
    func `other durations are refused`(_ text: String) {
        #expect(ScalarText.duration(text) == nil)
    }

    @Test(arguments: [("50/s", 50.0), ("50", 50), ("0.5/s", 0.5), ("3000/min", 50)])
    func `rates count per second`(_ text: String, _ rate: Double) {
        #expect(ScalarText.perSecond(text) == rate)
    }

    @Test(arguments: ["", "/s", "50/h", "-1/s", "1e9", "nan", "5//s", "50/s/s"])
    func `other rates are refused`(_ text: String) {
        #expect(ScalarText.perSecond(text) == nil)
    }

    @Test(arguments: [
        "2026-03-01", "2026-03-01T09:00", "2026-03-01T24:00Z", "2026-02-29T09:00Z", "2026-03-01T09:00+3",
        "2026-03-01T09:60Z", "2026-03-01T9:00Z", "٢٠٢٦-03-01T09:00Z",
    ])
    func `a moment without offset, or that is none, is refused`(_ text: String) {
        #expect(ScalarText.timestamp(text) == nil)
    }

    @Test func `moments agree with UTC`() {
        #expect(ScalarText.timestamp("2026-11-22T09:15:00Z")?.iso8601 == "2026-11-22T09:15:00Z")
        #expect(ScalarText.timestamp("2024-02-29T23:30-05:30")?.iso8601 == "2024-03-01T05:00:00Z")
        #expect(ScalarText.percent("12.5%") == 12.5)
        #expect(ScalarText.percent("12") == nil)
        #expect(ScalarText.percent("101%") == nil)
    }
}
