// SPDX-License-Identifier: Apache-2.0
//
// Files that are not what they should be, and imports that are cut off or meet: the program says so, with the place
// and what to do, and the register is as it was before or as it should be.
// Starts real processes; some get a limit of memory.
import Foundation
import Testing

@Suite struct BadRegistryInputTests {
    @Test func `one line without an end is refused in bounded time and memory`() throws {
        let world = try World()
        try #require(try world.run(["topics", "add", "staff"]).status == 0)
        // A line end comes after 96 MB; a good row follows it, and has its line.
        let pipe =
            "{ printf 'email,name\\n'; head -c 96M /dev/zero | tr '\\0' a; printf '\\nnora@example.org,نورة\\n'; }"
        let output = try world.shell(
            "ulimit -v 2000000; \(pipe) | timeout 100 \"$0\" subscribers import - --topic staff --source test"
        )
        #expect(output.status == 1, "\(output)")
        #expect(output.error.contains(":2: ") || output.error.contains("line 2"), "\(output)")
        #expect(try world.run(["subscribers", "show", "nora@example.org"]).status == 0)
    }

    @Test func `a workbook that inflates to ten gigabytes is refused before it does`() throws {
        let world = try World()
        let file = world.folder.appending(path: "قنبلة.xlsx").path
        _ = try world.python(Self.bomb, [file])
        let output = try world.shell("ulimit -v 2000000; timeout 60 \"$0\" subscribers import \"$1\"", [file])
        #expect(output.status == 65, "\(output)")
        #expect(output.error.contains("قنبلة.xlsx"), "\(output)")
        #expect(try world.count() == 0)
    }

    @Test func `a file that changes while it is read changes nothing in the register`() throws {
        let world = try World()
        let file = world.folder.appending(path: "people.csv")
        try Self.people(40_000).write(to: file, atomically: true, encoding: .utf8)
        let running = try world.start(["subscribers", "import", file.path, "--source", "test"])
        // It grows a little all the time until the import has ended.
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        let ended = running.wait {
            try? handle.write(contentsOf: Data("late@example.org,متأخر,ar,الدوحة\n".utf8))
            return !running.process.isRunning
        }
        #expect(ended)
        let output = try running.finish()
        #expect(output.status == 75, "\(output)")
        #expect(output.error.contains("chang") || output.error.contains("grew"), "\(output)")
        #expect(try world.count() == 0)
    }

    @Test func `of two imports at once the second is told to wait, and then goes through`() throws {
        let world = try World()
        let first = world.folder.appending(path: "first.csv")
        let second = world.folder.appending(path: "second.csv")
        try Self.people(60_000).write(to: first, atomically: true, encoding: .utf8)
        try "email,name\nnora@example.org,نورة\n".write(to: second, atomically: true, encoding: .utf8)
        let running = try world.start(["subscribers", "import", first.path, "--source", "test"])
        // It stands still as soon as it has the lock, so that the second surely comes while it works.
        let lock = world.store + "-import"
        #expect(running.wait { FileManager.default.fileExists(atPath: lock) })
        kill(running.process.processIdentifier, SIGSTOP)
        let refused = try world.run(["subscribers", "import", second.path, "--source", "test"])
        kill(running.process.processIdentifier, SIGCONT)
        #expect(refused.status == 75, "\(refused)")
        #expect(refused.error.contains("process \(running.process.processIdentifier)"), "\(refused)")
        #expect(try running.finish().status == 0)
        #expect(try world.run(["subscribers", "import", second.path, "--source", "test"]).status == 0)
        #expect(try world.count() == 60_001)
    }

    @Test
    func `an import that was killed goes on when it is run again, and the register is as if it never was`()
        throws
    {
        let whole = try World()
        let killed = try World()
        for world in [whole, killed] {
            try Self.people(50_000).write(
                to: world.folder.appending(path: "people.csv"),
                atomically: true,
                encoding: .utf8
            )
            #expect(try world.run(["topics", "add", "staff"]).status == 0)
        }
        let command = [
            "subscribers", "import", "people.csv", "--topic", "staff", "--source", "test", "--format", "json",
        ]
        let done = try whole.run(command)
        #expect(done.status == 0, "\(done)")
        let cut = try killed.run(command, environment: ["NASHRA_FAILPOINT": "after-import-commit@1"])
        #expect(cut.status != 0, "\(cut)")
        let between = try killed.count()
        #expect(between > 0 && between < 50_000, "\(between)")
        let again = try killed.run(command)
        #expect(again.status == 0, "\(again)")
        #expect(try killed.count() == 50_000)
        let export = ["subscribers", "export", "--format", "csv"]
        #expect(try killed.run(export).out == whole.run(export).out)
        let list = try killed.run(["imports", "list", "--format", "json"]).json()
        #expect((list["imports"] as? [Any])?.count == 1, "\(list)")
        let left = try FileManager.default.contentsOfDirectory(
            atPath: killed.workspace.appending(path: "var").path
        )
        #expect(!left.contains { $0.contains("tmp") }, "\(left)")
    }

    @Test func `a mapping to a column that is not there names the columns that are`() throws {
        let world = try World()
        let file = world.folder.appending(path: "people.csv")
        try "البريد,الاسم\nnora@example.org,نورة\n".write(to: file, atomically: true, encoding: .utf8)
        let output = try world.run(["subscribers", "import", file.path, "--map", "الأسم الكامل=name"])
        #expect([64, 65].contains(output.status), "\(output)")
        #expect(output.error.contains("الاسم") && output.error.contains("البريد"), "\(output)")
        #expect(try world.count() == 0)
    }

