// SPDX-License-Identifier: Apache-2.0
//
// Checks on a bulletin that reading and rendering do not make themselves.
// Pure. Each rule has its code in LintRule and its reasons in docs/lint.md.
import NashraCore
import NashraTemplates

/// Lints one bulletin.
struct BulletinLint {
    /// The longest subject that telephones show, in characters.
    static let subjectLimit = 70
    /// Encoded HTML above this is a warning: Gmail cuts mails at about 102 KB, and the foot with them.
    static let largeInBytes = 80 * 1024
    /// Encoded HTML above this is an error.
    static let oversizeInBytes = 100 * 1024

    let bulletin: Bulletin
    let organisation: Organisation
    let today: CalendarDate

    private var metadata: BulletinMetadata { bulletin.metadata }

    /// Findings about dates, languages, and links of the metadata.
    func metadataFindings() -> [Diagnostic] { dates() + languages() + metadataLinks() }

    /// Findings about one variant.
    func findings(in variant: BulletinVariant, _ result: VariantRenderer.Result) -> [Diagnostic] {
        result.links.flatMap { finding(for: $0, file: variant.file) } + subject(variant, result.variant)
            + size(variant, result.variant)
    }

    private func dates() -> [Diagnostic] {
        guard let expires = metadata.expires else { return [] }
        let line = metadata.lines["expires"]
        if expires < metadata.date {
            return [
                LintRule.expiresBeforeDate.diagnostic(
                    file: bulletin.metadataFile,
                    line: line,
                    "it expires on \(expires), before its date, \(metadata.date)"
                )
            ]
        }
        guard expires < today else { return [] }
        return [
            LintRule.expired.diagnostic(
                file: bulletin.metadataFile,
                line: line,
                "it expired on \(expires)",
                remedy: "Check the text and move “expires”."
            )
        ]
    }

    private func languages() -> [Diagnostic] {
        organisation.languages.filter { bulletin.variants[$0] == nil }.map { language in
            let stand = LanguageFallback.variant(
                for: language,
                available: bulletin.variants.keys,
                chain: organisation.languages
            )
            guard let stand else {
                return LintRule.uncoveredVariant.diagnostic(
                    file: bulletin.folder,
                    "there is no text for readers of “\(language)”, and none to stand in",
                    remedy: "Write \(bulletin.folder)/\(language).md."
                )
            }
            return LintRule.missingVariant.diagnostic(
                file: bulletin.folder,
                "there is no \(language).md; readers of “\(language)” get “\(stand)”",
                remedy: "Write \(bulletin.folder)/\(language).md."
            )
        }
    }

    private func metadataLinks() -> [Diagnostic] {
        let links =
            metadata.report.compactMap { entry in entry.url.map { ($0, entry.line) } }
            + metadata.references.map { ($0.url, $0.line) }
        return links.flatMap { url, line in
            let use = LinkUse(url: url, text: "", isImage: false, line: line ?? 1)
            return LinkAddress(url).scheme == "https"
                ? finding(for: use, file: bulletin.metadataFile)
                : [scheme(url, file: bulletin.metadataFile, line: line, allowed: "https")]
        }
    }

    private func finding(for link: LinkUse, file: String) -> [Diagnostic] {
        var findings: [Diagnostic] = []
        if link.isImage, link.text.allSatisfy(\.isWhitespace) {
            findings.append(
                LintRule.missingAlt.diagnostic(
                    file: file,
                    line: link.line,
                    "the image has no alternative text",
                    remedy: "Write ![what the image says](address)."
                )
            )
        }
        let address = LinkAddress(link.url)
        guard link.isImage ? address.scheme == "https" : LinkAddress.schemes.contains(address.scheme) else {
            let allowed = link.isImage ? "https" : "https, mailto and tel"
            return findings + [scheme(link.url, file: file, line: link.line, allowed: allowed)]
        }
        guard address.scheme == "https", !address.isWithin(metadata.allowedDomains) else { return findings }
        let host = address.host.map { "the domain \($0) is not one of links.allow" }
        findings.append(
            LintRule.linkDomain.diagnostic(
                file: file,
                line: link.line,
                host ?? "the link's domain cannot be read with certainty",
                remedy: host == nil
                    ? "Write https://domain/path, without user name and without a merge field in the domain."
                    : "Add it under links.allow in \(BulletinFolder.metadataName) if it is meant."
            )
        )
        return findings
    }

    private func scheme(_ url: String, file: String, line: Int?, allowed: String) -> Diagnostic {
        LintRule.linkScheme.diagnostic(
            file: file,
            line: line,
            "the link “\(url.prefix(80))” does not begin with \(allowed)",
            remedy: "Write the whole address, https://…."
        )
    }

    private func subject(_ variant: BulletinVariant, _ rendered: RenderedVariant?) -> [Diagnostic] {
        guard
            let subject = rendered.flatMap({ try? $0.subject.filled(with: ["email": "reader@example.org"]) })
        else {
            return []
        }
        let text = String(decoding: subject, as: UTF8.self)
        let line = variant.source.subject.place.line
        var findings: [Diagnostic] = []
        if text.count > Self.subjectLimit {
            findings.append(
                LintRule.longSubject.diagnostic(
                    file: variant.file,
                    line: line,
                    "the subject has \(text.count) characters; telephones show about \(Self.subjectLimit)"
                )
            )
        }
        if variant.source.language.direction == .rightToLeft, Self.startsLeftToRight(text) {
            findings.append(
                LintRule.subjectStartsLeftToRight.diagnostic(
                    file: variant.file,
                    line: line,
                    "the subject begins with a left-to-right word, which turns the line round",
                    remedy: "Begin with a word of the language; put marks and codes after it."
                )
            )
        }
        return findings
    }

    private func size(_ variant: BulletinVariant, _ rendered: RenderedVariant?) -> [Diagnostic] {
        guard let html = rendered?.html else { return [] }
        let bytes = EncodedSize.inBytes(of: html)
        guard bytes > Self.largeInBytes else { return [] }
        let rule: LintRule = bytes > Self.oversizeInBytes ? .oversizeMail : .largeMail
        return [
            rule.diagnostic(
                file: variant.file,
                "the HTML part has \(bytes / 1024) KB when encoded; mail programs cut at about 100",
                remedy: "Shorten the text, or put the long part on a page and link to it."
            )
        ]
    }

    /// Whether the first letter that has a direction runs left to right (UAX 9, rule P2).
    private static func startsLeftToRight(_ text: String) -> Bool {
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x200F, 0x061C, 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF, 0x10800...0x10FFF,
                0x1E800...0x1EEFF:
                if scalar.properties.isAlphabetic || scalar.value == 0x200F || scalar.value == 0x061C {
                    return false
                }
            case 0x200E: return true
            default: if scalar.properties.isAlphabetic { return true }
            }
        }
        return false
    }
}
