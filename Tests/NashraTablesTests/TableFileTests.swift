// SPDX-License-Identifier: Apache-2.0
//
// Files of every kind through the one door: what is read, what is refused, and with which words.
import Foundation
import NashraCSV
import NashraCore
import NashraTables
import NashraTestKit
import Testing

struct TableFileTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    @Test func `the content decides what a file is, not its name`() throws {
        try Python.run(
            "import sys, openpyxl; b = openpyxl.Workbook(); b.active.append(['email', 'الاسم']); b.save(sys.argv[1] + '.xlsx'); "
                + "import os; os.rename(sys.argv[1] + '.xlsx', sys.argv[1])",
            [folder.path("list.csv")]
        )
        let workbook = try TableFile.open(path: folder.path("list.csv"))
        #expect(workbook.format == "xlsx" && workbook.settings["sheet"] == "Sheet")
        #expect(workbook.sample == [["email", "الاسم"]])
        let text = try folder.open(Array("email\tالاسم\n".utf8))
        #expect(text.format == "tsv" && text.settings == ["encoding": "UTF-8", "delimiter": "tab"])
    }

    @Test func `what cannot be read is called by its name, with the way out`() throws {
        let encrypted = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 600)
        let kinds: [([UInt8], String)] = [
            (encrypted, ".xls"),
            (encrypted + "EncryptedPackage".utf8.flatMap { [$0, 0] as [UInt8] }, "password"),
            ([0x1F, 0x8B, 8], "packed"), (Array("%PDF-1.7".utf8), "PDF"),
            (Array("\n<HTML><table>".utf8), "web page"),
            (Array("<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?>".utf8), "2003"),
            (Array("{\\rtf1".utf8), "RTF"), (Array("SQLite format 3\0".utf8), "SQLite"),
            (Array("PK\u{3}\u{4} and no zip".utf8), "damaged"),
        ]
        for (bytes, word) in kinds {
            let error = try #require(throws: UserError.self, "\(word)") { _ = try folder.open(bytes) }
            #expect(error.status == .badData && error.message.contains(word), "\(word): \(error)")
            #expect(!error.remedy.isEmpty)
        }
        let parts: [(String, String)] = [
            ("content.xml mimetype", ".ods"), ("xl/workbook.bin", ".xlsb"), ("word/document.xml", ".docx"),
            ("notes.txt", "no workbook"),
        ]
        for (names, word) in parts {
            try Python.run(
                "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as z:\n"
                    + "    for name in sys.argv[2].split(): z.writestr(name, 'x')",
                [folder.path("x.xlsx"), names]
            )
            let error = try #require(throws: UserError.self) {
                _ = try TableFile.open(path: folder.path("x.xlsx"))
            }
            #expect(error.message.contains(word), "\(word): \(error)")
        }
    }

    @Test func `an option that does not fit the file is an error of usage`() throws {
        let sheet = try #require(throws: UserError.self) {
            _ = try folder.open(Array("email\n".utf8), TableOptions(sheet: "1"))
        }
        #expect(sheet.status == .usage)
        try Python.run(
            "import sys, openpyxl; b = openpyxl.Workbook(); b.active['A1'] = 'x'; b.save(sys.argv[1])",
            [folder.path("b.xlsx")]
        )
        let encoding = try #require(throws: UserError.self) {
            _ = try TableFile.open(path: folder.path("b.xlsx"), options: TableOptions(encoding: "utf-8"))
        }
        #expect(encoding.status == .usage)
    }

    @Test func `a pipe is copied, so that it can be looked at twice`() throws {
        let pipe = folder.path("أنبوب")
        #expect(mkfifo(pipe, 0o600) == 0)
        let bytes = try encoded("email,name\na@x.example,محمد العلي\n", "cp1256")
        Thread.detachNewThread { try? Data(bytes).write(to: URL(filePath: pipe), options: []) }
        let table = try TableFile.open(path: pipe, options: TableOptions(temporaryFolder: folder.url.path))
        #expect(try rows(table)[1][1] == "محمد العلي")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["أنبوب"])
    }

    @Test func `a file that is longer than allowed is refused at once`() throws {
        let path = folder.path("large.csv")
        try Data().write(to: URL(filePath: path))
        #expect(truncate(path, 1 << 30) == 0)
        let error = try #require(throws: UserError.self) { _ = try TableFile.open(path: path) }
        #expect(error.status == .badData && error.message.contains("512 MiB"))
        let limits = CSVLimits(fileBytes: 10)
        #expect(throws: UserError.self) {
            _ = try folder.open(Array("email\na@x.example\n".utf8), TableOptions(limits: limits))
        }
    }

    @Test func `a line of eight megabytes costs its row`() throws {
        var bytes = Array("email,name\na@x.example,".utf8)
        bytes += [UInt8](repeating: 0xE3, count: 8 << 20)
        bytes += Array("\nb@x.example,Sara\n".utf8)
        let table = try folder.open(bytes, TableOptions(encoding: "cp1256", forcesEncoding: true))
        #expect(
            try rows(table) == [
                ["email", "name"], ["2!", "the row is longer than 65536 bytes"], ["b@x.example", "Sara"],
            ]
        )
    }

    @Test func `a file that is changed while it is read is noticed at its end`() throws {
        for change in ["append", "rewrite", "truncate"] {
            let table = try folder.open(Array("email\na@x.example\n".utf8))
            let file = URL(filePath: folder.path("قائمة.csv"))
            switch change {
            case "append":
                let handle = try FileHandle(forWritingTo: file)
                try handle.seekToEnd()
                try handle.write(contentsOf: Data("b@x.example\n".utf8))
                try handle.close()
            case "rewrite":
                let descriptor = open(file.path, O_WRONLY)
                #expect(pwrite(descriptor, "X", 1, 0) == 1)
                var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
                #expect(futimens(descriptor, &times) == 0)
                close(descriptor)
            default: #expect(truncate(file.path, 3) == 0)
            }
            let error = try #require(throws: UserError.self, "\(change)") { _ = try rows(table) }
            #expect(error.status == .tryAgain)
        }
    }

    @Test func `an empty file is a table without rows`() throws {
        let table = try folder.open([])
        #expect(try rows(table).isEmpty && table.sample.isEmpty)
    }
}
