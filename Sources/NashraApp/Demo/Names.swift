// SPDX-License-Identifier: Apache-2.0
//
// People who do not exist, for the demo and the sample file: the same index always gives the same person.
// Pure, and without Foundation. Addresses only under the names that RFC 2606 and RFC 6761 reserve for examples.

/// One made-up subscriber.
public struct SyntheticPerson: Sendable, Hashable {
    /// The address; no other index of the same people has it.
    public var email: String
    /// The name, in the script of the language; some hold combining marks, some hold `"<>&,;`.
    public var name: String
    /// The language tag: `ar`, `en` or `fr`.
    public var language: String
    /// The town, in the same script.
    public var city: String

    /// The person as a row for ``SyntheticPeople/csvHeader``: every field quoted, ended by CR LF (RFC 4180).
    public var csvRow: [UInt8] {
        var row: [UInt8] = []
        for field in [email, name, language, city] {
            if !row.isEmpty { row.append(UInt8(ascii: ",")) }
            row.append(UInt8(ascii: "\""))
            for byte in field.utf8 {
                if byte == UInt8(ascii: "\"") { row.append(byte) }
                row.append(byte)
            }
            row.append(UInt8(ascii: "\""))
        }
        return row + [0x0D, 0x0A]
    }
}

/// Made-up subscribers by index: of every twenty, 12 read Arabic, 5 English and 3 French.
///
/// About one in fifty has punctuation in the name that breaks careless writers of CSV, headers or HTML, and one in five
/// hundred lives in an international domain.
public struct SyntheticPeople: Sendable, RandomAccessCollection {
    /// The first line of a CSV file of these people.
    public static let csvHeader: [UInt8] = Array("email,name,language,city\r\n".utf8)

    /// Which people: the same seed gives the same ones.
    public var seed: UInt64
    /// How many there are.
    public var count: Int
    /// One in this many has an address that the built-in sink refuses for good (`5.1.1.…@`); 0 for none.
    public var refusedEvery: Int
    /// One in this many has an address that the built-in sink puts off once (`tempfail-…@`); 0 for none.
    public var deferredEvery: Int

    /// Describes people; nothing is made until somebody asks for one.
    public init(count: Int, seed: UInt64 = 1, refusedEvery: Int = 0, deferredEvery: Int = 0) {
        self.count = Swift.max(0, count)
        self.seed = seed
        self.refusedEvery = refusedEvery
        self.deferredEvery = deferredEvery
    }

    /// Always 0.
    public var startIndex: Int { 0 }
    /// ``count``.
    public var endIndex: Int { count }
    /// The person with a number; see ``person(at:)``.
    public subscript(position: Int) -> SyntheticPerson { person(at: position) }

    /// The person with a number, which may lie beyond ``count``.
    ///
    /// - Parameter index: From 0; the sign is dropped.
    /// - Returns: The same person for the same seed and index, whatever ``count`` says.
    public func person(at index: Int) -> SyntheticPerson {
        let number = index.magnitude
        var dice = SplitMix(state: seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(number))
        let tongue = Tongue.of(number)
        let given = dice.pick(tongue.given)
        let family = dice.pick(tongue.family)
        var name = "\(given.text) \(family.text)"
        if number % 51 == 17 { name = Self.awkward(given.text, family.text, kind: number / 51 % 6) }
        let local = "\(prefix(number, &dice))\(given.latin).\(family.latin).\(number)"
        let domain =
            number % 500 == 123 ? dice.pick(Self.internationalDomains) : dice.pick(Self.plainDomains)
        return SyntheticPerson(
            email: "\(local)@\(domain)",
            name: name,
            language: tongue.tag,
            city: dice.pick(tongue.cities)
        )
    }

    /// What the sink's built-in script looks for at the front of a local part, or nothing.
    private func prefix(_ number: UInt, _ dice: inout SplitMix) -> String {
        if isChosen(number, oneIn: refusedEvery, shift: 0) {
            return dice.pick(["5.1.1.", "5.1.1.", "5.1.1.", "5.2.1.", "5.7.1."])
        }
        return isChosen(number, oneIn: deferredEvery, shift: 2) ? "tempfail-" : ""
    }

