// SPDX-License-Identifier: Apache-2.0
//
// Exports that Scripts/make_exports.py writes, and what it says of each person.
// Runs python3; writes into a temporary folder that is gone afterwards.
import Foundation
import NashraCore
import NashraEngine
import NashraStore

/// A folder that is gone with its owner.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "nashra-exports-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
        return path(name)
    }
}

/// One system's exports.
struct Exports {
    /// One person as the script and as an import tell it.
    struct Person: Decodable, Equatable {
        struct Topic: Decodable, Equatable {
            let state: String
            let consent: String?
            let frequency: String
            let paused: Bool
            let until: String?
        }

        let address: String
        let name: String?
        let language: String?
        let attributes: [String: String]
        let created: String?
        let suppression: String?
        let topics: [String: Topic]

        /// Whether listmonk told of a bounce or complaint that counts.
        var isReturned: Bool { suppression == "hard_bounce" || suppression == "complaint" }

        init(_ row: ImportRow) {
            address = row.address.text
            name = row.name
            language = row.language?.rawValue
            attributes = row.attributes
            created = row.createdAt?.iso8601
            suppression = row.suppression?.reason.rawValue
            topics = Dictionary(
                uniqueKeysWithValues: row.memberships.map { membership in
                    let topic = Topic(
                        state: membership.state.rawValue,
                        consent: membership.consentAt?.iso8601,
                        frequency: membership.frequency.rawValue,
                        paused: membership.pausedFrom != nil,
                        until: membership.pausedUntil?.iso8601
                    )
                    return (membership.topic, topic)
                }
            )
        }
    }

    static let now = Timestamp(rawValue: 1_793_000_000_000)

    let expected: [Person]
    let files: [String]
    /// What the user says of lists that the script expects under other names.
    let topics: [String: String] = [:]
    private let folder: TemporaryFolder

    init(_ system: MigrationSystem, count: Int = 1_000) throws {
        folder = try TemporaryFolder()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Scripts/make_exports.py").standardizedFileURL.path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [script, system.rawValue, folder.url.path, String(count)]
        try process.run()
        process.waitUntilExit()
        let text = try String(contentsOf: folder.url.appending(path: "expected.jsonl"), encoding: .utf8)
        expected = try text.split(separator: "\n").map {
            try JSONDecoder().decode(Person.self, from: Data($0.utf8))
        }
        let all = FileManager.default.enumerator(atPath: folder.url.path)?.compactMap { $0 as? String } ?? []
        let root = folder.url.path
        files = all.sorted().filter { $0 != "expected.jsonl" && ($0 as NSString).pathExtension != "" }
            .map { "\(root)/\($0)" }.sorted { Self.rank($0) < Self.rank($1) }
    }

    /// Bounces and blocklists last, as a reader would name them.
    private static func rank(_ path: String) -> String {
        let name = (path as NSString).lastPathComponent
        return (name.hasPrefix("b") ? "1" : "0") + path
    }

    /// All people of a reader by address, rows of one person put together, and how many rows were refused.
    static func people(_ reader: MigrationReader) throws -> (rows: [String: ImportRow], refused: Int) {
        var rows: [String: ImportRow] = [:]
        var refused = 0
        while true {
            switch try reader.next() {
            case .person(let row, _):
                rows[row.address.text] = rows[row.address.text]?.merged(with: row) ?? row
            case .refused, .cutOff: refused += 1
            case .end: return (rows, refused)
            }
        }
    }
}
