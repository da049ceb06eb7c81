// SPDX-License-Identifier: Apache-2.0
//
// The charsets that mail names, under the names that mail gives them.
// Pure. Labels: the IANA registry of character sets, and the aliases of the WHATWG Encoding Standard, section
// 4.2, which reads Latin 1 as Windows 1252, Latin 5 as Windows 1254, Shift_JIS with Microsoft's additions,
// and GB 2312 as GB 18030.

/// The order of the two bytes of UTF-16.
enum ByteOrder: Sendable { case big, little }

/// How a label wants its text to be read.
enum Charset: Sendable {
    /// UTF-8.
    case utf8
    /// ASCII, or a label that says nothing or that nobody knows.
    case undeclared
    /// One byte a character, ASCII below 0x80.
    case table(SingleByteTable)
    /// ASCII below 0x80, and pairs or more of bytes for the rest.
    case pairs(Iconv)
    /// Seven-bit text that switches charsets, UTF-7, or UTF-32: even ASCII bytes may mean something else.
    case escaped(Iconv)
    /// UTF-16, in an order if the label names one.
    case utf16(ByteOrder?)

    /// Reads a label; case, blanks and punctuation do not matter.
    init(label: [UInt8]) {
        var key: [UInt8] = []
        for byte in label.prefix(48) where ASCII.isAlphanumeric(byte) { key.append(ASCII.lower(byte)) }
        if key.first == UInt8(ascii: "x"), key.count > 2, key[1] != UInt8(ascii: "x") { key.removeFirst() }
        let name = String(decoding: key.prefix(24), as: UTF8.self)
        self = Self.common(name) ?? Self.western(name) ?? Self.eastern(name) ?? .undeclared
    }

    private static func common(_ name: String) -> Charset? {
        switch name {
        case "utf8", "unicode11utf8", "utf8mb4", "unicode20utf8": .utf8
        case "usascii", "ascii", "ansix341968", "iso646us", "646", "7bit", "8bit", "unknown8bit", "unknown":
            .undeclared
        case "iso88591", "latin1", "l1", "cp819", "ibm819", "windows1252", "cp1252", "ansi", "iso885915",
            "latin9",
            "iso8859151":
            .table(name.hasPrefix("iso885915") || name == "latin9" ? latin9 : windows1252)
        case "utf16", "unicode", "ucs2", "iso10646ucs2", "csunicode": .utf16(nil)
        case "utf16le", "ucs2le", "unicodefeff": .utf16(.little)
        case "utf16be", "ucs2be", "unicodefffe": .utf16(.big)
        case "utf7", "unicode11utf7", "unicode20utf7": .escaped(utf7)
        case "utf32", "ucs4": .escaped(utf32)
        case "utf32le", "ucs4le": .escaped(utf32le)
        case "utf32be", "ucs4be": .escaped(utf32be)
        default: nil
        }
    }

    private static func western(_ name: String) -> Charset? {
        switch name {
        case "iso88592", "latin2", "l2": .table(latin2)
        case "iso88593", "latin3": .table(latin3)
        case "iso88594", "latin4": .table(latin4)
        case "iso88595", "cyrillic": .table(isoCyrillic)
        case "iso88596", "iso88596i", "iso88596e", "arabic", "asmo708", "ecma114": .table(isoArabic)
        case "iso88597", "greek", "greek8", "ecma118", "elot928": .table(isoGreek)
        case "iso88598", "iso88598i", "iso88598e", "hebrew", "logical", "windows1255", "cp1255":
            .table(windows1255)
        case "iso88599", "latin5", "l5", "windows1254", "cp1254": .table(windows1254)
        case "iso885910", "latin6": .table(latin6)
        case "iso885911", "tis620", "windows874", "cp874", "dos874": .table(windows874)
        case "iso885913", "latin7": .table(latin7)
        case "iso885914", "latin8": .table(latin8)
        case "iso885916", "latin10": .table(latin10)
        case "windows1250", "cp1250": .table(windows1250)
        case "windows1251", "cp1251": .table(windows1251)
        case "windows1253", "cp1253": .table(windows1253)
        case "windows1256", "cp1256": .table(windows1256)
        case "windows1257", "cp1257": .table(windows1257)
        case "windows1258", "cp1258": .table(windows1258)
        case "koi8r", "koi8", "koi", "cskoi8r": .table(koi8r)
        case "koi8u", "koi8ru": .table(koi8u)
        case "macintosh", "mac", "macroman": .table(macintosh)
        case "macukrainian", "maccyrillic": .table(macCyrillic)
        case "ibm437", "cp437", "437": .table(cp437)
        case "ibm850", "cp850", "850": .table(cp850)
        case "ibm852", "cp852", "852": .table(cp852)
        case "ibm866", "cp866", "866": .table(cp866)
        case "viscii": .table(viscii)
        default: nil
        }
    }

