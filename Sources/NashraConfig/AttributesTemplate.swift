// SPDX-License-Identifier: Apache-2.0
//
// The attributes file of a new workspace: examples to take the signs of comment away from.
// Pure. config/attributes.yaml of the repository is this text; a test holds them together.

extension AttributesFile {
    /// The file that `nashra init` writes; it declares nothing.
    public static let template = """
        # What this workspace keeps about people beside address, name and language, and of which type it is.
        #
        # A column of an imported file that nothing declares is kept as text, as it is. A declared one is checked in
        # every row and kept in one form, so that segments can compare it: grade >= 5, joined_on after 2026-01-01,
        # city in (Doha, "Al Khor"). What is understood, type by type: docs/attributes.md. To begin, take the # away:
        #
        # attributes:
        #   city:
        #     # One of some words. Each may have other spellings, by language or in a list; case, accents, harakat and
        #     # the forms of alef, ya and ta marbuta make no difference.
        #     type: enum
        #     words:
        #       Doha: {ar: الدوحة, fr: Doha}
        #       Al Khor: [الخور, Al-Khawr]
        #       Al Wakrah: {ar: الوكرة}
        #     # What it is called, for people; a column of this name means it too.
        #     label: {ar: المدينة, en: City, fr: Ville}
        #     # Other names of columns that mean it.
        #     columns: [Town, البلدة, Municipality]
        #     # What becomes of a row with a value that is none of them: reject (the row is not taken, the default) or
        #     # skip (the row is taken without the value, and the plan says so).
        #     on_error: reject
        #   grade:
        #     # 5, -5.25, ٥, 1 234,5; kept as 5, -5.25, 5, 1234.5.
        #     type: number
        #     label: {ar: الدرجة, en: Grade, fr: Échelon}
        #     # What 1,234 means: a comma before the fraction (comma) or between thousands (point).
        #     # Without this key such a value is refused, because it could mean both.
        #     decimal: point
        #   joined_on:
        #     # 2026-01-31, 31/01/2026, ٣١/٠١/٢٠٢٦, 31.1.2026; kept as 2026-01-31.
        #     type: date
        #     label: {ar: تاريخ الالتحاق, en: Joined on, fr: Date d’entrée}
        #     # Whether 03/04/2026 is the third of April (day-first, the default) or the fourth of March (month-first).
        #     date_order: day-first
        #   on_duty:
        #     # نعم or لا, oui or non, yes or no, true or false, 1 or 0; kept as true or false.
        #     type: bool
        #     label: {ar: على رأس العمل, en: On duty, fr: En service}
        #   department:
        #     # Any text; declared for its columns only.
        #     type: string
        #     label: {ar: الإدارة, en: Department, fr: Direction}
        attributes:

        """
}
