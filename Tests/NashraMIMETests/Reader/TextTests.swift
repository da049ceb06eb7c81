// SPDX-License-Identifier: Apache-2.0
//
// Decoding: transfer encodings, charsets, encoded words, addresses, HTML.
import Foundation
import NashraMIME
import Testing

@Suite struct TextTests {
    private func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private func body(_ encoding: String, _ body: String) -> String {
        let head = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: \(encoding)\n\n"
        return text(MIMEMessage(Array((head + body).utf8)).root.text())
    }

    @Test func `base64 is decoded through garbage and missing padding`() {
        #expect(body("BASE64", "2YbY\r\ntNix 2Kk=\n") == "نشرة")
        #expect(body("base64", "2YbYtNix2Kk") == "نشرة")
        #expect(body("base64;", "Zm9v*Zg==YmFy") == "foofbar")
        #expect(body("base64", "Z").isEmpty)
        #expect(body("base64", "====").isEmpty)
        #expect(
            body("base64", "Sorry, I was not able to deliver. نشرة")
                == "Sorry, I was not able to deliver. نشرة"
        )
    }

    @Test func `quoted-printable is decoded as far as it is any`() {
        #expect(
            body("quoted-printable", "=D9=86=d8=B4=\r\n=D8=B1=D8=A9 \t\r\nx=20\ny= \nz=") == "نشرة\r\nx \nyz"
        )
        #expect(body("Quoted-Printable", "a=b =3D =G1 100%=") == "a=b = =G1 100%")
    }

    /// Text, its charset, and its bytes as Python's codecs write them.
    static let charsets: [(label: String, hex: String, text: String)] = [
        ("windows-1256", "e4d4d1c9", "نشرة"), ("cp1256", "e4d4d1c9", "نشرة"),
        ("ISO-8859-6", "e6d4d1c9", "نشرة"),
        ("iso-8859-1", "e974e9", "été"), ("latin1", "80", "€"), ("iso-8859-15", "a4", "€"),
        ("iso-8859-9", "fd", "ı"), ("windows-1254", "f0", "ğ"), ("iso-8859-2", "b3f3df", "łóß"),
        ("windows-1251", "cff0e8e2e5f2", "Привет"), ("koi8-r", "f0d2c9d7c5d4", "Привет"),
        ("iso-8859-5", "bfe0d8d2d5e2", "Привет"), ("windows-1255", "f9ece5ed", "שלום"),
        ("iso-8859-8-i", "f9ece5ed", "שלום"),
        ("iso-8859-7", "c3e5e9e1", "Γεια"), ("windows-874", "cac7d1ca", "สวัส"),
        ("tis-620", "cac7d1ca", "สวัส"),
        ("iso-2022-jp", "1b2442475b3f2e1b2842", "配信"), ("ISO-2022-JP", "1b244247643f2e1b2842", "売信"),
        ("shift_jis", "947a904d", "配信"), ("x-sjis", "947a904d", "配信"), ("euc-jp", "c7dbbfae", "配信"),
        ("gb2312", "cdb6b5dd", "投递"), ("GBK", "cdb6b5dd", "投递"), ("gb18030", "cdb6b5dd", "投递"),
        ("big5", "a7eb", "投"), ("euc-kr", "b9e8b4de", "배달"), ("ks_c_5601-1987", "b9e8b4de", "배달"),
        ("utf-16", "fffe46063406", "نش"), ("utf-16be", "06460634", "نش"), ("utf-16", "0646003a", "ن:"),
        ("utf-7", "2b426b59474e412d", "نش"), ("'utf-8'", "d986", "ن"), ("UTF8", "d986", "ن"),
    ]

    @Test func `every charset of the world's mail becomes UTF-8`() {
        for (label, hex, expected) in Self.charsets {
            #expect(
                text(CharsetText.utf8(Self.bytes(hex), charset: Array(label.utf8))) == expected,
                "\(label)"
            )
        }
    }

    @Test func `Python's codecs and ours agree on every charset`() throws {
        let labels = [
            "utf-8", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254",
            "windows-1255",
            "windows-1256", "windows-1257", "iso-8859-2", "iso-8859-3", "iso-8859-4", "iso-8859-5",
            "iso-8859-6",
            "iso-8859-7", "iso-8859-13", "iso-8859-14", "iso-8859-15", "iso-8859-16", "koi8-r", "koi8-u",
            "cp437", "cp850", "cp852",
            "cp866", "mac-roman", "iso-2022-jp", "shift_jis", "euc-jp", "gb2312", "gbk", "gb18030", "big5",
            "euc-kr",
            "iso-2022-kr", "utf-16", "utf-16-le", "utf-16-be", "utf-7", "utf-32",
        ]
        let samples = try Self.encoded(labels)
        #expect(samples.count == labels.count)
        for (label, sample) in samples {
            let bytes = Array(Data(base64Encoded: sample.bytes) ?? Data())
            #expect(!bytes.isEmpty)
            #expect(text(CharsetText.utf8(bytes, charset: Array(label.utf8))) == sample.text, "\(label)")
        }
    }

    @Test func `a charset that lies loses against valid UTF-8`() {
        for label in [
            "iso-8859-1", "us-ascii", "windows-1256", "gb2312", "shift_jis", "nonsense", "iso-2022-jp",
        ] {
            let bytes = Array("تعذّر التسليم – 配信".utf8)
            #expect(CharsetText.utf8(bytes, charset: Array(label.utf8)) == bytes, "\(label)")
        }
    }

    @Test func `text that is nothing is read as Windows 1252, damaged UTF-8 as UTF-8`() {
        #expect(text(CharsetText.utf8([0x93, 0x41, 0xE9], charset: nil)) == "“Aé")
        #expect(text(CharsetText.utf8([0x41, 0xE9], charset: Array("x-unheard-of".utf8))) == "Aé")
        #expect(text(CharsetText.utf8(Array("نشرة".utf8.dropLast()), charset: nil)) == "نشر\u{FFFD}")
        #expect(text(CharsetText.utf8([0x41, 0xFF], charset: Array("utf-8".utf8))) == "A\u{FFFD}")
        #expect(text(CharsetText.utf8(Self.bytes("1b244247643f2e1b2842"), charset: nil)) == "売信")
    }

    @Test func `any bytes under any label are valid UTF-8 afterwards`() {
        var random = SplitMix(state: 5)
        for (label, _, _) in Self.charsets {
            for _ in 0..<40 {
                let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                let decoded = CharsetText.utf8(bytes, charset: Array(label.utf8))
                #expect(String(validating: decoded, as: UTF8.self) != nil, "\(label)")
            }
        }
    }

    @Test func `encoded words are decoded, joined, and cleaned`() {
        func decode(_ raw: String) -> String { HeaderText.decode(Array(raw.utf8)) }
        #expect(decode("plain subject") == "plain subject")
        #expect(decode("=?utf-8?B?2YbYtNix2Kk=?= =?UTF-8?q?_=D8=AC?=") == "نشرة ج")
        // A character split over two words, as some mailers do.
        #expect(decode("=?utf-8?Q?=D9?=\r\n =?utf-8?Q?=86?=") == "ن")
        #expect(decode("a =?iso-8859-1?Q?=E9t=E9?= b") == "a été b")
        #expect(decode("=?iso-2022-jp?B?GyRCR2Q/LhsoQg==?= =?iso-2022-jp?B?GyRCR2Q/LhsoQg==?=") == "売信売信")
        #expect(decode("=?utf-8*ar?Q?=D9=86?=") == "ن")
        #expect(decode("=?utf-8?Q?two words?=") == "two words")
        #expect(decode("=?utf-8?X?abc?= =?broken") == "=?utf-8?X?abc?= =?broken")
        #expect(decode("=?utf-8?Q?a=0D=0ABcc:_x?=\u{1B}[2J\u{202E}y") == "a Bcc: x [2Jy")
        #expect(decode("نشرة\r\n خام") == "نشرة خام")
        #expect(HeaderText.decode([0x63, 0x61, 0x66, 0xE9]) == "café")
        #expect(decode(String(repeating: "=?", count: 8_000)).hasPrefix("=?=?"))
    }

    @Test func `the examples' subjects and addresses are those that Python reads`() throws {
        let examples = Example.all
        for (example, python) in zip(examples, try PythonParts.read(examples.map(\.bytes))) {
            let root = MIMEMessage(example.bytes).root
            // Python puts a space behind each encoded word, and does not guess what raw 8-bit text is.
            if let subject = python.subject, let raw = root.first("subject"), raw.allSatisfy({ $0 < 0x80 }),
                !raw.contains(0x1B)
            {
                let ours = HeaderText.decode(raw).filter { !$0.isWhitespace }
                #expect(ours == subject.filter { !$0.isWhitespace }, "\(example.name)")
            }
            let values = ["from", "to", "cc"].flatMap { root.all($0) }
            let addresses = values.flatMap { AddressReader.addresses(in: $0) }
            #expect(addresses == python.addresses, "\(example.name)")
        }
    }

    @Test func `addresses are found in any list`() {
        func read(_ value: String) -> [String] { AddressReader.addresses(in: Array(value.utf8)) }
        #expect(read("a@example.org") == ["a@example.org"])
        #expect(read("A <a@example.org>, \"B, C\" <b@example.org>") == ["a@example.org", "b@example.org"])
        #expect(
            read("Team: a@example.org, B <b@example.org>;, c@example.org") == [
                "a@example.org", "b@example.org", "c@example.org",
            ]
        )
        #expect(read("a@example.org (a (nested) comment, with commas)") == ["a@example.org"])
        #expect(read("<@relay.example,@two.example:a@example.org>") == ["a@example.org"])
        #expect(read("\"quoted local\"@example.org") == ["\"quoted local\"@example.org"])
        #expect(read("\"a@example.com\" <b@example.org>") == ["b@example.org"])
        #expect(read("'a@example.org'") == ["a@example.org"])
        #expect(read("<mailto:a@example.org>") == ["a@example.org"])
        #expect(read("إدارة <نشرة@مثال.مصر>") == ["نشرة@مثال.مصر"])
        #expect(read("<>").isEmpty)
        #expect(read("MAILER-DAEMON, undisclosed-recipients:;").isEmpty)
        #expect(read("Mail Delivery System a@example.org") == ["a@example.org"])
        #expect(read("<a@example.org, <b@example.org>") == ["a@example.org", "b@example.org"])
        #expect(read("a@[IPv6:2001:db8::1]") == ["a@[IPv6:2001:db8::1]"])
        #expect(read(String(repeating: "a@example.org,", count: 5_000)).count == 100)
        #expect(read(String(repeating: "<", count: 50_000)).isEmpty)
        #expect(read("[" + String(repeating: ":", count: 50_000)).isEmpty)
    }

    @Test func `HTML becomes lines of words`() {
        func plain(_ html: String) -> String { text(HTMLText.plain(Array(html.utf8))) }
        #expect(plain("<p>one <b>two</b></p><p>three<br>four") == "one two\nthree\nfour")
        #expect(plain("<style>p{}</style><script>if (a<b) x()</script>text<!-- <p> -->!") == "text!")
        #expect(
            plain("&lt;a@example.org&gt;&nbsp;&eacute;&#1606;&#x646;&euro;&bogus;&#x80;")
                == "<a@example.org> éنن€&bogus;€"
        )
        #expect(plain("<a@example.org> 1 < 2") == "<a@example.org> 1 < 2")
        #expect(plain("<td>a</td><td>b</td>\r\n  c") == "a b c")
        #expect(plain("<pre>x\ny</pre>z") == "x\ny\nz")
        #expect(plain("<b").isEmpty)
        #expect(plain(String(repeating: "<!--", count: 20_000)).isEmpty)
        #expect(plain("&#99999999999999;&#xD800;") == "\u{FFFD}\u{FFFD}")
        #expect(plain("<div dir=\"rtl\">تعذّر&nbsp;التسليم</div>") == "تعذّر التسليم\n")
    }
}