    /// Exactly one in every block of `every`, at a place that depends on the block, so that no language has them all.
    private func isChosen(_ number: UInt, oneIn every: Int, shift: UInt64) -> Bool {
        guard every > 0 else { return false }
        let size = UInt64(every)
        var dice = SplitMix(state: seed &+ UInt64(number) / size)
        let place = dice.next() % size
        return UInt64(number) % size == (shift == 0 ? place : (place + size / shift) % size)
    }

    /// Names as people really write them into forms.
    private static func awkward(_ given: String, _ family: String, kind: UInt) -> String {
        switch kind {
        case 0: "\(given) O'\(family)"
        case 1: "\(given) \"Abu X\" \(family)"
        case 2: "\(family), \(given); \(family) & Co"
        case 3: "\(given) <\(family)>"
        case 4: "\(given) \"<>&,; \(family)"
        default: "\(given) = \(family) @ \\home"
        }
    }

    private static let plainDomains = [
        "example.org", "example.org", "example.com", "example.com", "example.net", "mail.example",
        "post.example",
        "university.example", "hospital.example", "city.example",
    ]
    private static let internationalDomains = ["بريد.example", "école.example", "بلدية.example"]
}

/// A small generator with a good spread over neighbouring seeds; not for secrets.
///
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// One of `choices`, which must not be empty.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[Int(next() % UInt64(choices.count))]
    }
}

/// A name in its own script and as ASCII for the address.
private struct SpelledName {
    var text: String
    var latin: String

    /// Reads `text/latin` pairs, separated by a bar.
    static func table(_ pairs: String) -> [SpelledName] {
        pairs.split(separator: "|").map { pair in
            let halves = pair.split(separator: "/", maxSplits: 1)
            return SpelledName(text: String(halves[0]), latin: String(halves[halves.count - 1]))
        }
    }
}

/// The names and towns of one language.
private struct Tongue {
    var tag: String
    var given: [SpelledName]
    var family: [SpelledName]
    var cities: [String]

    /// Twelve of every twenty Arabic, five English, three French, well mixed: 7 has no factor in common with 20.
    static func of(_ number: UInt) -> Tongue {
        switch number % 20 * 7 % 20 {
        case ..<12: arabic
        case ..<17: english
        default: french
        }
    }

    static let arabic = Tongue(
        tag: "ar",
        given: SpelledName.table(
            "محمد/mohammed|مُحَمَّد/muhammad|أحمد/ahmad|عليّ/ali|فاطمة/fatima|فَاطِمَة/fatimah|نورة/noura|سارة/sara|"
                + "مريم/maryam|خالد/khalid|عبد الله/abdullah|عبد الرحمن/abdulrahman|عُمَر/omar|عائشة/aisha|يوسف/yusuf|"
                + "إبراهيم/ibrahim|هند/hind|ليلى/layla|لُجَيْن/lujain|زينب/zaynab|حسن/hassan|حسين/hussein|سلمى/salma|"
                + "رؤى/ruaa|آمنة/amina|إيمان/iman|بدر/badr|تركي/turki|جميلة/jamila|دانة/dana|راشد/rashid|ريم/reem|"
                + "زياد/ziad|سعاد/suad|سلطان/sultan|شهد/shahd|صالح/saleh|طارق/tariq|عفاف/afaf|غادة/ghada|فيصل/faisal|"
                + "قاسم/qasim|كريم/karim|لطيفة/latifa|ماجد/majid|مُنى/muna|ناصر/nasser|هاجر/hajar|وليد/walid|ياسمين/yasmin"
        ),
        family: SpelledName.table(
            "الحربي/alharbi|القحطاني/alqahtani|الزهراني/alzahrani|العتيبي/alotaibi|المصري/almasri|الشامي/alshami|"
                + "التونسي/altounsi|البغدادي/albaghdadi|الخطيب/alkhatib|النجّار/alnajjar|الحدّاد/alhaddad|الصبّاغ/alsabbagh|"
                + "بن سعيد/bensaid|بن يوسف/benyoussef|أبو زيد/abuzaid|أبو خليل/abukhalil|آل مكتوم/almaktoum|السيّد/alsayed|"
                + "العمري/alomari|الكعبي/alkaabi|المنصوري/almansouri|الهاشمي/alhashimi|الأنصاري/alansari|الرشيد/alrashid|"
                + "الفاسي/alfassi|الجزائري/aljazairi|السوداني/alsudani|اليماني/alyamani|الكردي/alkurdi|القاضي/alqadi|"
                + "المعلّم/almuallim|الطبيب/altabib|الحاج/alhajj|شاهين/shaheen|منصور/mansour|حمدان/hamdan|درويش/darwish|"
                + "عيسى/issa|نصّار/nassar|قاسم/qassem"
        ),
        cities: [
            "الميناء", "المدينة القديمة", "الواحة", "رأس البر", "عين الماء", "باب البحر", "جبل النور",
            "وادي النخيل",
            "القلعة", "السوق الكبير", "تلّ الزيتون", "المرفأ الجديد",
        ]
    )

