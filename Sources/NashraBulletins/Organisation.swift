// SPDX-License-Identifier: Apache-2.0
//
// What the workspace's configuration says about whoever sends, as far as rendering needs it.
// Pure values.
public import NashraCore

/// Whoever sends.
public struct Organisation: Sendable, Hashable {
    /// Which digits dates are written with.
    public enum Digits: String, Sendable, Hashable, CaseIterable {
        /// What the locale's country uses.
        case auto
        /// ٠١٢٣
        case arab
        /// 0123
        case latn
    }

    /// Its name by language.
    public var names: [Language: String]
    /// Its postal address by language, one line each.
    public var addresses: [Language: String]
    /// The languages of the workspace: what bulletins should be written in, and the fallback chain.
    public var languages: [Language]
    /// The locale of dates by language, with a country such as `ar-SA`.
    ///
    /// Month names and digits differ by country.
    public var locales: [Language: String]
    /// The digits of dates by language.
    public var digits: [Language: Digits]
    /// The languages whose date line also has the Hijri date (Umm al-Qura).
    public var hijriLanguages: Set<Language>

    /// Describes an organisation; what is left out is usual.
    public init(
        names: [Language: String],
        addresses: [Language: String] = [:],
        languages: [Language] = [.arabic, .english, .french],
        locales: [Language: String] = [:],
        digits: [Language: Digits] = [:],
        hijriLanguages: Set<Language> = [.arabic]
    ) {
        self.names = names
        self.addresses = addresses
        self.languages = languages
        self.locales = locales
        self.digits = digits
        self.hijriLanguages = hijriLanguages
    }

    /// A text in a language, or in the first language of the chain that has it.
    func text(_ texts: [Language: String], in language: Language) -> String? {
        texts[language] ?? languages.lazy.compactMap { texts[$0] }.first
    }
}
