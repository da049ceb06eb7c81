// SPDX-License-Identifier: Apache-2.0
//
// A variant's file: front matter between two `---` lines, then Markdown.
// Pure, on bytes; line ends may be LF or CR LF.
import NashraCore
import NashraTemplates
import NashraYAML

/// Reads `<language>.md`.
enum FrontMatter {
    /// The variant, unless the file cannot be read as one, and what was found.
    static func read(
        _ bytes: [UInt8],
        file: String,
        language: Language
    ) -> (variant: BulletinVariant?, diagnostics: [Diagnostic]) {
        guard String(validating: bytes, as: UTF8.self) != nil, !bytes.contains(0) else {
            let message = "the file is not UTF-8 text"
            return (
                nil, [LintRule.unreadableFile.diagnostic(file: file, message, remedy: "Save it as UTF-8.")]
            )
        }
        let lines = lines(of: bytes)
        guard lines.first.map(isFence) ?? false, let close = lines.dropFirst().firstIndex(where: isFence)
        else {
            let message = "the file does not begin with front matter between two lines of ---"
            return (
                nil, [LintRule.metadata.diagnostic(file: file, line: 1, message, remedy: "See docs/lint.md.")]
            )
        }
        let head = Array(lines[1..<close].joined(separator: [0x0A]))
        let body = String(decoding: Array(lines[(close + 1)...].joined(separator: [0x0A])), as: UTF8.self)
        let reader = YAMLReader(file: file)
        let node: YAMLNode
        do throws(YAMLFault) {
            node = try YAMLDocument.parse(head, file: file, firstLine: 2)
        } catch {
            return (nil, BulletinMetadataReader.coded([error.diagnostic]))
        }
        var missing: [Diagnostic] = []
        let variant = reader.read(node) { top in
            Self.variant(
                top,
                file: file,
                language: language,
                body: body,
                bodyLine: close + 2,
                missing: &missing
            )
        }
        let diagnostics = BulletinMetadataReader.coded(reader.diagnostics) + missing
        let marks =
            TextScreen.findings(in: node, file: file)
            + TextScreen.findings(in: body, at: SourcePlace(file: file, line: close + 2))
        return (reader.hasErrors || !missing.isEmpty ? nil : variant, diagnostics + marks)
    }

    private static func variant(
        _ top: MappingReader,
        file: String,
        language: Language,
        body: String,
        bodyLine: Int,
        missing: inout [Diagnostic]
    ) -> BulletinVariant {
        func text(_ key: String) -> VariantSource.Text {
            let mark = top.mark(of: key)
            let place = SourcePlace(file: file, line: mark?.line ?? 1, column: mark?.column ?? 1)
            return VariantSource.Text(top.string(key) ?? "", at: place)
        }
        let title = text("title")
        let subject = text("subject")
        for (key, value) in [("title", title), ("subject", subject)]
        where value.text.allSatisfy(\.isWhitespace) {
            missing.append(
                LintRule.missingSubjectOrTitle.diagnostic(
                    file: file,
                    line: value.place.line,
                    "the front matter has no \(key)",
                    remedy: "Add \(key): \"…\" between the --- lines."
                )
            )
        }
        let source = VariantSource(
            language: language,
            title: title,
            subject: subject,
            preheader: text("preheader"),
            body: VariantSource.Text(body, at: SourcePlace(file: file, line: bodyLine))
        )
        return BulletinVariant(file: file, source: source, summary: top.string("summary") ?? "")
    }

    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
        return content.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            line.last == 0x0D ? line.dropLast() : line
        }
    }

    private static func isFence(_ line: ArraySlice<UInt8>) -> Bool {
        var line = line
        while line.last == 0x20 || line.last == 0x09 { line.removeLast() }
        return line.elementsEqual([0x2D, 0x2D, 0x2D])
    }
}
