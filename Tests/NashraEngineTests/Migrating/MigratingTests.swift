// SPDX-License-Identifier: Apache-2.0
//
// Exports of other systems, 1,000 people each, against what their makers' formats say of every person.
// Runs python3, which writes the exports into a temporary folder.
import Foundation
import NashraCore
import NashraEngine
import NashraStore
import Testing

@Suite struct MigratingTests {
    @Test(arguments: MigrationSystem.allCases)
    func `each person of an export comes in as the other system knew them`(_ system: MigrationSystem) throws {
        let exports = try Exports(system)
        let reader = try MigrationReader.open(
            system,
            files: exports.files,
            topics: exports.topics,
            now: Exports.now
        )
        let (people, refused) = try Exports.people(reader)
        #expect(people.count == 1_000)
        // A pattern on Sympa's blocklist names nobody.
        #expect(refused == (system == .sympa ? 1 : 0))
        var wrong = 0
        for expected in exports.expected {
            let row = try #require(people[expected.address], "\(expected.address) is missing")
            let found = Exports.Person(row)
            wrong += found == expected ? 0 : 1
            if found != expected, wrong < 4 { Issue.record("\(expected)\n\(found)") }
        }
        #expect(wrong == 0)
        #expect(Set(reader.overview.lists.map(\.topic)) == Set(exports.expected.flatMap { $0.topics.keys }))
    }

    @Test func `what the files hold is told before anybody is imported`() throws {
        let exports = try Exports(.listmonk)
        let reader = try MigrationReader.open(.listmonk, files: exports.files, now: Exports.now)
        let overview = reader.overview
        #expect(overview.files.map(\.people) == [1_000, exports.expected.count { $0.isReturned }])
        #expect(Set(overview.lists.map(\.topic)) == ["fraud-alerts", "traffic", "tnbyhat-altqs"])
        let weather = try #require(overview.lists.first { $0.name == "تنبيهات الطقس" })
        let states = exports.expected.compactMap { $0.topics[weather.topic]?.state }
        #expect(weather.active == states.count { $0 == "active" })
        #expect(weather.pending == states.count { $0 == "pending" })
        #expect(weather.ended == states.count { $0 == "ended" })
        #expect(overview.notes.contains { $0.contains("soft bounces") })
    }

    @Test func `a list's name becomes a topic's, or the topic that the user names`() throws {
        let exports = try Exports(.mailman)
        let reader = try MigrationReader.open(
            .mailman,
            files: exports.files,
            topics: ["FRAUD": "scams", "staff.lists.moi.example": "everyone"],
            now: Exports.now
        )
        #expect(Set(reader.overview.lists.map(\.topic)) == ["scams", "traffic", "everyone"])
    }

    @Test(arguments: MigrationSystem.allCases)
    func `a file that is no export says which export is wanted`(_ system: MigrationSystem) throws {
        let folder = try TemporaryFolder()
        let page = try folder.write("صفحة.html", "<html><body>Please log in</body></html>\n")
        let error = #expect(throws: UserError.self) {
            try MigrationReader.open(system, files: [page], now: Exports.now)
        }
        #expect(error?.status == .badData)
        #expect(error?.message.contains("no export of \(system.title)") == true)
        #expect(error?.remedy == system.advice)
        let gone = #expect(throws: UserError.self) {
            try MigrationReader.open(system, files: [folder.path("غائب.txt")], now: Exports.now)
        }
        #expect(gone?.status == .noInput)
        let input = #expect(throws: UserError.self) {
            try MigrationReader.open(system, files: ["-"], now: Exports.now)
        }
        #expect(input?.status == .usage || input?.status == .badData)
    }

    @Test func `one bad object, line or paragraph costs itself and not the file`() throws {
        let folder = try TemporaryFolder()
        let listmonk = try folder.write(
            "a.json",
            #"[{"email":"a@b.example","name":"نور"},{"email":"no","lists":[]},{"name":"x"},{"email":"c@b.example" 7}]"#
        )
        #expect(try lines(.listmonk, listmonk) == ["a@b.example", "refused 1", "refused 1", "refused 1"])
        let mailman = try folder.write(
            "fraud.txt",
            "# members\n\nنورة <n@b.example>\n\"Q, \\\"R\\\"\" <q@b.example>\nnot an address\nz@b.example\r\n"
        )
        #expect(try lines(.mailman, mailman) == ["n@b.example", "q@b.example", "refused 5", "z@b.example"])
        let phplist = try folder.write(
            "p.csv",
            """
            Email\tIs this user confirmed\tEntered\tList Membership
            a@b.example\t1\t2020-01-01 00:00:00\tnews; 
            b@b.example\t1

            """
        )
        #expect(try lines(.phplist, phplist) == ["a@b.example", "refused 3"])
        let sympa = try folder.write(
            "member.dump",
            "email a@b.example\ngecos علي\n\n\ndate 1571386471\n\nemail ?\n\nemail c@b.example\nsuspend 1\nstartdate 9\n"
        )
        #expect(try lines(.sympa, sympa) == ["a@b.example", "refused 5", "refused 7", "c@b.example"])
    }

    @Test func `old phpList puts spaces between lists whose names have spaces`() throws {
        let folder = try TemporaryFolder()
        let header = "Email\tIs this user confirmed\tEntered\tList Membership\n"
        let rows = ["Fraud Alerts ", "Traffic ", "Fraud Alerts Traffic ", "No Lists", "Weather Traffic "]
        let text = rows.enumerated().map {
            "a\($0.offset)@b.example\t1\t2020-01-01 00:00:00\t\($0.element)\n"
        }
        let file = try folder.write("old.csv", header + text.joined())
        let guessed = try MigrationReader.open(.phplist, files: [file], now: Exports.now)
        #expect(guessed.overview.lists.map(\.name) == ["Fraud Alerts", "Traffic", "Weather Traffic"])
        #expect(guessed.overview.notes.contains { $0.contains("separated them by spaces") })
        let named = try MigrationReader.open(
            .phplist,
            files: [file],
            topics: ["Weather": "weather"],
            now: Exports.now
        )
        #expect(named.overview.lists.map(\.name) == ["Fraud Alerts", "Traffic", "Weather"])
    }

    @Test func `an export that grows a list between the two readings is not imported further`() throws {
        let folder = try TemporaryFolder()
        let head = #"{"data":{"results":[{"email":"a@b.example","lists":[{"name":"#
        let tail = #","subscription_status":"confirmed"}]}]}}"#
        let file = try folder.write("a.json", head + #""Fraud""# + tail)
        let reader = try MigrationReader.open(.listmonk, files: [file], now: Exports.now)
        _ = try folder.write("a.json", head + #""Traffic""# + tail)
        let error = #expect(throws: UserError.self) { try reader.next() }
        #expect(error?.status == .tryAgain)
    }

    /// Addresses and refused lines in their order.
    private func lines(_ system: MigrationSystem, _ file: String) throws -> [String] {
        let reader = try MigrationReader.open(system, files: [file], now: Exports.now)
        var found: [String] = []
        while true {
            switch try reader.next() {
            case .person(let row, _): found.append(row.address.text)
            case .refused(let line, _, _): found.append("refused \(line)")
            case .cutOff(let line, _): found.append("cut off \(line)")
            case .end: return found
            }
        }
    }
}
