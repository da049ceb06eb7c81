// SPDX-License-Identifier: Apache-2.0
//
// A folder for a test's files, and what is read out of them in a form that tests can compare.
import Foundation
import NashraCSV
import NashraCore
import NashraTables
import NashraTestKit

final class Folder {
    let url: URL

    init() throws { url = try Python.folder() }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }

    /// Writes a file and opens it as a table.
    func open(_ bytes: some Sequence<UInt8>, _ options: TableOptions = TableOptions()) throws -> OpenedTable {
        try Data(bytes).write(to: url.appending(path: "قائمة.csv"))
        return try TableFile.open(path: path("قائمة.csv"), options: options)
    }
}

/// Every row of a table as fields; a fault as its words.
func rows(_ table: OpenedTable) throws -> [[String]] {
    var record = CSVRecord()
    var rows: [[String]] = []
    while true {
        switch try table.reader.next(into: &record) {
        case .record: rows.append(record.fields.map { String(decoding: $0, as: UTF8.self) })
        case .fault(let fault): rows.append(["\(fault.line)!", fault.description])
        case .end: return rows
        }
    }
}

/// Text in an encoding, by Python.
func encoded(_ text: String, _ encoding: String) throws -> [UInt8] {
    let hex = try Python.run(
        "import sys; print(bytes.fromhex(sys.argv[1]).decode().encode(sys.argv[2]).hex())",
        [text.utf8.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(), encoding]
    )
    let digits = Array(hex.utf8.prefix { $0 > 0x20 })
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
        UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
    }
}
