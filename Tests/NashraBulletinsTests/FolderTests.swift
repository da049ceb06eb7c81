// SPDX-License-Identifier: Apache-2.0
//
// Claims about finding and reading bulletins, their revisions, languages and days.
import Foundation
import NashraCore
import NashraTemplates
import Testing

@testable import NashraBulletins

@Suite struct FolderTests {
    @Test(arguments: ["2026-014", "fake-messages", "2026-014-fake-messages", "2026-014-fake-messages/"])
    func `a bulletin is found by number, by name and by folder`(_ reference: String) throws {
        let desk = try Desk()
        let directory = desk.root + "/bulletins"
        #expect(try BulletinFolder.find(reference, in: directory).hasSuffix("2026-014-fake-messages"))
        #expect(try BulletinFolder.find(desk.folder, in: directory) == desk.folder)
        #expect(BulletinFolder.list(in: directory) == [desk.folder])
    }

    @Test func `a bulletin that is not there is an unknown object, with the one that was meant`() throws {
        let desk = try Desk()
        let error = #expect(throws: UserError.self) {
            try BulletinFolder.find("2026-041", in: desk.root + "/bulletins")
        }
        #expect(error?.status == .unknownObject)
        #expect(error?.remedy == "Did you mean “2026-014”?")
        #expect(BulletinFolder.list(in: desk.root + "/nowhere") == [])
    }

    @Test func `equal files are the same revision and any changed byte is another`() throws {
        let desk = try Desk()
        let first = try #require(BulletinFolder.read(desk.folder).bulletin)
        #expect(
            try #require(BulletinFolder.read(desk.folder).bulletin).canonicalBytes == first.canonicalBytes
        )
        try desk.spoil("ar.md", "كثيرين", "كثيرين ")
        #expect(
            try #require(BulletinFolder.read(desk.folder).bulletin).canonicalBytes != first.canonicalBytes
        )
    }

    @Test func `line ends of Windows and a byte order mark change nothing but the revision`() throws {
        let desk = try Desk()
        let plain = try desk.check().rendered
        let text = Desk.arabic.split(separator: "\n", omittingEmptySubsequences: false).joined(
            separator: "\r\n"
        )
        try desk.write("ar.md", "\u{FEFF}" + text)
        #expect(try desk.findings() == [])
        #expect(try desk.check().rendered == plain)
    }

    @Test func `a file too long to be a bulletin is not read`() throws {
        let desk = try Desk()
        try desk.write("en.md", Desk.english + String(repeating: "x", count: 1_100_000))
        #expect(try desk.findings() == ["NSH061 en.md"])
    }

    @Test func `somebody gets their language, else the first of the chain that there is`() {
        let chain: [Language] = [.arabic, .english]
        #expect(
            LanguageFallback.variant(for: .french, available: [.french, .arabic], chain: chain) == .french
        )
        #expect(LanguageFallback.variant(for: .french, available: [.english], chain: chain) == .english)
        #expect(LanguageFallback.variant(for: nil, available: [.english, .arabic], chain: chain) == .arabic)
        #expect(LanguageFallback.variant(for: .french, available: [.english], chain: [.arabic]) == nil)
    }

    @Test func `days are written as their country writes them`() throws {
        let day = try #require(CalendarDate("2026-03-01"))
        let organisation = Organisation(names: [:])
        func dates(_ language: Language, _ organisation: Organisation) -> DateLine {
            DateLine(organisation: organisation, language: language)
        }
        #expect(dates(.arabic, organisation).hijri(day, adjustmentInDays: 0) == "١٢ رمضان ١٤٤٧")
        #expect(dates(.arabic, organisation).hijri(day, adjustmentInDays: -1) == "١١ رمضان ١٤٤٧")
        #expect(dates(.arabic, organisation).gregorian(day) == "الأحد ١ مارس ٢٠٢٦")
        #expect(dates(.english, organisation).gregorian(day) == "Sunday 1 March 2026")
        #expect(dates(.french, organisation).gregorian(day) == "dimanche 1er mars 2026")
        var other = organisation
        other.digits = [.arabic: .latn]
        #expect(dates(.arabic, other).gregorian(day, short: true) == "1 مارس 2026")
        other.locales = [.arabic: "ar-DZ"]
        #expect(dates(.arabic, other).gregorian(day, short: true) == "1 مارس 2026")
        other.locales = [.arabic: "ar-SY"]
        #expect(dates(.arabic, other).gregorian(day, short: true) == "1 آذار 2026")
    }
}
