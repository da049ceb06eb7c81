// SPDX-License-Identifier: Apache-2.0
//
// A plan and a rehearsal as people read them.
// Pure.
import NashraApp
import NashraBulletins
import NashraCore

enum PlanText {
    /// The plan, a fact a line.
    static func table(_ plan: SendPlan) -> String {
        let audience = plan.audience
        var lines = [
            "Bulletin   \(plan.bulletin.bulletin.number), \(plan.bulletin.languages.map(\.rawValue).joined(separator: ", "))",
            "From       \(plan.settings.fromAddress)",
            "Through    \(plan.relay)",
            "Audience   \(Quantity.people(audience.audience)) of \(plan.query.text)",
            "           by language: \(counts(audience.byLanguage.map { ($0.key.rawValue, $0.value) }))",
        ]
        if !audience.topDomains.isEmpty {
            let top = audience.topDomains.prefix(5).map { (DomainName.uLabels($0.domain), $0.count) }
            lines.append("           by domain: \(counts(top))")
        }
        let left = audience.exclusions.filter { $0.value > 0 }.map { ($0.key.rawValue, $0.value) }
        lines.append("Left out   \(left.isEmpty ? "nobody" : counts(left))")
        let sizes = plan.messageSizes.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
        lines.append("Size       " + sizes.map { "\($0.0) \(Quantity.bytes($0.1))" }.joined(separator: ", "))
        if let seconds = plan.estimatedSeconds {
            lines.append("Takes      at least \(Quantity.time(seconds))")
        }
        if let expires = plan.settings.expiresAt { lines.append("Valid      until \(expires.iso8601)") }
        lines += plan.warnings.map(\.description)
        return lines.joined(separator: "\n")
    }

    /// The rehearsal, in a sentence.
    static func rehearsal(_ rehearsal: Rehearsal) -> String {
        "Dry run: \(Quantity.grouped(rehearsal.messages)) message\(rehearsal.messages == 1 ? "" : "s") composed and checked in "
            + "\(Quantity.time(rehearsal.seconds)), \(Quantity.bytes(rehearsal.bytes)) in all, the largest "
            + "\(Quantity.bytes(rehearsal.largest)). Nobody was connected to and nothing was stored."
    }

    private static func counts(_ pairs: [(String, Int)]) -> String {
        pairs.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
            .map { "\($0.0) \(Quantity.grouped($0.1))" }.joined(separator: ", ")
    }
}

/// Numbers as people read them.
enum Quantity {
    /// `12,345`.
    static func grouped(_ number: Int) -> String {
        var digits = Array(String(number.magnitude))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (number < 0 ? "-" : "") + String(digits)
    }

    /// `1 recipient`, `12,345 recipients`.
    static func people(_ number: Int) -> String { "\(grouped(number)) recipient\(number == 1 ? "" : "s")" }

    /// `980 bytes`, `6.1 kB`, `117.0 MB`.
    static func bytes(_ count: Int) -> String {
        switch count {
        case ..<1_000: "\(count) bytes"
        case ..<1_000_000: "\(tenths(Double(count) / 1_000)) kB"
        default: "\(tenths(Double(count) / 1_000_000)) MB"
        }
    }

    /// `4.1 s`, `3:20 min`, `2:05 h`.
    static func time(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return switch whole {
        case ..<60: "\(tenths(seconds)) s"
        case ..<3_600: "\(whole / 60):\(padded(whole % 60)) min"
        default: "\(whole / 3_600):\(padded(whole % 3_600 / 60)) h"
        }
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