    static let english = Tongue(
        tag: "en",
        given: SpelledName.table(
            "Oliver/oliver|Amelia/amelia|Priya/priya|George/george|Grace/grace|Noah/noah|Zoe\u{308}/zoe|Siobha\u{301}n/siobhan|"
                + "Daniel/daniel|Hannah/hannah|Kwame/kwame|Chloe/chloe|Samuel/samuel|Ifeoma/ifeoma|Thomas/thomas|Ruth/ruth|"
                + "Arjun/arjun|Megan/megan|Peter/peter|Alice/alice|Naledi/naledi|Henry/henry|Bronwen/bronwen|Jack/jack|"
                + "Mei/mei|Edward/edward|Nadia/nadia|William/william|Rose/rose|Ewan/ewan"
        ),
        family: SpelledName.table(
            "Smith/smith|O’Neil/oneil|Patel/patel|Jones/jones|MacLeod/macleod|Okafor/okafor|Taylor/taylor|Brown/brown|"
                + "Evans/evans|Singh/singh|Wilson/wilson|D’Souza/dsouza|Clarke/clarke|Mbeki/mbeki|Walker/walker|Wright/wright|"
                + "Fernandes/fernandes|Green/green|Hughes/hughes|Adeyemi/adeyemi|Turner/turner|Ng/ng|Cooper/cooper|Ward/ward|"
                + "Fitz-Gerald/fitzgerald|Khan/khan|Bell/bell|Murphy/murphy|Chandra/chandra|Young/young"
        ),
        cities: [
            "Northport", "Old Harbour", "Millbrook", "Eastgate", "St Anne’s", "Riverside", "Hill End",
            "Westfield",
            "Lower Marsh", "Kingsbridge",
        ]
    )

    static let french = Tongue(
        tag: "fr",
        given: SpelledName.table(
            "Camille/camille|Rene\u{301}e/renee|François/francois|Zoé/zoe|Jean-Luc/jean-luc|Amina/amina|Loïc/loic|Hélène/helene|"
                + "Youssef/youssef|Chloé/chloe|Théo/theo|Inès/ines|Maël/mael|Élodie/elodie|Lucas/lucas|Aïcha/aicha|"
                + "Benoît/benoit|Margaux/margaux|Mamadou/mamadou|Noémie/noemie|Karim/karim|Anaïs/anais|Rémi/remi|Odile/odile"
        ),
        family: SpelledName.table(
            "Dupont/dupont|Lefèvre/lefevre|Benali/benali|Moreau/moreau|Diallo/diallo|L’Hermite/lhermite|Garnier/garnier|"
                + "Nguyen/nguyen|Rousseau/rousseau|Traoré/traore|Girard/girard|D’Almeida/dalmeida|Fontaine/fontaine|Haddad/haddad|"
                + "Chevalier/chevalier|Mercier/mercier|Faure/faure|Saïdi/saidi|Lemaître/lemaitre|Gueye/gueye|Besançon/besancon|"
                + "Noël/noel|Picard/picard|Renard/renard"
        ),
        cities: [
            "Port-Neuf", "Saint-Aubin", "Vieux-Moulin", "La Crête", "Fontclaire", "Les Ormes",
            "Beaulieu-sur-Mer",
            "Rochebrune",
        ]
    )
}
