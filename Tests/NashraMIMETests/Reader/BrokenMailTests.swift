// SPDX-License-Identifier: Apache-2.0
//
// Mail as broken mailers write it, and as attackers do: boundaries, headers, limits, truncation.
import Foundation
import NashraMIME
import Testing

@Suite struct BrokenMailTests {
    private func message(_ text: String) -> MIMEMessage { MIMEMessage(Array(text.utf8)) }

    private func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private func bodies(_ message: MIMEMessage) -> [String] {
        message.parts.filter { !$0.isMultipart }.map { text($0.rawBody) }
    }

    @Test func `a boundary that begins like another is another`() {
        let mail = message(
            """
            Content-Type: multipart/mixed; boundary="b"

            --b
            Content-Type: multipart/mixed; boundary="b1"

            --b1

            one
            --b1--
            --b

            two
            --b--
            """
        )
        #expect(bodies(mail) == ["one", "two"])
        #expect(mail.parts.map(\.depth) == [0, 1, 2, 1])
    }

    @Test func `a boundary that never ends lets the last part reach to the end`() {
        #expect(
            bodies(message("Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n")) == [
                "one", "two\n",
            ]
        )
    }

    @Test func `a boundary that no line shows makes no parts`() {
        let mail = message("Content-Type: multipart/mixed; boundary=b\n\nonly text\n-- b\n--bb\n")
        #expect(mail.parts.count == 1)
    }

    @Test func `without a boundary the first line that looks like one is taken`() {
        let body = "\n\n--=_x\nContent-Type: text/plain\n\none\n--=_x--\n"
        for header in ["multipart/mixed", "multipart/mixed; boundary=\"\"", "multipart/mixed; boundary"] {
            #expect(bodies(message("Content-Type: \(header)\(body)")) == ["one"], "\(header)")
        }
    }

    @Test func `a boundary inside a header ends the part`() {
        let mail = message(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n--b\n\ntwo\n--b--"
        )
        #expect(mail.parts.map(\.mediaType) == ["multipart/mixed", "text/html", "text/plain"])
        #expect(bodies(mail) == ["", "two"])
    }

    @Test func `the outer multipart wins a boundary that both have`() {
        let mail = message(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\ntwo\n--b--"
        )
        #expect(mail.parts.map(\.depth) == [0, 1, 1])
    }

    @Test func `an mbox line before the header is no header`() {
        for line in ["From a@example.org Mon Jan  1 00:00:00 2026\n", ">From x\n", "\n\r\n"] {
            let mail = message(line + "Subject: s\n\nbody")
            #expect(mail.root.first("subject").map(text) == "s", "\(line)")
            #expect(text(mail.root.rawBody) == "body", "\(line)")
        }
    }

    @Test func `a line that is no field is skipped when fields follow`() {
        let mail = message("From: a@example.org\ngarbage without colon\nSubject : s\n\nbody")
        #expect(mail.root.first("subject").map(text) == "s")
        #expect(text(mail.root.rawBody) == "body")
    }

    @Test func `a folded line that lost its indent is a value still`() {
        let mail = message("X-Info:\n5vMbyqxGkdfb86==\nSubject: s\nX-More:\nXW0i+vGr98\n\nbody")
        #expect(mail.root.first("x-info").map(text) == "5vMbyqxGkdfb86==")
        #expect(mail.root.first("x-more").map(text) == "XW0i+vGr98")
        #expect(text(mail.root.rawBody) == "body")
    }

    @Test func `text without an empty line before it is the body`() {
        let mail = message("Subject: s\nDear reader, this is\nthe text.\n\nBye")
        #expect(text(mail.root.rawBody) == "Dear reader, this is\nthe text.\n\nBye")
        #expect(text(message("no header at all\nnone").root.rawBody) == "no header at all\nnone")
    }

    @Test func `nothing is a message too`() {
        #expect(message("").parts.count == 1)
        #expect(message("").root.mediaType == "text/plain")
        #expect(message("\r").root.rawBody.isEmpty)
        #expect(message("\0\0").root.rawBody.count == 2)
        #expect(message("A:").root.first("a") == [])
    }

    @Test func `parameters are found however they are written`() {
        func boundary(_ value: String) -> String? {
            HeaderParameters(Array(value.utf8))["Boundary"].map(text)
        }
        #expect(boundary("multipart/mixed; boundary=\"a \\\"b\\\\\"") == "a \"b\\")
        #expect(boundary("multipart/mixed; BOUNDARY = a=b; x=y") == "a=b")
        #expect(boundary("multipart/mixed (a (nested) comment); boundary=a (why)") == "a")
        #expect(boundary("multipart/mixed boundary=a charset=b") == "a")
        #expect(boundary("multipart/mixed;;; boundary=\"a") == "a")
        #expect(boundary("multipart/mixed; boundary*0=\"a\"; boundary*1=b") == "ab")
        #expect(boundary("x/y; boundary*1*=%41; boundary*0*=utf-8''%D9%86") == "نA")
        #expect(boundary("x/y; boundary*=windows-1256'ar'%E4%D4%D1%C9") == "نشرة")
        #expect(boundary("x/y; boundary*1=b") == nil)
        #expect(HeaderParameters(Array("Text / HTML ;a=b".utf8)).value == "text/html")
        #expect(boundary(String(repeating: "(", count: 70_000)) == nil)
    }

    @Test func `a message in itself, a hundred times, stays sixteen deep`() {
        let mail = message(String(repeating: "Content-Type: message/rfc822\n\n", count: 100))
        #expect(mail.parts.count == 17)
        #expect(mail.limits == [.depth])
    }

    @Test func `a hundred thousand nested multiparts are read in one pass`() {
        var mail = ""
        for level in 0..<100_000 {
            mail += "Content-Type: multipart/mixed; boundary=b\(level)\n\n--b\(level)\n"
        }
        let read = message(mail)
        #expect(read.parts.count == 17)
        #expect(read.limits.contains(.depth))
    }

    @Test func `a hundred thousand parts are 256 parts`() {
        let mail =
            "Content-Type: multipart/mixed; boundary=b\n\n" + String(repeating: "--b\n\nx\n", count: 100_000)
        let read = message(mail)
        #expect(read.parts.count == 256)
        #expect(read.limits == [.partCount])
    }

    @Test func `base64 of base64 of base64 is opened sixteen deep and no further`() {
        var inner = Data("Subject: core\n\nx".utf8)
        for _ in 0..<20 {
            let head = "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
            inner = Data(head.utf8) + inner.base64EncodedData()
        }
        let mail = MIMEMessage(Array(inner))
        #expect(mail.parts.count == 17)
        #expect(mail.limits == [.depth])
    }

    @Test func `a header of ten megabytes is cut, and its body found`() {
        let line = "X-Long: " + String(repeating: "a", count: 900) + "\n"
        let mail = message(String(repeating: line, count: 10_000) + "Subject: late\n\nbody")
        #expect(mail.limits == [.headerSize])
        #expect(mail.root.header.fields.count == 262_144 / line.utf8.count)
        #expect(text(mail.root.rawBody) == "body")
        let endless = message("Subject: " + String(repeating: "b", count: 11 << 20))
        #expect(endless.limits == [.messageSize, .lineLength])
        #expect(endless.root.first("subject")?.count == 65_536 - 9)
        let many = message(String(repeating: "A: b\n", count: 2_000) + "\nbody")
        #expect(many.root.header.fields.count == 1_000)
        #expect(many.limits == [.headerCount])
    }

    @Test func `every example may be cut anywhere`() {
        for example in Example.all {
            // Every byte is tried by the fuzz tool; here a step that falls on each place in a line sooner or
            // later.
            for length in stride(from: 0, to: example.bytes.count, by: 7 + example.bytes.count / 29) {
                let mail = MIMEMessage(Array(example.bytes.prefix(length)))
                #expect(mail.parts.allSatisfy { $0.body.upperBound <= $0.header.bytes.count })
                for part in mail.parts {
                    _ = part.text(atMost: 4_096)
                    _ = part.fieldGroups()
                    _ = part.first("subject").map { HeaderText.decode($0) }
                    _ = part.all("to").map { AddressReader.addresses(in: $0) }
                }
            }
        }
    }

    @Test func `damaged bytes anywhere do no harm`() {
        var random = SplitMix(state: 11)
        let hostile: [UInt8] = [0, 0x0D, 0x0A, 0x2D, 0x22, 0x28, 0x3B, 0x3D, 0x3F, 0x3C, 0x40, 0xFF, 0x1B]
        for example in Example.all {
            for _ in 0..<3 {
                var bytes = example.bytes
                for _ in 0..<40 where !bytes.isEmpty {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[place] = hostile.randomElement(using: &random) ?? 0
                }
                let mail = MIMEMessage(bytes)
                #expect(!mail.parts.isEmpty && mail.parts.count <= 256)
                for part in mail.parts where !part.isMultipart {
                    #expect(String(validating: part.text(atMost: 4_096), as: UTF8.self) != nil)
                }
            }
        }
    }
}
