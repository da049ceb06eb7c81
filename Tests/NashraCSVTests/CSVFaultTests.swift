// SPDX-License-Identifier: Apache-2.0
//
// Bad rows: each is reported where it begins, costs itself only, and costs bounded time and memory.
import NashraCSV
import NashraCore
import Testing

@Suite struct CSVFaultTests {
    @Test func `an unterminated quote costs its own line only`() throws {
        let text = "email,name\na@x,\"Ali\nb@x,\"Sara\"\nc@x,Omar\n"
        let expected: [Found] = [
            .row(line: 1, ["email", "name"]), .fault(.unterminatedQuote, line: 2),
            .row(line: 3, ["b@x", "Sara"]), .row(line: 4, ["c@x", "Omar"]),
        ]
        #expect(try read(text) == expected)
        #expect(try read(text, piece: 1) == expected)
    }

    @Test func `an unterminated quote with nothing but good rows after it keeps them all`() throws {
        let rows = (3...6000).map { "p\($0)@x.example,سارة" }
        let text = "email,name\na@x,\"Ali\n" + rows.joined(separator: "\n") + "\n"
        let found = try read(text)
        #expect(found.count == 6000)
        #expect(found[1] == .fault(.unterminatedQuote, line: 2))
        #expect(found[2] == .row(line: 3, ["p3@x.example", "سارة"]))
        #expect(found.last == .row(line: 6000, ["p6000@x.example", "سارة"]))
    }

