// SPDX-License-Identifier: Apache-2.0
//
// config/consent.yaml: the words that people agree to when they join, with their version.
// Reads that one file. Rules: docs/subscriptions.md, "Consent".
public import NashraCore
import NashraYAML

/// Reads the text that people agree to.
public enum ConsentFile {
    /// Where it stands in a workspace.
    public static let path = "config/consent.yaml"

    /// The longest text, in bytes of UTF-8.
    static let longest = 4_000

    /// Reads a workspace's text; `nil` when there is no file, or nothing in it.
    ///
    /// - Parameter workspace: Whose.
    /// - Returns: The present version.
    /// - Throws: `configuration` with all faults, each with file, line and column.
    public static func read(_ workspace: Workspace) throws(UserError) -> ConsentText? {
        let file = workspace.path(path)
        let bytes: [UInt8]
        do throws(BoundedFile.Fault) {
            bytes = try BoundedFile.open(file).read(limit: YAMLDocument.maximumSizeInBytes + 1)
        } catch {
            guard !error.isMissing else { return nil }
            throw UserError(
                .configuration,
                "\(workspace.displayed(file)) cannot be read: \(error.reason)",
                remedy: "Give the user who runs nashra the right to read it."
            )
        }
        let (consent, diagnostics) = read(bytes, file: workspace.displayed(file))
        guard diagnostics.contains(where: { $0.severity == .error }) else { return consent }
        throw UserError(
            .configuration,
            "The text that people agree to has \(diagnostics.count == 1 ? "an error" : "\(diagnostics.count) errors").",
            remedy: "Mend the lines above; nothing was done meanwhile.",
            diagnostics: diagnostics
        )
    }

    /// Reads a text.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - file: Its name for findings.
    /// - Returns: The text, or `nil` when there is none or a finding is an error; and all findings.
    public static func read(
        _ bytes: [UInt8],
        file: String
    ) -> (consent: ConsentText?, diagnostics: [Diagnostic]) {
        let reader = YAMLReader(file: file)
        let consent = reader.read(bytes) { top -> ConsentText? in
            let texts = top.localized("text", required: true)
            let version = top.value(
                "version",
                true,
                form: "a version of 1 to 32 letters, digits, dots and hyphens"
            ) {
                isVersion($0) ? $0 : nil
            }
            for (language, text) in texts where text.utf8.count > longest {
                top.fault("text", "has more than \(longest) bytes in “\(language)”", remedy: "Shorten it.")
            }
            guard let version, !texts.isEmpty else { return nil }
            return ConsentText(version: version, texts: texts)
        }
        return (reader.hasErrors ? nil : consent ?? nil, reader.diagnostics)
    }

    private static func isVersion(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
    }

    /// The file that `nashra init` writes.
    public static let template = """
        # The words that people agree to when they join a topic: they stand in the confirmation mail, are kept for ever under
        # their version, and every yes says to which version it was (nashra subscribers history).
        #
        # DANGER: never change the words of a version that somebody agreed to; the program refuses to go on when you do.
        # Other words are another version. Have them checked by who answers for data protection.

        version: 2026-1

        # One text for each language, shown word for word.
        text:
          ar: >-
            أوافق على أن تصلني نشرات هذا الموضوع على بريدي الإلكتروني. يحفظ بريدي واسمي ولغتي لهذا الغرض وحده، ويمكنني
            إلغاء الاشتراك متى شئت من أي نشرة.
          en: >-
            I agree to receive the bulletins of this topic by e-mail. My address, name and language are kept for this
            purpose only, and I can unsubscribe at any time from any bulletin.
          fr: >-
            J’accepte de recevoir les bulletins de ce sujet par courriel. Mon adresse, mon nom et ma langue ne sont
            conservés qu’à cette fin, et je peux me désabonner à tout moment depuis n’importe quel bulletin.

        """
}
