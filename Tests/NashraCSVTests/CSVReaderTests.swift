// SPDX-License-Identifier: Apache-2.0
//
// What a reader of comma-separated values takes, and where it finds the rows.
import Foundation
import NashraCSV
import NashraCore
import Testing

@Suite struct CSVReaderTests {
    @Test func `fields are bytes between commas, quoted or not`() throws {
        let found = try read("email,name\r\na@x.example,\"Ali, \"\"Abu\"\" Hassan\"\r\nb@x.example,سارة\r\n")
        #expect(
            found == [
                .row(line: 1, ["email", "name"]),
                .row(line: 2, ["a@x.example", "Ali, \"Abu\" Hassan"]),
                .row(line: 3, ["b@x.example", "سارة"]),
            ]
        )
    }

    @Test func `empty fields, a missing last line end and a trailing comma all count`() throws {
        #expect(
            try read("a,,c\n,\n\"\",x") == [
                .row(line: 1, ["a", "", "c"]), .row(line: 2, ["", ""]), .row(line: 3, ["", "x"]),
            ]
        )
        #expect(try read("a,b,") == [.row(line: 1, ["a", "b", ""])])
    }

    @Test func `an empty file has no rows and empty lines are skipped but counted`() throws {
        #expect(try read("") == [])
        #expect(try read("\n\n\r\n") == [])
        #expect(try read("a\n\n\nb\n") == [.row(line: 1, ["a"]), .row(line: 4, ["b"])])
    }

    @Test func `a byte order mark is not part of the first name`() throws {
        #expect(try read("\u{FEFF}email\nx") == [.row(line: 1, ["email"]), .row(line: 2, ["x"])])
        #expect(try read([0xEF, 0xBB, 0xBF]) == [])
    }

    @Test func `lines may end in LF, CR LF or CR`() throws {
        let rows: [Found] = [
            .row(line: 1, ["a", "b"]), .row(line: 2, ["c", "d"]), .row(line: 3, ["e", "f"]),
        ]
        for ending in ["\n", "\r\n", "\r"] {
            #expect(try read("a,b\(ending)c,d\(ending)e,f") == rows)
            #expect(try read("a,b\(ending)c,d\(ending)e,f\(ending)") == rows)
        }
    }

    @Test func `a combining mark after a quote or a comma does not hide it`() throws {
        // One Character each in Swift: quote + U+0301, comma + U+0301.
        let found = try read("a,\"b\"\n\"x\",\u{0301}y\n\"\u{0301}z\",w\n")
        #expect(found[1] == .row(line: 2, ["x", "\u{0301}y"]))
        #expect(found[2] == .row(line: 3, ["\u{0301}z", "w"]))
    }

    @Test func `line ends within quotes belong to the field and are counted`() throws {
        #expect(
            try read("a,\"1\n2\r\n3\r4\",b\nc,d,e\n") == [
                .row(line: 1, ["a", "1\n2\r\n3\r4", "b"]), .row(line: 5, ["c", "d", "e"]),
            ]
        )
    }

    @Test func `a quote within a field that does not begin with one stands for itself`() throws {
        #expect(
            try read("5\" pipe,a\"b\"\nx,y\n") == [
                .row(line: 1, ["5\" pipe", "a\"b\""]), .row(line: 2, ["x", "y"]),
            ]
        )
    }

    @Test func `semicolons and tabs are found out from the first line`() throws {
        #expect(
            try read("email;name\na,b;c\n") == [
                .row(line: 1, ["email", "name"]), .row(line: 2, ["a,b", "c"]),
            ]
        )
        #expect(
            try read("email\tname\na,b\tc") == [
                .row(line: 1, ["email", "name"]), .row(line: 2, ["a,b", "c"]),
            ]
        )
        #expect(
            try read("\"a;b;c;d\",x\n1,2") == [.row(line: 1, ["a;b;c;d", "x"]), .row(line: 2, ["1", "2"])]
        )
        #expect(try read("email\na;b\n") == [.row(line: 1, ["email"]), .row(line: 2, ["a;b"])])
        #expect(CSVDelimiter.detect(in: "a,b;c".utf8) == .comma)
    }

    @Test func `a delimiter that was asked for is not found out`() throws {
        let found = try read(Array("a;b;c,d".utf8), delimiter: .comma)
        #expect(found == [.row(line: 1, ["a;b;c", "d"])])
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64, 4096])
    func `rows that were written come back, whatever the pieces they come in`(piece: Int) throws {
        var dice = Dice(seed: UInt64(piece))
        let parts = [
            "", "a", "نشرة", "\"", ",", "\n", "\r\n", "x y", "\u{0301}", "é", ";", "\t", "'", "=1+1",
        ]
        var rows: [[String]] = [["email", "name", "city"]]
        for _ in 0..<300 {
            rows.append((0..<3).map { _ in (0..<dice.roll(4)).map { _ in dice.pick(parts) }.joined() })
        }
        let ending = dice.pick(["\n", "\r\n"])
        let text = rows.map { row in
            row.map { "\"" + doubled($0) + "\"" }.joined(separator: ",") + ending
        }.joined()
        // A window of a few hundred bytes, so that rows meet its end in every way.
        let found = try read(text, piece: piece, limits: CSVLimits(rowBytes: 80))
        let fields = found.map { if case .row(_, let fields) = $0 { fields } else { ["\($0)"] } }
        #expect(fields.count == rows.count)
        for (read, written) in zip(fields, rows) { #expect(read == written) }
    }

    /// Doubles quotes by the byte; as Characters, a quote with a combining mark would be none.
    private func doubled(_ text: String) -> String {
        String(decoding: text.utf8.flatMap { $0 == 0x22 ? [$0, $0] : [$0] }, as: UTF8.self)
    }

    @Test func `a file is read from disk, and one that is not there is named`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "مشتركون.csv")
        try Data("email\na@x.example\n".utf8).write(to: file)

        let open = try CSVFileSource(path: file.path)
        let reader = CSVReader { (buffer) throws(UserError) in try open.read(into: buffer) }
        var record = CSVRecord()
        #expect(try reader.next(into: &record) == .record)
        #expect(try reader.next(into: &record) == .record)
        #expect(Array(record[0]) == Array("a@x.example".utf8))
        #expect(Array(record[7]).isEmpty)
        #expect(try reader.next(into: &record) == .end)
        #expect(reader.bytesRead == 18)

        for path in [folder.appending(path: "none.csv").path, folder.path] {
            let error = try #require(throws: UserError.self) { try CSVFileSource(path: path) }
            #expect(error.status == .noInput)
            #expect(error.message.contains(path))
        }
    }

    @Test func `what the source throws comes through`() throws {
        let reader = CSVReader { (_) throws(UserError) in throw UserError(.inputOutput, "the disk is gone") }
        var record = CSVRecord()
        #expect(throws: UserError(.inputOutput, "the disk is gone")) { try reader.next(into: &record) }
    }
}
