// SPDX-License-Identifier: Apache-2.0
//
// Where the returned message begins in a text that quotes it: behind a line that says so, or where a header begins.
// Pure. The lines are of many systems; a header must follow in any case, so that a sentence about "the original message" is
// none. Rules: docs/bounce-rules.md, "The returned message".
import NashraMIME

/// Finds the returned message in a text.
enum OriginalBoundary {
    /// Words of a line behind which a returned message begins, folded.
    private static let markers = [
        "original message", "copy of the message", "copy of your message", "unsent message",
        "returned message",
        "message header", "headers of the", "header of the", "undelivered message", "message follows",
        "mail follows",
        "returned mail", "message text", "original mail", "header follow", "headers follow", "first lines of",
        "original text", "message body", "failed message", "bounced message", "message contents",
        "your message was",
        "ursprüngliche nachricht", "originalnachricht", "original-nachricht", "message d'origine",
        "message original",
        "mensaje original", "mensagem original", "messaggio originale", "oorspronkelijk bericht", "исходн",
        "заголов",
        "元のメッセージ", "原始邮件", "原邮件", "原始郵件", "원본", "الرسالة الأصلية",
    ]

    /// Fields that a mail's header has and a sentence has not, small letters, in the order of their frequency.
    private static let fields = [
        "received:", "return-path:", "from:", "to:", "subject:", "date:", "message-id:", "mime-version:",
        "content-type:",
        "delivered-to:", "dkim-signature:", "x-", "reply-to:", "sender:", "content-transfer-encoding:",
        "arc-",
        "authentication-results:", "list-", "cc:", "user-agent:", "envelope-to:", "references:",
        "in-reply-to:",
    ]

    /// A text and where its lines lie.
    private struct Lines {
        let bytes: [UInt8]
        let ranges: [Range<Int>]

        func line(_ index: Int) -> ArraySlice<UInt8> { bytes[ranges[index]] }
    }

    /// Where the notice ends and the returned message begins, or `nil` when the text holds none.
    static func find(in text: [UInt8], _ lines: [Range<Int>]) -> (notice: Int, original: Int)? {
        let text = Lines(bytes: text, ranges: lines)
        for (index, range) in text.ranges.enumerated() {
            let line = text.bytes[range]
            guard isField(line) else { continue }
            if startsHeader(line), hasHeader(text, at: index, atLeast: 3) {
                return (marker(in: text, before: index) ?? range.lowerBound, range.lowerBound)
            }
            guard let notice = marker(in: text, before: index), hasHeader(text, at: index, atLeast: 2) else {
                continue
            }
            return (notice, range.lowerBound)
        }
        return nil
    }

    /// Where a line begins that says that the message follows, with at most five others between.
    private static func marker(in text: Lines, before field: Int) -> Int? {
        for index in (max(0, field - 6)..<field).reversed() {
            let line = text.line(index)
            if (4...160).contains(line.count), isMarker(line) { return text.ranges[index].lowerBound }
        }
        return nil
    }

    /// Whether a line begins a header by itself: Received and Return-Path stand first, and in no sentence.
    private static func startsHeader(_ line: ArraySlice<UInt8>) -> Bool {
        ByteSearch.hasPrefix("received:", in: line) || ByteSearch.hasPrefix("return-path:", in: line)
    }

    /// Whether a line says that the message follows; only lines that look like one are folded.
    private static func isMarker(_ line: ArraySlice<UInt8>) -> Bool {
        let trimmed = ByteSearch.trimmed(line)
        guard let first = trimmed.first, let last = trimmed.last else { return false }
        let framed =
            first == UInt8(ascii: "-") || first == UInt8(ascii: "=") || first == UInt8(ascii: "*")
            || first == UInt8(ascii: "_")
        let ends = last == UInt8(ascii: ":") || last == UInt8(ascii: ".") || last == UInt8(ascii: "-")
        guard framed || ends || last >= 0x80 else { return false }
        let folded = TextFolding.fold(trimmed)
        return markers.contains { ByteSearch.find($0, in: folded) != nil }
    }

    /// Whether at least `count` fields stand at the start of the lines from `start` on, before an empty line.
    private static func hasHeader(_ text: Lines, at start: Int, atLeast count: Int) -> Bool {
        var found = 0
        for index in start..<min(start + 60, text.ranges.count) {
            let line = text.line(index)
            guard let first = line.first else { break }
            if first == 0x20 || first == 0x09 { continue }
            if isField(line) { found += 1 }
            if found >= count { return true }
        }
        return false
    }

    private static func isField(_ line: ArraySlice<UInt8>) -> Bool {
        guard let first = line.first, first.isASCIILetter else { return false }
        return fields.contains { ByteSearch.hasPrefix($0, in: line) }
    }
}
