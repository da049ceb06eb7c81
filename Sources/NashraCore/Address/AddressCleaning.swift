// SPDX-License-Identifier: Apache-2.0
//
// Addresses as people paste them: what stands around one is taken away and said, what stands within is not touched.
// Pure. For tables and for what is typed; what other programs send is read by EmailAddress.parse and nothing else.
// Rules: docs/addresses.md, "What is cleaned".

/// An address out of a table, and what had to be taken away to read it.
public struct CleanedAddress: Hashable, Sendable {
    /// What was taken away around an address.
    public enum Cleaning: String, Hashable, Sendable, CaseIterable {
        /// No-break and other wide spaces, and line ends.
        case space
        /// Marks of direction and characters without width, as spreadsheets and messengers paste them.
        case invisible
        /// `mailto:` before it, and what a link says after a `?`.
        case mailto
        /// `<` and `>` around it, with or without a name before them.
        case brackets
        /// Quotes around it.
        case quotes
        /// A full stop, comma or semicolon after it.
        case punctuation
        /// A full-width `＠` for the `@`.
        case fullWidthAt = "full-width-at"
    }

    /// The address.
    public let address: EmailAddress
    /// What was taken away; empty when it was an address as it stood.
    public let cleanings: Set<Cleaning>

    /// Reads a field that should hold one address.
    ///
    /// - Parameter bytes: The field, any bytes.
    /// - Returns: The address. Nothing within it was changed, but for a full-width `＠`.
    /// - Throws: ``AddressFault`` when there is none, or more than one. Its offset counts in what was left.
    public static func read(_ bytes: ArraySlice<UInt8>) throws(AddressFault) -> CleanedAddress {
        var nothing = DomainMemory(limit: 0)
        return try read(bytes, remembering: &nothing)
    }

    /// Reads one of many fields; see ``read(_:)-(ArraySlice<UInt8>)``.
    ///
    /// - Parameters:
    ///   - bytes: The field, any bytes.
    ///   - domains: The domains that were met before; the result is the same without.
    /// - Returns: The address.
    /// - Throws: ``AddressFault`` when there is none, or more than one.
    public static func read(
        _ bytes: ArraySlice<UInt8>,
        remembering domains: inout DomainMemory
    ) throws(AddressFault) -> CleanedAddress {
        let fault: AddressFault
        do throws(AddressFault) {
            return CleanedAddress(
                address: try EmailAddress.parse(bytes, remembering: &domains),
                cleanings: []
            )
        } catch {
            fault = error
        }
        // Nothing that is much longer than an address is one, whatever is taken away.
        guard bytes.count <= 1_024, let text = String(validating: bytes, as: UTF8.self) else { throw fault }
        var cleaner = AddressCleaner(text)
        cleaner.clean()
        guard !cleaner.cleanings.isEmpty else { throw fault }
        return CleanedAddress(address: try EmailAddress.parse(cleaner.text), cleanings: cleaner.cleanings)
    }

    /// Reads a text that should hold one address; see ``read(_:)-(ArraySlice<UInt8>)``.
    public static func read(_ text: String) throws(AddressFault) -> CleanedAddress {
        try read(Array(text.utf8)[...])
    }
}

/// A field while what stands around its address is taken away.
private struct AddressCleaner {
    private var scalars: ArraySlice<Unicode.Scalar>
    private(set) var cleanings: Set<CleanedAddress.Cleaning> = []

    init(_ text: String) { scalars = Array(text.unicodeScalars)[...] }

    var text: String { String(String.UnicodeScalarView(scalars)) }

    /// Takes away, layer by layer, until nothing is left to take.
    mutating func clean() {
        var before = -1
        while scalars.count != before {
            before = scalars.count
            trim(.space, Self.isSpace)
            trim(.invisible, Self.isInvisible)
            takeMailto()
            takePunctuation()
            takeBrackets()
            takeQuotes()
        }
        widenedAt()
    }

    /// Drops scalars at both ends.
    private mutating func trim(_ cleaning: CleanedAddress.Cleaning, _ isDropped: (Unicode.Scalar) -> Bool) {
        let before = scalars.count
        while let last = scalars.last, isDropped(last) { scalars.removeLast() }
        while let first = scalars.first, isDropped(first) { scalars.removeFirst() }
        if scalars.count < before { cleanings.insert(cleaning) }
    }

    private mutating func takeMailto() {
        guard scalars.count > 7,
            scalars.prefix(7).elementsEqual("mailto:".unicodeScalars, by: Self.isSameLetter)
        else { return }
        scalars.removeFirst(7)
        if let query = scalars.firstIndex(of: "?") { scalars = scalars[..<query] }
        cleanings.insert(.mailto)
    }

    private mutating func takePunctuation() {
        while let last = scalars.last, [".", ",", ";", "\u{060C}", "\u{061B}"].contains(last) {
            scalars.removeLast()
            cleanings.insert(.punctuation)
        }
    }

    /// `<a@b>` and `Name <a@b>`, when the brackets are the only ones and the name holds no address.
    private mutating func takeBrackets() {
        guard scalars.last == ">", let open = scalars.firstIndex(of: "<"),
            scalars.filter({ $0 == "<" || $0 == ">" }).count == 2, !scalars[..<open].contains("@")
        else { return }
        scalars = scalars[(open + 1)...].dropLast()
        cleanings.insert(.brackets)
    }

    /// Quotes of one kind around the whole; a quoted local part has its second one before the `@`.
    private mutating func takeQuotes() {
        guard scalars.count > 2, let first = scalars.first, let last = scalars.last else { return }
        let pairs: [(Unicode.Scalar, Unicode.Scalar)] = [
            ("\"", "\""), ("'", "'"), ("\u{201C}", "\u{201D}"), ("\u{2018}", "\u{2019}"),
            ("\u{00AB}", "\u{00BB}"),
        ]
        guard pairs.contains(where: { $0 == first && $1 == last }) else { return }
        scalars = scalars.dropFirst().dropLast()
        cleanings.insert(.quotes)
    }

    private mutating func widenedAt() {
        guard !scalars.contains("@"), scalars.filter({ $0 == "\u{FF20}" }).count == 1 else { return }
        scalars = scalars.map { $0 == "\u{FF20}" ? "@" : $0 }[...]
        cleanings.insert(.fullWidthAt)
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
            0x3000:
            true
        default: false
        }
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x061C, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0x2066...0x206F, 0xFEFF: true
        default: false
        }
    }

    private static func isSameLetter(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
        left == right || (left.isASCII && left.properties.lowercaseMapping == String(right))
    }
}
