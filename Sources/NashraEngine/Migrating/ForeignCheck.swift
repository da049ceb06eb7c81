// SPDX-License-Identifier: Apache-2.0
//
// A person of another system becomes a checked row, by the rules of every import.
// Pure.
import NashraCore
import NashraStore

/// Checks people of other systems.
struct ForeignCheck {
    let schema: AttributeSchema

    /// Names of attributes that are no attributes here.
    private static let meanings: [String: Part] = [
        "name": .name, "full_name": .name, "fullname": .name, "الاسم": .name, "الاسم_الكامل": .name,
        "nom": .name,
        "nom_complet": .name, "first_name": .first, "firstname": .first, "prénom": .first,
        "الاسم_الأول": .first,
        "last_name": .last, "lastname": .last, "surname": .last, "اسم_العائلة": .last, "language": .language,
        "lang": .language, "اللغة": .language, "langue": .language, "email": .none, "address": .none,
    ]

    private enum Part { case name, first, last, language, none }

    /// The row, its lists as topics.
    func row(_ person: ForeignPerson, _ topics: [String: String]) throws(RowCheck.Refusal) -> ImportRow {
        let address: EmailAddress
        do throws(AddressFault) {
            address = try CleanedAddress.read(Array(person.address.utf8)[...]).address
        } catch {
            throw RowCheck.Refusal(reason: error.description)
        }
        var row = ImportRow(address: address)
        var parts: [Part: String] = [.name: person.name, .language: person.language]
        for (name, text) in person.attributes {
            let field = ImportColumns.normalised(name)
            if let part = Self.meanings[field] {
                if parts[part, default: ""].isEmpty { parts[part] = text }
            } else if !field.isEmpty, !ImportColumns.reserved.contains(field) {
                row.attributes[field] = try attribute(field, text)
            }
        }
        row.name = try text(parts[.name] ?? "", "name", RowCheck.nameBytes)
        if row.name == nil {
            let both = [parts[.first], parts[.last]].compactMap { $0 }.joined(separator: " ")
            row.name = try text(both, "name", RowCheck.nameBytes)
        }
        // A language that is none, such as Mailman's “unspecified”, is not worth losing a person for.
        row.language = Language(rawValue: parts[.language] ?? "")
        row.createdAt = person.createdAt
        row.state = person.state
        row.suppression = person.suppression
        for membership in person.memberships {
            guard let topic = topics[membership.list] else { continue }
            add(membership, topic, to: &row)
        }
        return row
    }

    private func add(_ membership: ForeignPerson.Membership, _ topic: String, to row: inout ImportRow) {
        let found = ImportMembership(
            topic: topic,
            state: membership.state,
            consentAt: membership.consentAt,
            endedReason: membership.endedReason,
            endedAt: membership.endedAt,
            frequency: membership.frequency,
            pausedFrom: membership.pausedFrom,
            // A pause that ended before it began is none that anybody meant.
            pausedUntil: membership.pausedUntil.flatMap { end in
                membership.pausedFrom.flatMap { $0 < end ? end : nil }
            }
        )
        if let index = row.memberships.firstIndex(where: { $0.topic == topic }) {
            row.memberships[index] = row.memberships[index].merged(with: found)
        } else {
            row.memberships.append(found)
        }
    }

    private func attribute(_ field: String, _ raw: String) throws(RowCheck.Refusal) -> String? {
        guard let text = try text(raw, field, .max) else { return nil }
        do {
            let canonical = try schema.canonical(text, for: field)
            return canonical.isEmpty ? nil : canonical
        } catch {
            if schema.attribute(field)?.onError == .skip { return nil }
            throw RowCheck.Refusal(reason: error.description)
        }
    }

    private func text(_ text: String, _ field: String, _ limit: Int) throws(RowCheck.Refusal) -> String? {
        try RowCheck.text(Array(text.utf8)[...], called: field, limit: limit)
    }
}
