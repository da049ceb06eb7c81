// SPDX-License-Identifier: Apache-2.0
//
// Sorting by pieces gives what sorting at once would give, whatever the rows are.
import Foundation
import NashraCore
import NashraStore
import Testing

@testable import NashraEngine

@Suite struct ImportSortingTests {
    /// Rows with few different keys, so that many are the same.
    private func rows(_ count: Int, seed: UInt64) throws -> [(row: ImportRow, line: Int)] {
        var state = seed
        func next(_ limit: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % limit
        }
        let words = ["a", "ab", "نورة", "z", "abcdefgh", "abcdefghi", "é"]
        return try (0..<count).map { line in
            let local = "\(words[Int(next(7))])\(next(50))"
            let address = try EmailAddress.parse("\(local)@\(next(2) == 0 ? "x.example" : "مثال.إختبار")")
            var row = ImportRow(
                address: address,
                name: next(3) == 0 ? nil : "اسم \(next(3))",
                language: .arabic
            )
            row.attributes = ["city": "\(next(2))"]
            if next(20) == 0 {
                row.createdAt = Timestamp(rawValue: Int64(next(1_000)) + 1)
                row.memberships = [
                    ImportMembership(topic: "fraud", state: .ended, endedReason: "رحل", frequency: .weekly)
                ]
                row.suppression = ImportSuppression(reason: .complaint, note: "شكوى")
            }
            return (row, line + 2)
        }
    }

    @Test(arguments: [1, 3, 50])
    func `pieces side by side are the whole in order`(_ pieces: Int) throws {
        let rows = try rows(3_000, seed: UInt64(pieces))
        let sorter = ImportSorter(folder: FileManager.default.temporaryDirectory.path)
        let size = (rows.count + pieces - 1) / pieces
        for start in stride(from: 0, to: rows.count, by: size) {
            var bytes: [UInt8] = []
            for (row, line) in rows[start..<min(rows.count, start + size)] {
                PackedRow.append(row, line: line, to: &bytes)
            }
            try sorter.add(bytes, isOnly: pieces == 1)
        }
        let merged = try sorter.finish().merge()
        var found: [(row: ImportRow, line: Int)] = []
        while let row = try merged.next() { found.append((try row.row(), row.line)) }
        let expected = rows.sorted { left, right in
            let (first, second) = (Array(left.row.address.key.utf8), Array(right.row.address.key.utf8))
            return first == second ? left.line < right.line : first.lexicographicallyPrecedes(second)
        }
        #expect(found.map(\.line) == expected.map(\.line))
        #expect(found.map(\.row) == expected.map(\.row))
    }

    @Test func `rows longer than a piece's share come through whole`() throws {
        let address = try EmailAddress.parse("long@x.example")
        let sorter = ImportSorter(folder: FileManager.default.temporaryDirectory.path)
        for index in 0..<3 {
            var row = ImportRow(address: address)
            for field in 0..<7 { row.attributes["f\(field)"] = String(repeating: "ن", count: 4_000 + index) }
            var bytes: [UInt8] = []
            for line in 0..<10 { PackedRow.append(row, line: line * 3 + index, to: &bytes) }
            try sorter.add(bytes, isOnly: false)
        }
        let merged = try sorter.finish().merge()
        var lines: [Int] = []
        while let row = try merged.next() {
            lines.append(row.line)
            #expect(try row.row().attributes.count == 7)
        }
        #expect(lines == Array(0..<30))
    }

    @Test func `a folder that takes no files is told, and nothing was changed`() throws {
        let sorter = ImportSorter(folder: "/غائب")
        var bytes: [UInt8] = []
        PackedRow.append(ImportRow(address: try EmailAddress.parse("a@x.example")), line: 2, to: &bytes)
        let error = #expect(throws: UserError.self) { try sorter.add(bytes, isOnly: false) }
        #expect(error?.status == .cannotCreate)
    }
}