    @Test func `values of the wrong type cost their rows, and the rejected rows say why in a file`() throws {
        let world = try World()
        try "attributes:\n  grade: {type: number}\n  joined_on: {type: date}\n".write(
            to: world.workspace.appending(path: "config/attributes.yaml"),
            atomically: true,
            encoding: .utf8
        )
        let file = world.folder.appending(path: "people.csv")
        try """
        email,name,grade,joined_on
        a@example.org,نورة,٥,٣١/٠١/٢٠٢٦
        b@example.org,=HYPERLINK("x"),خمسة,2026-01-31
        c@example.org,هدى,5,2026-02-30

        """.write(to: file, atomically: true, encoding: .utf8)
        let rejects = world.folder.appending(path: "مرفوض.csv")
        let output = try world.run(["subscribers", "import", file.path, "--rejects", rejects.path])
        #expect(output.status == 1, "\(output)")
        #expect(output.error.contains("grade") && output.error.contains("joined_on"), "\(output)")
        #expect(try world.count() == 1)
        let bytes = try Data(contentsOf: rejects)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]))
        #expect(text.contains("grade") && text.contains("خمسة"))
        #expect(!text.contains(",=HYPERLINK") && !text.contains("\"=HYPERLINK"), "\(text)")
        #expect(text.split(separator: "\r\n").count == 3, "\(text)")
    }

    @Test func `a segment that names an unknown field shows the place and what there is`() throws {
        let world = try World()
        let output = try world.run(["segments", "count", "langauge = ar and city in (Doha, \"الخور\")"])
        #expect(output.status == 65 || output.status == 64, "\(output)")
        #expect(output.error.contains("language") && output.error.contains("^"), "\(output)")
    }

    @Test func `somebody who was erased stays out, whatever the next file says`() throws {
        let world = try World()
        try #require(try world.run(["topics", "add", "staff"]).status == 0)
        let file = world.folder.appending(path: "people.csv")
        try "email,name\nnora@example.org,نورة\nali@example.org,علي\n".write(
            to: file,
            atomically: true,
            encoding: .utf8
        )
        let command = ["subscribers", "import", file.path, "--topic", "staff", "--source", "test"]
        #expect(try world.run(command).status == 0)
        #expect(try world.run(["subscribers", "erase", "nora@example.org", "--yes"]).status == 0)
        let again = try world.run(command)
        #expect(again.status == 1 && again.error.contains("erased"), "\(again)")
        try "email,name\nNORA@Example.org,نورة\n".write(to: file, atomically: true, encoding: .utf8)
        #expect(try world.run(command).status == 1)
        #expect(try world.run(["subscribers", "add", "nora@example.org", "--topic", "staff"]).status == 77)
        let list = try world.run(["subscribers", "list", "--topic", "staff", "--format", "json"]).json()
        #expect(
            (list["subscribers"] as? [[String: Any]])?.map { $0["address"] as? String } == ["ali@example.org"]
        )
    }

    private static func people(_ count: Int) -> String {
        var text = "email,name,language,city\n"
        for number in 0..<count {
            text += "person\(number * 7_919 % count)@example.org,سارة \(number),ar,الدوحة\n"
        }
        return text
    }

    /// A workbook with one sheet of ten gigabytes of spaces: one deflated block again and again, so that it costs nobody
    /// ten gigabytes to make.
    private static let bomb = """
        import struct, sys, zlib
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        parts = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        package = "http://schemas.openxmlformats.org/package/2006"
        files = {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{parts}"><sheets><sheet name="s" sheetId="1" r:id="rId1"/>'
                               '</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1"'
                                          f' Type="{parts}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        }
        def pieces(text, spaces):
            deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
            yield deflate.compress(text) + deflate.flush(zlib.Z_FULL_FLUSH)
            if spaces:
                block = deflate.compress(b" " * (16 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
                for _ in range(spaces): yield block
            yield deflate.flush(zlib.Z_FINISH)
        entries = [(name, text.encode(), 0) for name, text in files.items()]
        entries.append(("xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>'.encode(), 640))
        directory = b""
        with open(sys.argv[1], "wb") as out:
            for name, text, spaces in entries:
                data, size, place = b"".join(pieces(text, spaces)), len(text) + (spaces << 24), out.tell()
                extra = struct.pack("<HHQQ", 1, 16, size, len(data))
                head = struct.pack("<HHHHHLLLHH", 45, 0, 8, 0, 0x21, zlib.crc32(text), 0xFFFFFFFF, 0xFFFFFFFF, len(name), 20)
                out.write(b"PK\\3\\4" + head + name.encode() + extra + data)
                directory += (b"PK\\1\\2" + struct.pack("<H", 45) + head + struct.pack("<HHHLL", 0, 0, 0, 0, place)
                              + name.encode() + extra)
            end = out.tell()
            out.write(directory + b"PK\\5\\6" + struct.pack("<HHHHLLH", 0, 0, len(entries), len(entries), len(directory), end, 0))
        """
}

extension World {
    /// How many people the register has.
    func count() throws -> Int {
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True, timeout=30)
            print(db.execute("SELECT count(*) FROM subscriber WHERE state <> 'erased'").fetchone()[0])
            """
        return Int(try python(script, [store]).filter(\.isNumber)) ?? -1
    }

    /// Runs a line of bash with the program as `$0`, in the workspace.
    func shell(_ line: String, _ arguments: [String] = []) throws -> Output {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", line, World.program.path] + arguments
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("NASHRA_") }
            .merging(["NASHRA_WORKSPACE": workspace.path]) { $1 }
        process.currentDirectoryURL = folder
        return try Running(process, folder: folder, input: "").finish()
    }
}
