// SPDX-License-Identifier: Apache-2.0
//
// What is odd about an address is said, and what is not is left in peace.
import Foundation
import Testing

@testable import NashraCore

@Suite struct AddressFindingsTests {
    private func findings(_ text: String, own: [String] = ["moi.gov.qa", "police.example"]) throws
        -> [AddressFinding]
    {
        var looking = AddressFindings(ownDomains: own)
        let address = try EmailAddress.parse(text)
        let first = looking.findings(for: address)
        #expect(looking.findings(for: address) == first, "the second look says something else")
        return first
    }

    @Test(arguments: [
        ("a@gmial.com", "gmail.com"), ("a@gamil.com", "gmail.com"), ("a@gmai.com", "gmail.com"),
        ("a@gmaill.com", "gmail.com"), ("a@gmail.co", "gmail.com"), ("a@gmail.con", "gmail.com"),
        ("a@gmail.cmo", "gmail.com"), ("a@gmail.comm", "gmail.com"), ("a@gmial.con", "gmail.com"),
        ("a@gmail.fr", "gmail.com"), ("a@gmail.com.sa", "gmail.com"), ("a@gnail.com", "gmail.com"),
        ("a@hotmial.com", "hotmail.com"), ("a@hotmal.com", "hotmail.com"), ("a@hotmail.om", "hotmail.com"),
        ("a@yaho.com", "yahoo.com"), ("a@yahooo.com", "yahoo.com"), ("a@yhaoo.fr", "yahoo.fr"),
        ("a@outlok.com", "outlook.com"), ("a@outllook.com", "outlook.com"), ("a@iclould.com", "icloud.com"),
        ("a@wanado.fr", "wanadoo.fr"), ("a@laposte.ent", "laposte.net"), ("a@ornage.fr", "orange.fr"),
        ("a@maktob.com", "maktoob.com"), ("a@emirates.net.ea", "emirates.net.ae"),
        ("a@batelco.com.hb", "batelco.com.bh"), ("a@moi.gov.aq", "moi.gov.qa"), ("a@mo.gov.qa", "moi.gov.qa"),
        ("a@ministry.con", "ministry.com"), ("a@ministry.orgg", "ministry.org"),
    ])
    func `a typo of a common domain is found, with what was meant`(given: String, meant: String) throws {
        let all = try findings(given)
        #expect(all.map(\.kind) == [.typo], "\(all)")
        #expect(all.first?.suggestion == "a@\(meant)")
    }

    @Test(arguments: [
        "gmail.com", "mail.com", "email.com", "ymail.com", "gmx.com", "gmx.net", "hotmail.fr", "live.fr",
        "free.fr",
        "me.com", "mac.com", "aol.com", "moi.gov.qa", "mail.moi.gov.qa", "police.example", "example.org",
        "example.cm",
        "min.gov.om", "b.co", "qnb.com", "bmail.example", "interieur.gouv.fr", "xn--mgbh0fb.xn--kgbechtv",
        "bücher.example", "شرطة.قطر", "пример.рф", "yahoo.com.br", "list.ru", "orange.jo", "ne.example",
    ])
    func `a domain that is common, our own or merely unknown is no typo`(domain: String) throws {
        #expect(try findings("a.person@\(domain)").isEmpty)
    }

    @Test func `no common domain is taken for a typo or twin of another`() throws {
        var looking = AddressFindings()
        for domain in CommonDomains.names {
            let address = try EmailAddress.parse("person.name@\(domain)")
            #expect(looking.findings(for: address).isEmpty, "\(domain)")
        }
        #expect(CommonDomains.names.count > 120)
    }

    @Test(arguments: [
        ("a@gmаil.com", "gmail.com"),  // Cyrillic а
        ("a@hotrnail.com", "hotmail.com"), ("a@gmai1.com", "gmail.com"), ("a@0utlook.com", "outlook.com"),
        ("a@yahοο.com", "yahoo.com"),  // Greek ο
        ("a@рaypal.gmail.com", nil), ("a@mоi.gov.qa", "moi.gov.qa"), ("a@m0i.gov.qa", "moi.gov.qa"),
        ("a@gmáil.com", "gmail.com"), ("a@gmaıl.com", "gmail.com"), ("a@роlice.example", "police.example"),
        ("a@xn--gmil-63d.com", "gmail.com"), ("a@micrоsoft.example", nil),
    ])
    func `a domain that only looks like another is found`(given: String, meant: String?) throws {
        let all = try findings(given)
        #expect(all.map(\.kind) == [.lookalike], "\(all)")
        #expect(all.first?.suggestion == meant.map { "a@\($0)" })
    }

    @Test func `an Arabic domain that looks like our own is found`() throws {
        let own = try EmailAddress.parse("a@داخلية.قطر").domain
        let all = try findings("أحمد@داخلیة.قطر", own: [own])
        #expect(all.map(\.kind) == [.lookalike])
        #expect(all.first?.words.contains("داخلية.قطر") == true)
        #expect(try findings("أحمد@داخلية.قطر", own: [own]).isEmpty)
    }

    @Test(arguments: [
        "info", "Info", "postmaster", "ABUSE", "no-reply", "noreply", "contact", "rh", "secretariat",
        "info+news", "معلومات",
        "الإدارة", "الادارة", "hr",
    ])
    func `an office's address is found`(local: String) throws {
        let kinds = try findings("\(local)@ministry.example").map(\.kind)
        #expect(kinds == (local.contains("+") ? [.role, .tag] : [.role]))
    }

    @Test(arguments: ["information.a", "infos", "a.info", "ali", "أحمد", "rhoda", "itani", "teamer"])
    func `a person's address is not an office's`(local: String) throws {
        #expect(try findings("\(local)@ministry.example").isEmpty)
    }

    @Test func `a tag is found, with the address without it`() throws {
        let all = try findings("Ali.B+Fraud+2@Example.ORG")
        #expect(all.map(\.kind) == [.tag])
        #expect(all.first?.suggestion == "Ali.B@Example.ORG")
        #expect(try findings("+a@example.org").isEmpty)
        #expect(try findings("أحمد+نشرة@مثال.إختبار").first?.suggestion == "أحمد@مثال.إختبار")
    }

    @Test func `words say nothing of the local part`() throws {
        for text in ["secret.name@gmial.com", "secret.name+t@hotrnail.com"] {
            #expect(try findings(text).allSatisfy { !$0.words.contains("secret") })
        }
    }

    @Test func `a memory of very many domains does not grow without end`() throws {
        var looking = AddressFindings(ownDomains: [], remembered: 100)
        for number in 0..<350 {
            let address = try EmailAddress.parse("a@d\(number).example")
            _ = looking.findings(for: address)
        }
        #expect(looking.rememberedCount == 50)
    }
}