    @Test func `a quote opened on the last line is reported there`() throws {
        #expect(try read("a,b\nc,\"d") == [.row(line: 1, ["a", "b"]), .fault(.unterminatedQuote, line: 2)])
        #expect(
            try read("a,b\nc,\"d\n") == [.row(line: 1, ["a", "b"]), .fault(.unterminatedQuote, line: 2)]
        )
        #expect(try read("\"") == [.fault(.unterminatedQuote, line: 1)])
    }

    @Test func `text after a closing quote costs its line`() throws {
        #expect(
            try read("a,\"b\"c,\"d\nx,y\n") == [.fault(.textAfterQuote, line: 1), .row(line: 2, ["x", "y"])]
        )
        #expect(
            try read("h\n\"b\"\rc\nx\n")
                == [.row(line: 1, ["h"]), .fault(.textAfterQuote, line: 2), .row(line: 3, ["x"])]
        )
    }

    @Test func `a NUL costs its row, quoted or not`() throws {
        #expect(
            try read("a,b\nc\0d,e\nf,\"g\0\nh\"\ni,j\n") == [
                .row(line: 1, ["a", "b"]), .fault(.nul, line: 2), .fault(.nul, line: 3),
                .row(line: 5, ["i", "j"]),
            ]
        )
    }

    @Test func `a bare carriage return is a fault where lines end otherwise`() throws {
        #expect(
            try read("a,b\nc\rd,e\nf,g\n")
                == [
                    .row(line: 1, ["a", "b"]), .fault(.bareCarriageReturn, line: 2),
                    .row(line: 3, ["f", "g"]),
                ]
        )
    }

    @Test func `fields, rows and columns have limits, and the next row is whole`() throws {
        let limits = CSVLimits(rowBytes: 40, columns: 3, fieldBytes: 10)
        let text =
            "a,b\n12345678901,x\n\"12345678901\",x\n1,2,3,4\n\(String(repeating: "y", count: 500)),z\nc,d\n"
        let expected: [Found] = [
            .row(line: 1, ["a", "b"]), .fault(.fieldTooLong(column: 1, limit: 10), line: 2),
            .fault(.fieldTooLong(column: 1, limit: 10), line: 3), .fault(.tooManyColumns(limit: 3), line: 4),
            .fault(.rowTooLong(limit: 40), line: 5), .row(line: 6, ["c", "d"]),
        ]
        for piece in [1, 3, 4096] { #expect(try read(text, piece: piece, limits: limits) == expected) }
        #expect(try read("1234567890,2,3\n", limits: limits) == [.row(line: 1, ["1234567890", "2", "3"])])
    }

    @Test func `a row may be as long as the limit and not one byte longer`() throws {
        let limits = CSVLimits(rowBytes: 10, fieldBytes: 100)
        for ending in ["", "\n", "\r\n"] {
            #expect(try read("1234567890\(ending)", limits: limits) == [.row(line: 1, ["1234567890"])])
            #expect(
                try read("12345678901\(ending)", limits: limits) == [.fault(.rowTooLong(limit: 10), line: 1)]
            )
        }
    }

    @Test func `one megabyte in a field, quoted or not, costs its row`() throws {
        let long = String(repeating: "ن", count: 1 << 19)
        for field in [long, "\"\(long)\""] {
            let found = try read("email,name\na@x,\(field)\nb@x,Sara\n")
            #expect(
                found == [
                    .row(line: 1, ["email", "name"]), .fault(.rowTooLong(limit: 64 << 10), line: 2),
                    .row(line: 3, ["b@x", "Sara"]),
                ]
            )
        }
    }

    @Test func `one line without an end is read in constant memory up to the limit of a file`() throws {
        var given = 0
        let reader = CSVReader(limits: CSVLimits(fileBytes: 4 << 20)) { (buffer) throws(UserError) -> Int in
            buffer.initializeMemory(as: UInt8.self, repeating: 0x61)
            given += buffer.count
            return buffer.count
        }
        var record = CSVRecord()
        #expect(try reader.next(into: &record) == .fault(CSVFault(.rowTooLong(limit: 64 << 10), line: 1)))
        #expect(try reader.next(into: &record) == .fault(CSVFault(.fileTooLong(limit: 4 << 20), line: 1)))
        #expect(try reader.next(into: &record) == .end)
        #expect(given <= (4 << 20) + (512 << 10), "it stops asking for more")
    }

    @Test func `a file that is too long gives the whole rows before its limit`() throws {
        let limits = CSVLimits(fileBytes: 10)
        #expect(
            try read("ab,cd\nef,gh\nij,kl\n", limits: limits)
                == [.row(line: 1, ["ab", "cd"]), .fault(.fileTooLong(limit: 10), line: 2)]
        )
        #expect(try read("ab,c\nef,g\n", limits: limits).count == 2)
    }

    @Test func `UTF-16 is named for what it is`() throws {
        #expect(try read([0xFF, 0xFE, 0x61, 0, 0x2C, 0]) == [.fault(.utf16, line: 1)])
        #expect(try read([0xFE, 0xFF, 0, 0x61]) == [.fault(.utf16, line: 1)])
    }

    @Test(arguments: ["x\",\"", "\"", "\"a\"\"", ",\"", "\"\"\"", "\"x", "\"\",\"x\"\"\""])
    func `quotes that are never closed cannot make reading slow`(line: String) throws {
        // Were each line's quote followed to the limit of a row, this would take an hour.
        let text = String(repeating: line + "\n", count: 30_000)
        #expect(try read(text).count <= 30_000)
    }

    @Test func `random bytes never trap, and pieces make no difference`() throws {
        let alphabet: [UInt8] = [0x22, 0x22, 0x2C, 0x0A, 0x0D, 0x00, 0x61, 0xD9, 0x86, 0x3B, 0xFF, 0x09]
        let limits = CSVLimits(rowBytes: 20, columns: 5, fieldBytes: 9, fileBytes: 300)
        for seed in 1...3000 {
            var dice = Dice(seed: UInt64(seed))
            let bytes = (0..<dice.roll(400)).map { _ in dice.pick(alphabet) }
            let whole = try read(bytes, limits: limits)
            let pieces = try read(bytes, piece: 1 + dice.roll(9), limits: limits)
            #expect(whole == pieces, "seed \(seed)")
            #expect(whole.count <= bytes.count + 1)
        }
    }

    @Test func `every fault says what is wrong in words of its own`() {
        let problems: [CSVFault.Problem] = [
            .unterminatedQuote, .textAfterQuote, .nul, .bareCarriageReturn,
            .fieldTooLong(column: 1, limit: 2),
            .rowTooLong(limit: 2), .tooManyColumns(limit: 2), .fileTooLong(limit: 2), .utf16,
        ]
        #expect(Set(problems.map { CSVFault($0, line: 1).description }).count == problems.count)
        #expect(problems.filter { CSVFault($0, line: 1).isFatal }.count == 2)
    }
}
