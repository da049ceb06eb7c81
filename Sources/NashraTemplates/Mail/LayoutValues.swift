// SPDX-License-Identifier: Apache-2.0
//
// The names that a layout may use, and their values for one variant.
// Pure. Only strings, truths and lists of them go to Mustache: nothing it could call, nothing it would
// reflect upon.
import NashraCore

/// Builds what a layout is filled with.
struct LayoutValues {
    /// Names that layouts may use, beside `t.…` (words of the locale) and `theme.…`.
    static let names: Set<String> = [
        // the variant
        "lang", "dir", "start", "end", "is_rtl", "title", "heading", "preheader", "body", "font", "font_size",
        "line_height",
        // the frame
        "organisation", "department", "address", "contact", "number", "kind", "severity", "tlp",
        "tlp_meaning",
        "tlp_colour", "classification", "marking", "date", "valid_until", "replaces", "has_report", "report",
        "label", "phone",
        "url", "href", "mail", "has_references", "references", "why", "may_unsubscribe",
        // filled for each recipient
        "unsubscribe_url", "message_id", "email",
    ]

    let frame: MailFrame
    let strings: LocaleStrings
    let theme: Theme
    let direction: Language.Direction

    /// The values.
    ///
    /// - Parameters:
    ///   - parts: What the variant gives, with tokens in it: title, heading, preheader, body.
    ///   - tokens: The tokens of the fields that the composer fills.
    /// - Returns: Strings, truths and lists of dictionaries of strings.
    func values(parts: [String: String], tokens: [String: String]) -> [String: Any] {
        let isRightToLeft = direction == .rightToLeft
        var values: [String: Any] = parts.filter { !$0.value.isEmpty }.compactMapValues(marked)
        values.merge(tokens) { kept, _ in kept }
        values["lang"] = strings.language.rawValue
        values["dir"] = direction.rawValue
        values["start"] = isRightToLeft ? "right" : "left"
        values["end"] = isRightToLeft ? "left" : "right"
        values["is_rtl"] = isRightToLeft
        values["font"] = theme.font(for: direction)
        // Arabic letters are smaller at the same size, and their marks need room above and below.
        values["font_size"] = isRightToLeft ? "17px" : "16px"
        values["line_height"] = isRightToLeft ? "1.75" : "1.6"
        values["t"] = strings.strings
        values["theme"] = theme.values
        addFrame(to: &values)
        return values
    }

    private func addFrame(to values: inout [String: Any]) {
        values["organisation"] = marked(frame.organisation)
        values["number"] = frame.number
        values["kind"] = marked(frame.kind)
        values["date"] = marked(frame.date)
        values["department"] = marked(frame.department)
        values["address"] = marked(frame.address)
        values["contact"] = frame.contact
        values["severity"] = marked(frame.severity)
        values["tlp"] = frame.tlp
        values["tlp_meaning"] = marked(frame.tlpMeaning)
        values["tlp_colour"] = frame.tlp.map(Self.colour)
        values["classification"] = marked(frame.classification)
        values["marking"] = frame.tlp != nil || frame.classification != nil
        values["valid_until"] = marked(frame.validUntil)
        values["replaces"] = marked(frame.replaces)
        values["why"] = marked(why)
        values["may_unsubscribe"] = frame.mayUnsubscribe
        values["has_report"] = !frame.report.isEmpty
        values["report"] = frame.report.map(report)
        values["has_references"] = !frame.references.isEmpty
        values["references"] = frame.references.map { reference in
            [
                "title": marked(reference.title) ?? "", "url": Self.shown(reference.url),
                "href": LinkAddress(reference.url).href ?? "",
            ]
        }
    }

    /// The text with its left-to-right islands held by U+200E, which also stands in attributes and needs no
    /// markup.
    private func marked(_ text: String?) -> String? { text.map(PlainText(direction: direction).marked) }

    /// Why the reader gets this.
    var why: String {
        strings.text(
            frame.mayUnsubscribe ? "why_subscribed" : "why_mandatory",
            ["organisation": frame.organisation]
        )
    }

    private func report(_ line: MailFrame.ReportLine) -> [String: String] {
        switch line.contact {
        case .phone(let number):
            ["label": marked(line.label) ?? "", "phone": number, "href": LinkAddress.telephone(number)]
        case .url(let url):
            ["label": marked(line.label) ?? "", "url": Self.shown(url), "href": LinkAddress(url).href ?? ""]
        case .mail(let address):
            ["label": marked(line.label) ?? "", "mail": address, "href": "mailto:" + address]
        }
    }

    /// An address as it is shown: without its scheme, so that the host comes first.
    private static func shown(_ url: String) -> String {
        let bare = url.utf8.starts(with: "https://".utf8) ? String(url.dropFirst(8)) : url
        return bare.hasSuffix("/") ? String(bare.dropLast()) : bare
    }

    /// FIRST's colours, on black (Traffic Light Protocol 2.0, section 3).
    private static func colour(_ tlp: String) -> String {
        switch tlp {
        case "TLP:RED": "#FF2B2B"
        case "TLP:AMBER", "TLP:AMBER+STRICT": "#FFC000"
        case "TLP:GREEN": "#33FF00"
        default: "#FFFFFF"
        }
    }
}
