// SPDX-License-Identifier: Apache-2.0
//
// From a bulletin's folder to what can be frozen: read, render, lint, hash, and the settings of a campaign.
// Reads files; connects to nobody.
import Foundation
public import NashraBulletins
import NashraConfig
public import NashraCore
import NashraEngine
import NashraKeys
import NashraStore
import NashraTemplates

extension Application {
    /// Finds and reads a bulletin's folder.
    ///
    /// - Throws: `unknownObject` when there is none, `badData` with all findings when it cannot be read.
    public func read(bulletin reference: String) throws(UserError) -> (
        bulletin: Bulletin, warnings: [Diagnostic]
    ) {
        let folder = try BulletinFolder.find(reference, in: workspace.bulletins)
        let (bulletin, diagnostics) = BulletinFolder.read(folder)
        guard let bulletin, !diagnostics.contains(where: { $0.severity == .error }) else {
            throw faulty(reference, lint: " \(reference)", diagnostics)
        }
        return (bulletin, diagnostics)
    }

    /// Renders a bulletin in all its languages and hashes the result.
    ///
    /// - Parameters:
    ///   - bulletin: As its folder says.
    ///   - attributes: The attributes that subscribers have, or `nil` when any name is taken.
    ///   - mayUnsubscribe: `false` for mandatory topics.
    /// - Returns: What can be frozen, and the warnings.
    /// - Throws: `badData` with all findings.
    public func prepare(
        _ bulletin: Bulletin,
        attributes: Set<String>?,
        mayUnsubscribe: Bool
    ) throws(UserError) -> (prepared: PreparedBulletin, warnings: [Diagnostic]) {
        let (templates, templateFaults) = TemplateFolder.read(workspace.templates)
        guard let templates else { throw faulty("templates", lint: "", templateFaults) }
        guard let today else { throw UserError(.bug, "The clock has no date.") }
        let renderer = Renderer(
            templates: templates,
            organisation: organisation,
            fields: MergeFields(attributes: attributes),
            today: today,
            mayUnsubscribe: mayUnsubscribe
        )
        let (rendered, diagnostics) = renderer.render(bulletin)
        guard let rendered, !diagnostics.contains(where: { $0.severity == .error }) else {
            throw faulty(bulletin.number, lint: " \(bulletin.number)", diagnostics)
        }
        let prepared = PreparedBulletin(
            bulletin: bulletin,
            rendered: rendered,
            contentHash: ContentHash.hexadecimal(try rendered.frozen()),
            languages: bulletin.languages,
            fields: rendered.fields.subtracting(MergeFields.system)
        )
        return (prepared, templateFaults + diagnostics)
    }

    private func faulty(_ name: String, lint: String, _ diagnostics: [Diagnostic]) -> UserError {
        let count = diagnostics.filter { $0.severity == .error }.count
        return UserError(
            .badData,
            "\(name) has \(count) error\(count == 1 ? "" : "s"); nobody was mailed.",
            remedy: "Mend the lines above, and look again with: nashra bulletin lint\(lint)",
            diagnostics: diagnostics
        )
    }

    private var organisation: Organisation {
        Organisation(
            names: configuration.organisation.name,
            addresses: configuration.organisation.address,
            languages: configuration.languages,
            locales: configuration.display.locale,
            digits: configuration.display.digits.compactMapValues {
                Organisation.Digits(rawValue: $0.rawValue)
            },
            hijriLanguages: configuration.display.hijri
        )
    }

    /// Today in the organisation's time zone.
    private var today: CalendarDate? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: configuration.display.timeZone) ?? .gmt
        let date = Date(timeIntervalSince1970: Double(clock.now().rawValue) / 1_000)
        let parts = calendar.dateComponents([.year, .month, .day], from: date)
        return CalendarDate(year: parts.year ?? 1970, month: parts.month ?? 1, day: parts.day ?? 1)

    }
}

extension RenderedBulletin {
    /// The bytes that are frozen with a campaign: the same content gives the same bytes.
    func frozen() throws(UserError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(self)
        } catch {
            throw UserError(.bug, "the rendered bulletin cannot be written: \(error)")
        }
    }
}
