// SPDX-License-Identifier: Apache-2.0
//
// Where a message ends, and where it does not.
import Testing

@testable import NashraSink

struct DataReaderTests {
    private func read(_ text: String, chunk: Int = .max) -> (reader: DataReader, end: Int?) {
        let bytes = Array(text.utf8)
        var reader = DataReader(limit: 1000, budget: MemoryBudget(limit: 1 << 20))
        var start = 0
        while start < bytes.count {
            let part = Array(bytes[start..<min(bytes.count, start + min(chunk, bytes.count))])
            if let end = reader.read(part, from: 0) { return (reader, start + end) }
            start += part.count
        }
        return (reader, nil)
    }

    @Test func `a message ends at CR LF dot CR LF and its stuffed dots are taken out`() {
        let text = "Subject: مرحبا\r\n\r\n..\r\n.a\r\nb.\r\n.\r\nQUIT\r\n"
        for chunk in 1...text.utf8.count {
            let (reader, end) = read(text, chunk: chunk)
            #expect(end == text.utf8.count - 6, "chunks of \(chunk)")
            #expect(
                String(decoding: reader.content, as: UTF8.self) == "Subject: مرحبا\r\n\r\n.\r\na\r\nb.\r\n"
            )
            #expect(reader.bareLineEnds == 0)
        }
    }

    @Test func `a message may be empty`() {
        let (reader, end) = read(".\r\n")
        #expect(end == 3)
        #expect(reader.content.isEmpty)
    }

    @Test(arguments: [
        "a\n.\n", "a\n.\r\n", "a\r.\r", "a\r\n.\n", "a\r\n.\r", "a\r.\r\n", "a\n.\r", "a\r\n.\r\r\n",
        "a\r\n\n.\r\n",
        "a\r\n.\r.\r\n", "a\r\r\n\r.\r\n", "\n.\r\n", "\r.\r\n",
    ])
    func `what only looks like the end of a message ends none and is counted`(_ text: String) {
        for chunk in 1...text.utf8.count {
            let (reader, end) = read(text, chunk: chunk)
            #expect(end == nil, "chunks of \(chunk)")
            let (whole, wholeEnd) = read(text + "\r\n.\r\n", chunk: chunk)
            #expect(wholeEnd == text.utf8.count + 5, "chunks of \(chunk)")
            #expect(whole.bareLineEnds > 0, "chunks of \(chunk)")
            #expect(reader.size <= text.utf8.count)
        }
    }

    @Test func `a message over the limit is read to its end and not kept`() {
        let (reader, end) = read(String(repeating: "0123456789\r\n", count: 100) + ".\r\n", chunk: 7)
        #expect(end == 1203)
        #expect(reader.isTooLarge)
        #expect(reader.content.isEmpty)
        #expect(reader.size == 1200)
    }

    @Test func `messages together never hold more memory than there is`() {
        let budget = MemoryBudget(limit: 200_000)
        var first = DataReader(limit: 1 << 20, budget: budget)
        var second = DataReader(limit: 1 << 20, budget: budget)
        let lines = Array(String(repeating: "0123456789\r\n", count: 6000).utf8)
        #expect(first.read(lines, from: 0) == nil)
        #expect(second.read(lines, from: 0) == nil)
        #expect(!first.isOutOfMemory && second.isOutOfMemory)
        #expect(second.content.isEmpty)
        first.release()
        second.release()
        #expect(budget.reserve(200_000))
        #expect(!budget.reserve(1))
    }

    @Test func `a line longer than 998 bytes is counted`() {
        let line = String(repeating: "x", count: 998)
        var reader = DataReader(limit: 10_000, budget: MemoryBudget(limit: 1 << 20))
        _ = reader.read(Array("\(line)\r\nx\(line)\r\n.\r\n".utf8), from: 0)
        #expect(reader.longLines == 1)
    }
}
