// SPDX-License-Identifier: Apache-2.0
//
// Facts about addresses in the wild: domains that many people have, ends of domains that do not exist, and local parts
// that are an office's and not a person's.
// Pure data. Sources: each table says its own; docs/addresses.md, "What is reported".

/// Tables for ``AddressFindings``.
enum CommonDomains {
    /// Domains that many people have an address at; a typo of one is worth a question, and none of them is a typo.
    ///
    /// World-wide providers with their country domains, then access providers of France, the Gulf, the Levant, Egypt and
    /// the Maghreb, each as the provider's own pages name it.
    static let names: Set<String> = words(
        """
        gmail.com googlemail.com hotmail.com hotmail.fr hotmail.co.uk hotmail.es hotmail.it hotmail.de hotmail.be
        hotmail.nl hotmail.ca outlook.com outlook.fr outlook.sa outlook.es outlook.de outlook.it outlook.be
        live.com live.fr live.co.uk live.be live.nl live.ca live.it live.se msn.com windowslive.com passport.com
        yahoo.com yahoo.fr yahoo.co.uk yahoo.es yahoo.it yahoo.de yahoo.ca yahoo.com.br yahoo.co.in yahoo.in ymail.com
        rocketmail.com myyahoo.com maktoob.com icloud.com me.com mac.com aol.com aol.fr aim.com mail.com email.com
        usa.com gmx.com gmx.fr gmx.net gmx.de gmx.at gmx.ch web.de t-online.de freenet.de proton.me protonmail.com
        protonmail.ch pm.me tutanota.com tuta.io fastmail.com fastmail.fm hushmail.com zoho.com zohomail.com inbox.com
        yandex.com yandex.ru ya.ru mail.ru bk.ru list.ru inbox.ru rambler.ru qq.com 163.com 126.com sina.com
        rediffmail.com naver.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net btinternet.com

        orange.fr wanadoo.fr free.fr sfr.fr laposte.net neuf.fr bbox.fr numericable.fr noos.fr aliceadsl.fr club-internet.fr
        voila.fr caramail.com cegetel.net 9online.fr bluewin.ch skynet.be telenet.be proximus.be videotron.ca

        emirates.net.ae eim.ae etisalat.ae du.ae qatar.net.qa ooredoo.qa qtel.com.qa batelco.com.bh omantel.net.om
        stc.com.sa saudi.net.sa nesma.net.sa awalnet.net.sa mobily.com.sa zain.com kuwait.net qualitynet.net ncc.com.kw
        y.net.ye yemen.net.ye

        link.net tedata.net.eg vodafone.com.eg orange.jo go.com.jo batelco.jo nets.com.jo cyberia.net.lb inco.com.lb
        terra.net.lb idm.net.lb dm.net.lb scs-net.org tarassul.sy palnet.com hadara.ps p-ol.com uruklink.net sudanmail.net

        menara.ma iam.ma topnet.tn planet.tn gnet.tn hexabyte.tn tunet.tn djaweb.dz algeriecom.com
        """
    )

    /// Last labels that are no top-level domain (IANA root zone, 2026), and what was probably meant.
    ///
    /// Real ones are left out whatever they look like: `cm`, `co`, `om`, `ne`, `et`, `or`, `og`, `cpa`, `net`.
    static let topLevels: [String: String] = [
        "con": "com", "cmo": "com", "ocm": "com", "vom": "com", "xom": "com", "comm": "com", "coom": "com",
        "ccom": "com", "cim": "com", "cpm": "com", "clm": "com", "cok": "com", "con.sa": "com.sa",
        "c0m": "com",
        "copm": "com", "cokm": "com", "coml": "com", "comcom": "com", "dom": "com", "fom": "com",
        "som": "com",
        "nett": "net", "ner": "net", "nte": "net", "ent": "net", "met": "net", "nrt": "net",
        "orgg": "org", "ogr": "org", "rog": "org", "orf": "org", "prg": "org", "0rg": "org", "gob": "gov",
        "gvo": "gov", "gv": "gov", "goc": "gov", "eud": "edu", "ed": "edu", "edi": "edu", "frr": "fr",
        "ffr": "fr",
    ]

    /// Local parts that are a function's: RFC 2142 first, then what offices write on their letters.
    static let roles: Set<String> = words(
        """
        info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp

        admin administrator administrateur administration root sysadmin mailer-daemon mailer noreply no-reply no_reply
        donotreply do-not-reply do_not_reply nepasrepondre ne-pas-repondre contact contacts contactus office mail email
        hello enquiries enquiry inquiries inquiry feedback help helpdesk service services customerservice customercare
        care hr jobs careers recruitment recrutement rh billing accounts accounting finance compta comptabilite
        facturation press presse media pr privacy dpo legal it team staff all everyone secretary secretariat
        direction accueil commercial mairie communication pr archive archives subscribe unsubscribe list-request dmarc
        spam devnull nobody test

        معلومات المعلومات الدعم دعم اداره الاداره تواصل اتصل استعلامات الاستعلامات شكاوى الشكاوى
        العلاقات-العامة الموارد-البشرية المبيعات مدير-البريد
        """
    )

    private static func words(_ text: String) -> Set<String> {
        Set(text.split { $0 == " " || $0 == "\n" }.map(String.init))
    }
}
