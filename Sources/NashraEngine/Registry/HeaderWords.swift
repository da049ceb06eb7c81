// SPDX-License-Identifier: Apache-2.0
//
// What offices call the columns of address, name and language, in Arabic, French and English.
// Pure data. Documented in docs/attributes.md, "Columns"; words are compared folded, without spaces and signs.
import NashraCore

/// The meaning of a column's name.
enum HeaderWords {
    /// What a name of a column can stand for.
    enum Role: Hashable {
        case email
        /// An address of the post as well: counts when there is nothing better.
        case perhapsEmail
        case name
        /// `nom`: the whole name, or the family's beside a first name.
        case nameOrLast
        /// `الاسم`: the whole name, or the first beside a family's name.
        case nameOrFirst
        /// A part of the name, in the order in which they are joined.
        case part(NamePart)
        case language
    }

    /// The parts of a name in their order.
    enum NamePart: Int, Hashable, CaseIterable { case first, second, third, last }

    /// What a column's name stands for, or `nil` when it is no word of ours.
    static func role(of header: String) -> Role? { roles[key(header)] }

    /// A name of a column as it is compared: folded, letters and digits only; `E-Mail` is `email`.
    static func key(_ text: String) -> String {
        let scalars = SearchFolding.fold(text).unicodeScalars.filter {
            $0.properties.isAlphabetic || $0.properties.numericType == .decimal
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private static let roles: [String: Role] = {
        var roles: [String: Role] = [:]
        for (role, words) in table {
            for word in words.split(separator: ",") where roles[key(String(word))] == nil {
                roles[key(String(word))] = role
            }
        }
        return roles
    }()

    private static let table: [(role: Role, words: String)] = [
        (
            .email,
            """
            email, e-mail, mail, email address, mail address, e-mail 1, email 1, e-mail 1 value, primary email, \
            email primary, work email, courriel, couriel, adresse courriel, adresse de courriel, adresse e-mail, \
            adresse mail, adresse mél, mél, adresse électronique, courrier électronique, adresse de messagerie, \
            messagerie, courriel professionnel, mail professionnel, \
            البريد الإلكتروني, البريد الالكترونى, بريد إلكتروني, البريد, بريد, الإيميل, إيميل, الايميل, ايميل, \
            الإميل, إميل, عنوان البريد الإلكتروني, عنوان البريد, البريد الاكتروني, البريد الإلكتروني الرسمي, \
            البريد الرسمي, عنوان الإيميل
            """
        ),
        (.perhapsEmail, "address, adresse, العنوان, عنوان, contact, user, username, login"),
        (
            .name,
            """
            name, full name, display name, contact name, subscriber name, nom complet, nom et prénom, nom et prénoms, \
            prénom et nom, prénom nom, nom prénom, nom d'affichage, noms et prénoms, \
            الاسم الكامل, اسم, اسم المشترك, اسم الموظف, الاسم الثلاثي, الاسم الرباعي, الاسم الخماسي, \
            الاسم واللقب, الاسم والنسب, الاسم بالكامل
            """
        ),
        (.nameOrLast, "nom, noms"),
        (.nameOrFirst, "الاسم, الإسم"),
        (
            .part(.first),
            "first name, first, given name, given names, forename, prénom, prénoms, الاسم الأول, الاسم الشخصي"
        ),
        (
            .part(.second),
            "middle name, second name, additional name, deuxième prénom, اسم الأب, الاسم الثاني, اسم الوالد"
        ),
        (.part(.third), "اسم الجد, الاسم الثالث"),
        (
            .part(.last),
            """
            last name, last, surname, family name, nom de famille, nom patronymique, \
            اسم العائلة, العائلة, اللقب, الكنية, النسبة, الاسم الأخير, الاسم الرابع, الاسم العائلي
            """
        ),
        (
            .language,
            """
            language, lang, locale, preferred language, langue, langue préférée, langue de correspondance, \
            اللغة, لغة, اللغة المفضلة, لغة المراسلة, لغة التواصل
            """
        ),
    ]
}
