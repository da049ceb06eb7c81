// SPDX-License-Identifier: Apache-2.0
//
// bulletin.yaml into values; every fault of the file in one run.
// Pure; the bytes come from BulletinFolder.
import NashraCore
import NashraTemplates
import NashraYAML

/// Reads bulletin.yaml.
enum BulletinMetadataReader {
    /// The values, unless something required is missing or wrong, and what was found.
    static func read(_ bytes: [UInt8], file: String) -> (
        metadata: BulletinMetadata?, diagnostics: [Diagnostic]
    ) {
        let reader = YAMLReader(file: file)
        let node: YAMLNode
        do throws(YAMLFault) {
            node = try YAMLDocument.parse(bytes, file: file)
        } catch {
            return (nil, coded([error.diagnostic]))
        }
        let metadata = reader.read(node) { Self.metadata($0) }
        let marks = TextScreen.findings(in: node, file: file)
        let diagnostics = coded(reader.diagnostics) + marks
        return (reader.hasErrors ? nil : metadata.flatMap { $0 }, diagnostics)
    }

    /// Findings of the YAML reader under the rule for metadata.
    static func coded(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        diagnostics.map { finding in
            var finding = finding
            if finding.code.isEmpty { finding.code = LintRule.metadata.rawValue }
            return finding
        }
    }

    private static func metadata(_ top: MappingReader) -> BulletinMetadata? {
        if let version = top.string("nashra", required: true), version != "1" {
            top.fault(
                "nashra",
                "is “\(version)”; this program reads version 1",
                remedy: "Write nashra: \"1\"."
            )
        }
        let number = number(top)
        let kind = top.oneOf("kind", BulletinKind.self, required: true)
        let date = top.date("date", required: true)
        let issuer = top.mapping("issuer") { issuer in
            (department: issuer.localized("department"), contact: issuer.address("contact")?.wire)
        }
        let report = top.mappings("report", reportLine)
        let references = top.mappings("references") { reference in
            BulletinMetadata.Reference(
                title: reference.localized("title", required: true),
                url: reference.string("url", required: true) ?? "",
                line: reference.mark(of: "url")?.line
            )
        }
        let lines = ["expires", "date", "layout"].compactMap { key in top.mark(of: key).map { (key, $0.line) }
        }
        let draft = (
            category: top.oneOf("category", BulletinCategory.self),
            severity: top.oneOf("severity", BulletinSeverity.self), tlp: top.oneOf("tlp", TrafficLight.self),
            classification: top.localized("classification"), lane: top.oneOf("lane", Lane.self) ?? .normal,
            topics: top.strings("topics") ?? [], adjust: top.integer("hijri_adjust", in: -2...2) ?? 0,
            expires: top.date("expires"), supersedes: top.string("supersedes"),
            allow: top.mapping("links") { $0.strings("allow") ?? [] } ?? [],
            layout: top.string("layout") ?? "official"
        )
        top.ignore("tags")
        guard let number, let kind, let date else { return nil }
        return BulletinMetadata(
            number: number,
            kind: kind,
            category: draft.category,
            severity: draft.severity,
            tlp: draft.tlp,
            classification: draft.classification,
            lane: draft.lane,
            topics: draft.topics,
            department: issuer?.department ?? [:],
            contact: issuer?.contact,
            date: date,
            hijriAdjustmentInDays: draft.adjust,
            expires: draft.expires,
            supersedes: draft.supersedes,
            allowedDomains: draft.allow,
            report: report,
            references: references,
            layout: draft.layout,
            lines: Dictionary(uniqueKeysWithValues: lines)
        )
    }

    private static func number(_ top: MappingReader) -> String? {
        guard let number = top.string("number", required: true) else { return nil }
        let allowed = number.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "-._".utf8.contains(byte)
        }
        guard allowed, number.utf8.count <= 64, number.utf8.first != UInt8(ascii: ".") else {
            top.fault(
                "number",
                "is “\(number)”; it may hold letters, digits, “-”, “.” and “_” of ASCII, at most 64",
                remedy: "Write something like \"2026-014\"."
            )
            return nil
        }
        return number
    }

    private static func reportLine(_ entry: MappingReader) -> BulletinMetadata.ReportLine {
        let line = BulletinMetadata.ReportLine(
            label: entry.localized("label", required: true),
            phone: phone(entry),
            url: entry.string("url"),
            mail: entry.address("mail")?.wire,
            line: entry.mark.line
        )
        if [line.phone, line.url, line.mail].compactMap({ $0 }).count != 1 {
            let given = ["phone", "url", "mail"].first { entry.mark(of: $0) != nil } ?? "phone"
            entry.fault(
                given,
                "must be the only one of phone, url and mail",
                remedy: "Give each its own entry."
            )
        }
        return line
    }

    private static func phone(_ entry: MappingReader) -> String? {
        guard let phone = entry.string("phone") else { return nil }
        let allowed = phone.utf8.allSatisfy { (0x30...0x39).contains($0) || "+-() .".utf8.contains($0) }
        guard allowed, phone.utf8.contains(where: { (0x30...0x39).contains($0) }) else {
            entry.fault("phone", "is “\(phone)”; a telephone number is written with the digits 0 to 9")
            return nil
        }
        return phone
    }
}
