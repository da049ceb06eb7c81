// SPDX-License-Identifier: Apache-2.0
//
// A campaign and a bulletin in three languages, small enough to read, for the composer's tests.
import NashraCore
import NashraEngine
import NashraKeys
import NashraTemplates
import Testing

enum Compose {
    static let settings = CampaignSettings(
        fromAddress: "bulletin@moi.example",
        fromName: ["ar": "إدارة التوعية", "en": "Awareness Office", "fr": "Bureau de sensibilisation, é"],
        replyTo: "contact@moi.example",
        envelopeDomain: "bounces.moi.example",
        messageIDDomain: "moi.example",
        listID: "fraud.lists.moi.example",
        listName: ["ar": "احتيال", "en": "Fraud alerts", "fr": "Fraude"],
        unsubscribeURL: "https://n.moi.example/u/{token}",
        unsubscribeMailbox: "u+{token}@moi.example",
        helpURL: "https://moi.example/help",
        ownerAddress: "owner@moi.example",
        feedbackSender: "moiaware",
        date: Timestamp(rawValue: 1_790_068_500_000)
    )

    static func campaign(_ change: (inout CampaignSettings) -> Void = { _ in }) -> Campaign {
        var settings = settings
        change(&settings)
        return Campaign(
            id: 1,
            name: CampaignName(year: 2026, number: 7),
            bulletin: "2026-014",
            revision: 1,
            state: .sending,
            audienceText: "topic:fraud",
            audience: 3,
            settings: settings,
            createdAt: settings.date
        )
    }

    static func keyring() throws -> Keyring {
        Keyring(root: try #require(RootKey(bytes: [UInt8](repeating: 9, count: 32))))
    }

    static func composer(
        _ rendered: RenderedBulletin = bulletin,
        _ change: (inout CampaignSettings) -> Void = { _ in }
    ) throws -> Composer {
        try Composer(campaign: campaign(change), rendered: rendered, keyring: keyring())
    }

    static func due(
        _ id: Int64 = 1,
        _ language: Language = .arabic,
        address: String = "reader@example.org",
        values: [String: String] = [:]
    ) throws -> DueDelivery {
        DueDelivery(
            id: DeliveryID(rawValue: id),
            address: try EmailAddress.parse(address),
            language: language,
            values: values,
            attempts: 0,
            dueAt: settings.date
        )
    }

    static let bulletin = RenderedBulletin(variants: [
        "ar": variant(
            .arabic,
            "احذر الرسائل التي تنتحل صفة الجهات الحكومية",
            "عزيزي ",
            "إلغاء الاشتراك",
            "القارئ"
        ),
        "en": variant(
            .english,
            "Beware of messages in the government's name",
            "Dear ",
            "Unsubscribe",
            "reader"
        ),
        "fr": variant(
            .french,
            "Méfiez-vous des messages au nom de l’État",
            "Cher ",
            "Se désabonner",
            "lecteur"
        ),
    ])

    /// The same bulletin as for a mandatory topic: nothing to leave by.
    static let mandatory = RenderedBulletin(
        variants: bulletin.variants.mapValues { variant in
            var variant = variant
            variant.text = MergeTemplate(segments: Array(variant.text.segments.prefix(3)))
            variant.html = MergeTemplate(segments: Array(variant.html.segments.prefix(3)))
            return variant
        }
    )

    private static func variant(
        _ language: Language,
        _ subject: String,
        _ greeting: String,
        _ leave: String,
        _ reader: String
    ) -> RenderedVariant {
        RenderedVariant(
            language: language,
            subject: MergeTemplate(fixed: subject),
            text: MergeTemplate(segments: [
                bytes("\(greeting)"), slot("name", reader, .text), bytes(",\n\n.\nFrom us \n\(leave):\n"),
                slot("unsubscribe_url", nil, .text), bytes("\n"), slot("message_id", nil, .text), bytes("\n"),
            ]),
            html: MergeTemplate(segments: [
                bytes("<!doctype html><p>\(greeting)"), slot("name", reader, .html),
                bytes("</p>\n<p title=\"a=b\">\n"),
                bytes("<a href=\""), slot("unsubscribe_url", nil, .html), bytes("\">\(leave)</a>"),
                slot("email", nil, .html), bytes("</p>\n"),
            ])
        )
    }

    private static func bytes(_ text: String) -> Segment { .bytes(Array(text.utf8)) }

    private static func slot(_ field: String, _ fallback: String?, _ escaping: Escaping) -> Segment {
        .slot(field: field, fallback: fallback.map { Array($0.utf8) }, escaping: escaping)
    }
}
