// SPDX-License-Identifier: Apache-2.0
//
// What words mean, in many mouths and tongues; and that the table is sound.
import NashraCore
import Testing

@testable import NashraBounce

private let table = PhraseTable.standard

private func reason(_ text: String, isTemporary: Bool = false) -> RefusalReason? {
    table.match(TextFolding.fold(Array(text.utf8)[...]), isTemporary: isTemporary)?.reason
}

@Suite struct `Phrases` {
    @Test func `replies of mail servers mean what their authors meant`() {
        let replies: [(String, RefusalReason)] = [
            (
                "550 5.1.1 <a@b>: Recipient address rejected: User unknown in local recipient table",
                .unknownUser
            ),
            (
                "550 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
                .reputation
            ),
            (
                "550 Your IP address 192.0.2.1 is blocked: it asked for user unknown@example.com",
                .reputation
            ),
            (
                "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
                .unknownUser
            ),
            ("554 delivery error: dd This user doesn't have a yahoo.com account (a@b) [0]", .unknownUser),
            ("452 4.2.2 The email account that you tried to reach is over quota.", .mailboxFull),
            ("mailbox <a@b> is full", .mailboxFull),
            ("552 5.3.4 Message size exceeds fixed limit", .messageTooBig),
            ("550 5.7.1 Message content rejected, UBE, id=12345-01", .contentRefused),
            ("554 5.7.1 Relay access denied", .relayingDenied),
            ("553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", .relayingDenied),
            (
                "550 5.7.26 Unauthenticated email from x is not accepted due to domain's DMARC policy",
                .notAuthenticated
            ),
            (
                "550 5.7.25 The IP address sending this message does not have a PTR record setup",
                .notAuthenticated
            ),
            ("550 SPF check failed", .notAuthenticated),
            (
                "Host or domain name not found. Name service error for name=x.example type=MX: Host not found",
                .domainUnknown
            ),
            (
                "Host or domain name not found. Name service error for name=x.example type=MX: Host not found, try again",
                .hostUnreachable
            ),
            ("Domain x.example does not accept mail (nullMX)", .domainUnknown),
            ("DNS Error: Domain name not found", .domainUnknown),
            ("550 5.4.1 All recipient addresses rejected : Access denied", .policy),
            (
                "450 4.2.0 <a@b>: Recipient address rejected: Greylisted, see http://postgrey.example",
                .greylisted
            ),
            ("421 4.7.0 too many connections from your IP", .tooMany),
            ("550 5.2.1 The email account that you tried to reach is disabled.", .suspended),
            ("550 5.1.6 recipient no longer on server: a@b", .moved),
            ("530 5.7.0 Must issue a STARTTLS command first", .security),
            (
                "5.1.0 - Unknown address error 550-'5.7.1 <a@b>... Access denied' (delivery attempts: 0)",
                .policy
            ),
            (
                "it was rejected by the server for the recipient domain. The error was: 550 Recipient rejected: <a@b>",
                .unknownUser
            ),
            ("maximum hop count exceeded, possible mail loop", .systemError),
            ("connect to mx.example.com[192.0.2.1]:25: Connection refused", .hostUnreachable),
        ]
        for (text, expected) in replies { #expect(reason(text) == expected, "\(text)") }
    }

    @Test func `phrases are known in the languages of their readers`() {
        let sentences: [(String, RefusalReason)] = [
            ("تعذّر العثور على عنوان البريد الإلكتروني الذي أدخلته", .unknownUser),
            ("صندوق بريد المُستلم مُمتلئ", .mailboxFull),
            ("النطاق غير موجود", .domainUnknown),
            ("L’adresse de messagerie que vous avez entrée est introuvable.", .unknownUser),
            ("La boîte aux lettres du destinataire est pleine", .mailboxFull),
            ("Die eingegebene E-Mail-Adresse konnte nicht gefunden werden.", .unknownUser),
            ("Das Postfach des Empfängers ist voll", .mailboxFull),
            ("El buzón del destinatario está lleno", .mailboxFull),
            ("Indirizzo non trovato", .unknownUser),
            ("O endereço não foi encontrado", .unknownUser),
            ("Почтовый ящик получателя переполнен", .mailboxFull),
            ("ПОЛЬЗОВАТЕЛЬ НЕ НАЙДЕН", .unknownUser),
            ("受信者のメールボックスがいっぱいです", .mailboxFull),
            ("收件人不存在", .unknownUser),
            ("邮箱已满", .mailboxFull),
            ("주소를 찾을 수 없음", .unknownUser),
            ("Alıcının posta kutusu dolu", .mailboxFull),
            ("صندوق پستی پر است", .mailboxFull),
            ("Skrzynka pocztowa adresata jest pełna", .mailboxFull),
            ("Het postvak van de geadresseerde is vol", .mailboxFull),
        ]
        for (text, expected) in sentences { #expect(reason(text) == expected, "\(text)") }
    }

    @Test func `a phrase begins and ends at the edge of a word`() {
        #expect(reason("superuser unknowns") == nil)
        #expect(reason("the user unknown") == .unknownUser)
        #expect(reason("nothing is wrong here") == nil)
    }

    @Test func `line ends, blanks and case do not matter`() {
        #expect(reason("USER\r\n\t UNKNOWN") == .unknownUser)
        #expect(reason("Mailbox\u{A0}full") == .mailboxFull)
    }

    @Test func `beside a 4xx no phrase says that an address is dead`() {
        #expect(reason("450 mailbox unavailable", isTemporary: true) == nil)
        #expect(reason("550 mailbox unavailable") == .unknownUser)
    }

    @Test func `each row of the table is whole and names a source that is listed`() {
        var sources: Set<String> = []
        var phrases: Set<String> = []
        var rows = 0
        for line in PackageResources.phrases_tsv.split(separator: 0x0A) {
            let text = String(decoding: line, as: UTF8.self)
            if text.hasPrefix("# ") {
                if let colon = text.firstIndex(of: ":") {
                    sources.insert(String(text[text.index(text.startIndex, offsetBy: 2)..<colon]))
                }
                continue
            }
            if text.hasPrefix("#") { continue }
            let fields = text.split(separator: "\t").map(String.init)
            #expect(fields.count == 5, "\(text)")
            guard fields.count == 5 else { continue }
            rows += 1
            #expect(RefusalReason(rawValue: fields[0]) != nil, "\(text)")
            #expect(["sure", "likely", "weak", "void"].contains(fields[1]), "\(text)")
            #expect(["any", "permanent"].contains(fields[2]), "\(text)")
            #expect(phrases.insert(fields[3]).inserted, "\(text)")
            #expect(sources.contains(fields[4]), "\(text)")
        }
        #expect(rows == table.count)
        #expect(rows > 2_000)
    }

    @Test func `each phrase is found in itself`() {
        for line in PackageResources.phrases_tsv.split(separator: 0x0A) where line.first != UInt8(ascii: "#")
        {
            let fields = line.split(separator: 0x09)
            guard fields.count == 5, fields[1].first != UInt8(ascii: "v") else { continue }
            let folded = TextFolding.fold(fields[3]).map { $0 == UInt8(ascii: "*") ? UInt8(ascii: "x") : $0 }
            let found = table.all(in: folded).map(\.match.rule)
            let rule = "phrase: " + String(decoding: TextFolding.fold(fields[3]), as: UTF8.self)
            #expect(found.contains(rule), "\(rule)")
        }
    }

    @Test func `a long text of the beginnings of phrases costs no more than its length`() {
        let text = Array(
            String(repeating: "user mailbox the email account that you tried to ", count: 4_000).utf8
        )
        #expect(table.match(text) == nil)
    }
}
