// SPDX-License-Identifier: Apache-2.0
//
// Whether what libcurl fetched is what the server announced: a literal's size decides where a message ends,
// and a size that lies would turn text of a stranger into the server's words, or the other way round. Pure.
// Rules: RFC 3501 sections 4.3 and 7.4.2.

/// A look at the lines around a message.
enum FetchedMessage {
    /// What is wrong with an answer to `UID FETCH n BODY[]`, or `nil` when it holds together.
    ///
    /// - Parameters:
    ///   - answer: What came.
    ///   - uid: The message that was asked for.
    /// - Returns: What is wrong.
    static func fault(_ answer: CurlAnswer, uid: UInt32) -> String? {
        if answer.isCut { return nil }
        guard let opening = answer.lines.firstIndex(where: isOpening) else { return "no message came" }
        guard announcedSize(answer.lines[opening]) == answer.body.count else {
            return "it is not as long as the server announced"
        }
        let closing = opening + 1
        guard closing < answer.lines.count, isClosing(answer.lines[closing]) else {
            return "the server's words do not go on where the message should end"
        }
        for line in [answer.lines[opening], answer.lines[closing]] {
            if let other = Self.uid(line), other != uid { return "another message came, \(other)" }
        }
        let rest = answer.lines[(closing + 1)...]
        guard let last = rest.last, IMAPReply(last).isDone,
            rest.dropLast().allSatisfy({ $0.first == UInt8(ascii: "*") })
        else {
            return "the server goes on with words that are none of its language"
        }
        return nil
    }

    /// Whether the server said that the message has no content at all, which libcurl takes for nonsense.
    ///
    /// `NIL` is another thing: that the content cannot be had.
    static func isEmpty(_ lines: [[UInt8]]) -> Bool {
        lines.contains { isFetch($0) && ServerWords.contains($0, "BODY[] \"\"") }
    }

    private static func isFetch(_ line: [UInt8]) -> Bool {
        line.first == UInt8(ascii: "*") && ServerWords.contains(line, " FETCH (")
    }

    private static func isOpening(_ line: [UInt8]) -> Bool { isFetch(line) && announcedSize(line) != nil }

    /// The number in braces at the end of a line.
    private static func announcedSize(_ line: [UInt8]) -> Int? {
        guard line.last == UInt8(ascii: "}"), let open = line.lastIndex(of: UInt8(ascii: "{")) else {
            return nil
        }
        return IMAPReply.number(line[(open + 1)...].dropLast()).map(Int.init)
    }

    /// What may follow a message: `)`, or a space, further items and `)`.
    private static func isClosing(_ line: [UInt8]) -> Bool {
        guard line.last == UInt8(ascii: ")") else { return false }
        return line.count == 1 || line.first == 0x20
    }

    /// The number after `UID` in a line.
    private static func uid(_ line: [UInt8]) -> UInt32? {
        let upper = line.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }
        for prefix in ["(UID ", " UID "] {
            guard let place = upper.firstRange(of: Array(prefix.utf8)) else { continue }
            return IMAPReply.number(line[place.upperBound...].prefix { (0x30...0x39).contains($0) })
        }
        return nil
    }
}
