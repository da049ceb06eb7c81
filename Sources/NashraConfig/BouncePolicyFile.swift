// SPDX-License-Identifier: Apache-2.0
//
// config/bounce-policy.yaml: the rules by which bounces act, read and checked; what is not said has its default.
// Reads that one file. Meaning of each key: the shipped file; docs/decisions/0007-bounces.md.
public import NashraCore
import NashraYAML

/// Reads the policy for bounces.
public enum BouncePolicyFile {
    /// Where it stands in a workspace.
    public static let path = "config/bounce-policy.yaml"

    /// Reads a workspace's policy; the standard one when there is no file.
    ///
    /// - Parameter workspace: Whose.
    /// - Returns: The policy.
    /// - Throws: `configuration` with all faults, each with file, line and column.
    public static func require(_ workspace: Workspace) throws(UserError) -> BouncePolicy {
        let file = workspace.path(path)
        let bytes: [UInt8]
        do throws(BoundedFile.Fault) {
            bytes = try BoundedFile.open(file).read(limit: YAMLDocument.maximumSizeInBytes + 1)
        } catch {
            guard !error.isMissing else { return .standard }
            throw UserError(
                .configuration,
                "\(workspace.displayed(file)) cannot be read: \(error.reason)",
                remedy: "Give the user who runs nashra the right to read it."
            )
        }
        let (policy, diagnostics) = read(bytes, file: workspace.displayed(file))
        guard let policy else {
            throw UserError(
                .configuration,
                "The policy for bounces has \(diagnostics.count == 1 ? "an error" : "\(diagnostics.count) errors").",
                remedy: "Mend the lines above; nothing was done meanwhile.",
                diagnostics: diagnostics
            )
        }
        return policy
    }

    /// Reads a policy.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - file: Its name for findings.
    /// - Returns: The policy, or `nil` when a finding is an error; and all findings.
    public static func read(
        _ bytes: [UInt8],
        file: String
    ) -> (policy: BouncePolicy?, diagnostics: [Diagnostic]) {
        let reader = YAMLReader(file: file)
        let policy = reader.read(bytes) { BouncePolicyReader(top: $0).policy() }
        return (reader.hasErrors ? nil : policy, reader.diagnostics)
    }
}

/// Fills a policy from one mapping.
private struct BouncePolicyReader {
    let top: MappingReader

    func policy() -> BouncePolicy {
        var policy = BouncePolicy.standard
        _ = top.mapping("hard") { hard in
            set(&policy.hardReasons, reasons(hard, "reasons"))
            set(&policy.hardStatuses, statuses(hard, "statuses"))
            set(&policy.softStatuses, statuses(hard, "never"))
        }
        _ = top.mapping("soft") { soft in
            set(&policy.softCampaigns, soft.integer("campaigns", in: 1...100))
            set(&policy.softSpan, soft.duration("span", in: .zero...days(365)))
            set(&policy.settledAfter, soft.duration("settled_after", in: .seconds(3_600)...days(30)))
            set(&policy.reasonsAboutUs, reasons(soft, "about_us"))
        }
        _ = top.mapping("probe") { probe in
            set(&policy.probe, probe.bool("enabled"))
            set(&policy.probeWait, probe.duration("wait", in: .seconds(3_600)...days(60)))
        }
        _ = top.mapping("alarm") { alarm in
            set(&policy.domainMinimum, alarm.integer("domain_minimum", in: 5...1_000_000))
            set(&policy.domainShare, share(alarm, "domain_share"))
            set(&policy.domainUnknownMaximum, alarm.integer("domain_unknown_maximum", in: 0...1_000_000))
            set(&policy.campaignMinimum, alarm.integer("campaign_minimum", in: 5...10_000_000))
            set(&policy.campaignShare, share(alarm, "campaign_share"))
            set(&policy.alarmWindow, alarm.duration("window", in: .seconds(3_600)...days(60)))
        }
        _ = top.mapping("hold") { hold in
            set(&policy.holdMinimum, hold.integer("minimum", in: 1...10_000_000))
            set(&policy.holdShare, share(hold, "share"))
        }
        _ = top.mapping("keep") { keep in
            set(&policy.keptOfStrangers, keep.integer("of_strangers", in: 0...1_000_000))
        }
        return policy
    }

    private func days(_ count: Int) -> Duration { .seconds(count * 86_400) }

    private func set<Value>(_ place: inout Value, _ value: Value?) {
        if let value { place = value }
    }

    /// The set of reasons, or `nil` when the key is not there; an empty list is an empty set.
    private func reasons(_ mapping: MappingReader, _ key: String) -> Set<RefusalReason>? {
        guard let texts = mapping.strings(key) else { return nil }
        let words = RefusalReason.allCases.map(\.rawValue)
        return Set(
            texts.compactMap { text in
                if let reason = RefusalReason(rawValue: text) { return reason }
                let near = Suggestion.nearest(to: text, among: words)
                mapping.fault(
                    key,
                    "holds “\(text)”, which is no reason",
                    remedy: near.map { "Did you mean “\($0)”?" }
                        ?? "The reasons: \(words.joined(separator: ", "))."
                )
                return nil
            }
        )
    }

    private func statuses(_ mapping: MappingReader, _ key: String) -> [StatusPattern]? {
        mapping.strings(key)?.compactMap { text in
            if let pattern = StatusPattern(text) { return pattern }
            mapping.fault(
                key,
                "holds “\(text)”, which is no status",
                remedy: "Write three numbers, the first 4 or 5, such as 5.1.1, 5.1.* or 5.*.*."
            )
            return nil
        }
    }

    /// A share in percent as a part of one.
    private func share(_ mapping: MappingReader, _ key: String) -> Double? {
        mapping.value(key, form: "a share from 0% to 100%, such as 5%") { ScalarText.percent($0) }
            .map { $0 / 100 }
    }
}