extension TextTests {
    private static func bytes(_ hex: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = hex[...]
        while rest.count >= 2 {
            bytes.append(UInt8(rest.prefix(2), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    struct Sample: Decodable {
        let text: String
        let bytes: String
    }

    /// Every letter that a charset of Python's has, among the scripts that mail is written in.
    static func encoded(_ labels: [String]) throws -> [String: Sample] {
        let script = #"""
            import base64, json, sys
            scripts = [(0x20, 0x7E), (0xA1, 0x17F), (0x386, 0x3CE), (0x401, 0x451), (0x5D0, 0x5EA), (0x621, 0x63A),
                       (0x641, 0x64A), (0x3041, 0x3093), (0x30A1, 0x30F6), (0xAC00, 0xAC10), (0x4E00, 0x4E30)]
            letters = [chr(c) for a, b in scripts for c in range(a, b + 1) if chr(c).isalpha() or c < 0x7F]
            found = {}
            for label in sys.argv[1:]:
                # Python's euc-kr composes syllables of eight bytes, which nobody sends; Big 5 has many tables for kana.
                codec = "cp949" if label == "euc-kr" else label
                text = ""
                for letter in letters:
                    if label == "big5" and 0x7F <= ord(letter) < 0x4E00:
                        continue
                    try:
                        if letter.encode(codec).decode(codec) == letter:
                            text += letter
                    except UnicodeError:
                        pass
                found[label] = {"text": text, "bytes": base64.b64encode(text.encode(codec)).decode()}
            json.dump(found, sys.stdout)
            """#
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script] + labels
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return try JSONDecoder().decode([String: Sample].self, from: answer)
    }
}
