// SPDX-License-Identifier: Apache-2.0
//
// The file of segments of a new workspace: examples to uncomment.
// Pure. subscribers/segments.yaml of the repository is this text; a test holds them together.

extension SegmentsFile {
    /// The file that `nashra init` writes.
    static let template = """
        # Segments: questions about people, each with a name. `nashra segments count NAME` counts who it is true of, and
        # `nashra send BULLETIN --to segment:NAME` sends to those of them who are subscribed.
        #
        # All of the language: docs/segments.md. `nashra config check` checks this file.
        #
        # segments:
        #   doha-in-arabic:                      # small letters, digits and hyphens
        #     title: {ar: "قراء العربية في الدوحة", en: "Arabic readers in Doha", fr: "Lecteurs arabes à Doha"}
        #     description: {en: "For warnings about traffic in the city."}
        #     query: language = ar and city in (Doha, الدوحة, "Al Khor")
        #
        #   new-and-untrained:
        #     title: {en: "Joined this quarter, and not sent the first lesson yet"}
        #     query: >-
        #       subscribed to fraud after 90 days ago
        #       and not received 2026-014
        #       and (attr.grade >= 5 or attr.grade is empty)
        segments: {}

        """
}
