// SPDX-License-Identifier: Apache-2.0
//
// The guard against formula injection: what is guarded, and that freeing is its exact inverse.
// Pure.
import NashraCore
import Testing

@Suite struct FormulaGuardTests {
    @Test(arguments: [
        "=1+1", "=\u{301}1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1",
        "＠س",
        "-", "+", "-a", "+1.2.3", "=cmd|' /C calc'!A0", "'=1", "''@x", "'+97455551234", "=\u{200F}محمد",
    ])
    func `what a spreadsheet would run gets one apostrophe, which is taken off again`(_ field: String) {
        #expect(FormulaGuard.guarded(field).utf8.elementsEqual("'\(field)".utf8))
        #expect(FormulaGuard.freed(FormulaGuard.guarded(field)).utf8.elementsEqual(field.utf8))
    }

    @Test(arguments: [
        "", "محمد بن علي", "'", "''", "'abc", "ali@x.example", "+97455551234", "-12.5", "1=1", "−5",
        "\u{FF1E}", "٥",
    ])
    func `other fields stay as they are, both ways`(_ field: String) {
        #expect(FormulaGuard.guarded(field).utf8.elementsEqual(field.utf8))
        #expect(FormulaGuard.freed(field).utf8.elementsEqual(field.utf8))
    }

    @Test func `every short text of the dangerous letters comes back as it was`() {
        let letters = ["'", "=", "+", "-", "1", ".", "\u{301}", "＝", "\r\n", "س"]
        var texts = [""]
        for _ in 0..<4 { texts += texts.flatMap { text in letters.map { text + $0 } } }
        for text in Set(texts) {
            let back = FormulaGuard.freed(FormulaGuard.guarded(text))
            #expect(Array(back.utf8) == Array(text.utf8))
        }
    }

    @Test func `a field in a row is quoted, and plain for machines`() {
        var bytes: [UInt8] = []
        FormulaGuard.append("=\"اسم\"".utf8, to: &bytes)
        FormulaGuard.append("=1".utf8, isPlain: true, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "\"'=\"\"اسم\"\"\"\"=1\"")
    }
}
