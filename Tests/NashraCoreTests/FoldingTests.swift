// SPDX-License-Identifier: Apache-2.0
//
// Case folding as Unicode has it, and folding for searching as readers of Arabic, French and English expect it.
import Foundation
import NashraTestKit
import Testing

@testable import NashraCore

@Suite struct FoldingTests {
    @Test func `case folding is that of Python's table, scalar by scalar`() throws {
        // Python's version of Unicode may be older than Swift's, so only what both know is compared.
        let script = """
            import sys, unicodedata
            for n in range(0x80, 0x20000):
                c = chr(n)
                if 0xD800 <= n < 0xE000 or unicodedata.category(c) in ("Cn", "Co"): continue
                f = c.casefold()
                if f != c: print(n, *[ord(x) for x in f])
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        var table: [UInt32: [UInt32]] = [:]
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            let numbers = line.split(separator: " ").compactMap { UInt32($0) }
            table[try #require(numbers.first)] = Array(numbers.dropFirst())
        }
        try #require(table.count > 1_300, "python3 is missing, or gave no table")
        var wrong: [String] = []
        for (value, expected) in table {
            let folded = CaseFolding.fold(try #require(Unicode.Scalar(value))).map(\.value)
            if folded != expected {
                wrong.append("U+\(String(value, radix: 16)): \(folded), not \(expected)")
            }
        }
        #expect(wrong.isEmpty, "\(wrong.sorted())")
    }

    @Test func `folding a folded text changes nothing`() {
        let values =
            Array(0..<0x3000) + Array(0xA640..<0xABC0) + Array(0xF900..<0x1_0000)
            + Array(stride(from: 0x3000, to: 0x3_0000, by: 101))
        for value in values.map(UInt32.init) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let once = SearchFolding.fold(String(scalar))
            #expect(Array(SearchFolding.fold(once).utf8) == Array(once.utf8), "U+\(String(value, radix: 16))")
            let key = CaseFolding.fold(String(scalar))
            #expect(Array(CaseFolding.fold(key).utf8) == Array(key.utf8), "U+\(String(value, radix: 16))")
        }
    }

    @Test(arguments: [
        ["أحمد", "أَحْمَد", "احـمد", "إحمد", "آحمد", "ٱحمد", "\u{200F}أحمد\u{200F}", "ا\u{654}حمد", "ﺃﺣﻤﺪ"],
        ["فاطمة", "فاطمه", "فَاطِمَة"],
        ["مصطفى", "مصطفي", "مصطفی"],
        ["مسؤول", "مسوول"], ["قائد", "قايد"],
        ["مكتبة الكويت", "مکتبه الكويت", "مكتبة\u{00A0}الكويت"],
        ["٢٠٢٦", "۲۰۲۶", "2026", "２０２６"],
        ["Zoë", "zoe", "ZOE", "Zoe\u{308}", "ｚｏｅ"],
        ["Œuvre", "oeuvre"], ["Straße", "strasse", "STRASSE"], ["Ångström", "angstrom"],
        ["ÉLYSÉE", "elysee"],
        ["Ёлка", "елка"], ["ΟΔΌΣ", "οδοσ", "οδος"], ["ﬁn", "fin"], ["Łódź", "lodz"],
        ["", "\u{200B}", "\u{064B}", "\u{0640}"],
    ])
    func `spellings of one word fold to one`(spellings: [String]) {
        let folded = Set(spellings.map { Array(SearchFolding.fold($0).utf8) })
        #expect(folded.count == 1, "\(spellings.map(SearchFolding.fold))")
    }

    @Test func `different words stay different`() {
        let words = [
            "علي", "على عمر", "عمر", "عمرو", "سما", "سماء", "حسن", "حسين", "Ali", "Aly", "a", "b", "1", "٢",
        ]
        #expect(Set(words.map(SearchFolding.fold)).count == words.count)
    }

    @Test func `bytes that are no UTF-8 are kept, and bytes fold as texts do`() {
        for bytes: [UInt8] in [
            [0xFF, 0x41], [0xD8], [0xE2, 0x80], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        ] {
            var folded: [UInt8] = [1, 2, 3]
            bytes.withUnsafeBufferPointer { SearchFolding.fold($0, into: &folded) }
            #expect(folded == bytes.map { $0 == 0x41 ? 0x61 : $0 })
        }
        for text in ["Plain ASCII", "أَحْمَد Zoë ٥ ß", "😀 ok", "李小龍"] {
            var folded: [UInt8] = []
            Array(text.utf8).withUnsafeBufferPointer { SearchFolding.fold($0, into: &folded) }
            #expect(folded == Array(SearchFolding.fold(text).utf8))
        }
    }
}