    private static func eastern(_ name: String) -> Charset? {
        switch name {
        case "iso2022jp", "iso2022jp1", "iso2022jp2", "iso2022jp3", "iso2022jpms", "csiso2022jp", "cp50220",
            "cp50221":
            .escaped(iso2022jp)
        case "iso2022kr", "csiso2022kr": .escaped(iso2022kr)
        case "shiftjis", "sjis", "mskanji", "windows31j", "cp932", "ms932", "cp943": .pairs(shiftJIS)
        case "eucjp", "cseucpkdfmtjapanese", "eucjpms": .pairs(eucJP)
        case "euckr", "ksc56011987", "ksc5601", "ksc56011989", "korean", "cp949", "ms949", "uhc",
            "windows949", "cseuckr":
            .pairs(korean)
        case "gb2312", "gb231280", "gbk", "gb18030", "cp936", "ms936", "windows936", "euccn", "chinese",
            "csgb2312",
            "csiso58gb231280", "gb18030cn", "cngb":
            .pairs(gb18030)
        case "big5", "big5hkscs", "cnbig5", "xxbig5", "cp950", "csbig5": .pairs(big5)
        case "euctw": .pairs(eucTW)
        default: nil
        }
    }
}

// Each is made when it is first needed, and once.
extension Charset {
    static let windows1252 = SingleByteTable("CP1252")
    static let iso2022jp = Iconv("ISO-2022-JP-2")

    private static let latin2 = SingleByteTable("ISO-8859-2")
    private static let latin3 = SingleByteTable("ISO-8859-3")
    private static let latin4 = SingleByteTable("ISO-8859-4")
    private static let isoCyrillic = SingleByteTable("ISO-8859-5")
    private static let isoArabic = SingleByteTable("ISO-8859-6")
    private static let isoGreek = SingleByteTable("ISO-8859-7")
    private static let latin6 = SingleByteTable("ISO-8859-10")
    private static let latin7 = SingleByteTable("ISO-8859-13")
    private static let latin8 = SingleByteTable("ISO-8859-14")
    private static let latin9 = SingleByteTable("ISO-8859-15")
    private static let latin10 = SingleByteTable("ISO-8859-16")
    private static let windows874 = SingleByteTable("CP874")
    private static let windows1250 = SingleByteTable("CP1250")
    private static let windows1251 = SingleByteTable("CP1251")
    private static let windows1253 = SingleByteTable("CP1253")
    private static let windows1254 = SingleByteTable("CP1254")
    private static let windows1255 = SingleByteTable("CP1255")
    private static let windows1256 = SingleByteTable("CP1256")
    private static let windows1257 = SingleByteTable("CP1257")
    private static let windows1258 = SingleByteTable("CP1258")
    private static let koi8r = SingleByteTable("KOI8-R")
    private static let koi8u = SingleByteTable("KOI8-U")
    private static let macintosh = SingleByteTable("MACINTOSH")
    private static let macCyrillic = SingleByteTable("MAC-UK")
    private static let cp437 = SingleByteTable("IBM437")
    private static let cp850 = SingleByteTable("IBM850")
    private static let cp852 = SingleByteTable("IBM852")
    private static let cp866 = SingleByteTable("IBM866")
    private static let viscii = SingleByteTable("VISCII")
    private static let utf7 = Iconv("UTF-7")
    private static let utf32 = Iconv("UTF-32")
    private static let utf32le = Iconv("UTF-32LE")
    private static let utf32be = Iconv("UTF-32BE")
    private static let iso2022kr = Iconv("ISO-2022-KR")
    private static let shiftJIS = Iconv("CP932")
    private static let eucJP = Iconv("EUC-JP-MS")
    private static let korean = Iconv("UHC")
    private static let gb18030 = Iconv("GB18030")
    private static let big5 = Iconv("BIG5-HKSCS")
    private static let eucTW = Iconv("EUC-TW")
}
