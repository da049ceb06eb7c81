// SPDX-License-Identifier: Apache-2.0
//
// Folders that vanish with the test, Maildirs in them, and returned mails to put there.
import Foundation
import NashraCore
import Testing

/// A folder that is gone when the test ends.
final class MailFolder {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appending(path: "nm-\(UUID().uuidString.prefix(8))").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = URL(filePath: path(name))
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: file)
        return file.path
    }

    func append(_ name: String, _ bytes: [UInt8]) throws {
        let handle = try FileHandle(forWritingTo: URL(filePath: path(name)))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(bytes))
        try handle.close()
    }

    func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path(name)))) }

    func names(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? []).sorted()
    }

    func makeMaildir(_ name: String) throws -> String {
        for part in ["tmp", "new", "cur"] {
            try FileManager.default.createDirectory(
                atPath: path("\(name)/\(part)"),
                withIntermediateDirectories: true
            )
        }
        return path(name)
    }
}

/// A short report in Arabic about somebody's full mailbox, told apart by its number.
func fullMailbox(_ number: Int) -> [UInt8] {
    Array(
        """
        From: MAILER-DAEMON@example.org
        Subject: =?utf-8?b?2YTZhSDYqti12YQg2KfZhNix2LPYp9mE2Kk=?= \(number)
        Content-Type: text/plain; charset=utf-8

        صندوق بريد المستلم ممتلئ (\(number))

        """.utf8
    )
}

/// Everything that a source hands out, in batches of `limit`, without acknowledging.
func drain(_ source: some BounceSource, limit: Int = 3) throws -> [ReturnedMail] {
    var mails: [ReturnedMail] = []
    while true {
        let more = try source.next(limit: limit)
        guard !more.isEmpty else { return mails }
        #expect(more.count <= limit)
        mails += more
    }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
