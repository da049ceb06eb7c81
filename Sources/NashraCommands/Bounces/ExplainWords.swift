// SPDX-License-Identifier: Apache-2.0
//
// The words of `bounces explain`, in the languages of its readers.
// Pure. Each language is written for itself.
import NashraCore

/// The words of one language.
struct ExplainWords {
    /// Arabic, English or French.
    enum Tongue: String, CaseIterable { case ar, en, fr }

    let tongue: Tongue

    private func pick(_ ar: String, _ en: String, _ fr: String) -> String {
        switch tongue {
        case .ar: ar
        case .en: en
        case .fr: fr
        }
    }

    // MARK: labels

    var what: String { pick("المعنى", "What", "Quoi") }
    var forWhom: String { pick("بشأن", "About", "Au sujet de") }
    var why: String { pick("السبب", "Why", "Pourquoi") }
    var restsOn: String { pick("الدليل", "Rests on", "Repose sur") }
    var words: String { pick("نص الخادم", "Words", "Réponse") }
    var tiedTo: String { pick("يخص", "Tied to", "Rattaché à") }
    var does: String { pick("الإجراء", "Nashra", "Nashra") }

    // MARK: what it is

    func kind(_ verdict: BounceVerdict) -> String {
        switch verdict.kind {
        case .hard:
            pick(
                "عادت الرسالة نهائيا: هذا العنوان لا يعمل.",
                "The mail came back for good: the address does not work.",
                "Le message est revenu définitivement : l’adresse ne fonctionne pas."
            )
        case .soft where verdict.action == .delayed:
            pick(
                "تأخرت الرسالة، وما زال الخادم يحاول تسليمها.",
                "The mail is late; the server is still trying.",
                "Le message a du retard ; le serveur essaie encore."
            )
        case .soft:
            pick(
                "لم تصل هذه الرسالة، وقد يكون العنوان سليما.",
                "This mail did not get through; the address may be good.",
                "Ce message n’est pas passé ; l’adresse est peut-être bonne."
            )
        case .complaint:
            pick(
                "أبلغ القارئ أو مزود بريده عن الرسالة على أنها غير مرغوب فيها.",
                "The reader, or the reader's provider, called the mail abuse.",
                "Le lecteur, ou son fournisseur, a signalé le message comme indésirable."
            )
        case .autoReply:
            pick(
                "رد آلي نيابة عن صاحب العنوان.",
                "A machine answered on somebody's behalf.",
                "Une machine a répondu à la place de quelqu’un."
            )
        case .delivered:
            pick(
                "إشعار بنجاح التسليم أو التحويل.",
                "A report of success: delivered, or handed on.",
                "Un avis de réussite : remis, ou transmis plus loin."
            )
        case .none:
            pick(
                "ليست هذه رسالة عن تسليم بريد.",
                "This is no report about a delivery.",
                "Ce n’est pas un avis au sujet d’une remise."
            )
        case .unknown:
            pick(
                "إشعار لم نتمكن من قراءته؛ يحفظ ليطلع عليه شخص.",
                "A report that we could not read; it is kept for people to look at.",
                "Un avis que nous n’avons pas su lire ; il est gardé pour qu’une personne le voie."
            )
        }
    }

    // MARK: what it rests on

    func evidence(_ evidence: BounceVerdict.Evidence) -> String {
        switch evidence {
        case .deliveryStatus:
            pick(
                "حقول إشعار التسليم (RFC 3464).",
                "Fields of the delivery status (RFC 3464).",
                "Les champs de l’avis de remise (RFC 3464)."
            )
        case .feedbackReport:
            pick(
                "حقول بلاغ إساءة الاستخدام (RFC 5965).",
                "Fields of the abuse report (RFC 5965).",
                "Les champs du signalement d’abus (RFC 5965)."
            )
        case .notification:
            pick("إشعار من مزود البريد.", "A provider's notification.", "Une notification du fournisseur.")
        case .form:
            pick(
                "صيغة تقرير نظام بريد معروف.",
                "The form of a known mail system's own report.",
                "La forme du rapport propre à un système de messagerie connu."
            )
        case .headers: pick("حقول ترويسة الرسالة.", "Header fields.", "Les champs d’en-tête.")
        case .reply:
            pick(
                "رد خادم مقتبس في النص.",
                "A server's reply quoted in the text.",
                "La réponse d’un serveur citée dans le texte."
            )
        case .phrase: pick("عبارات في النص.", "Words of the text.", "Des mots du texte.")
        case .none:
            pick(
                "لا شيء: لم يوجد ما يدل على خلاف ذلك.",
                "Nothing: there was no sign of anything else.",
                "Rien : il n’y avait signe de rien d’autre."
            )
        }
    }

    func rule(_ name: String) -> String {
        pick(
            "القاعدة \(name) في docs/bounce-rules.md",
            "Rule \(name) in docs/bounce-rules.md",
            "Règle \(name) dans docs/bounce-rules.md"
        )
    }

    // MARK: whose it is

    func tie(_ tie: ReturnTie) -> String {
        switch tie {
        case .proven(let delivery, let proof): proven(delivery, proof)
        case .probe(let probe):
            pick(
                "رسالة اختبار رقم \(probe.rawValue)، والرمز سليم.",
                "Probe \(probe.rawValue); the token is right.",
                "Message test \(probe.rawValue) ; le jeton est juste."
            )
        case .confirmation(let question):
            pick(
                "موافقة على السؤال رقم \(question.rawValue)، والرمز سليم.",
                "A yes to question \(question.rawValue); the token is right.",
                "Un oui à la question \(question.rawValue) ; le jeton est juste."
            )
        case .forged:
            pick(
                "يحمل رمزا يشبه رموزنا وتوقيعه خاطئ: لا يغير شيئا لأحد.",
                "It carries something like a token of ours with a wrong MAC: it changes nobody.",
                "Il porte un semblant de jeton dont le MAC est faux : il ne change rien pour personne."
            )
        case .untied:
            pick(
                "لا شيء فيه يربطه برسالة منا: يسجل ولا يغير شيئا لأحد.",
                "Nothing in it leads to a mail of ours: it is recorded and changes nobody.",
                "Rien n’y mène à un message de nous : il est consigné et ne change rien pour personne."
            )
        }
    }

    private func proven(_ delivery: DeliveryID, _ proof: ReturnTie.Proof) -> String {
        let by =
            switch proof {
            case .envelope: pick("عنوان المرسل في الغلاف", "the envelope sender", "l’expéditeur d’enveloppe")
            case .messageID: "Message-ID"
            case .notification: pick("إشعار المزود", "the provider's notification", "la notification")
            case .unsubscribeToken:
                pick("رمز إلغاء الاشتراك", "the unsubscribe token", "le jeton de désabonnement")
            case .confirmationToken: pick("رمز التأكيد", "the confirmation token", "le jeton de confirmation")
            }
        return pick(
            "عملية التسليم \(delivery.rawValue)؛ الدليل: \(by).",
            "Delivery \(delivery.rawValue), proven by \(by).",
            "La remise \(delivery.rawValue), prouvée par \(by)."
        )
    }

    var noKeys: String {
        pick(
            "لا توجد هنا مساحة عمل، فلا يمكن التحقق من الرموز.",
            "There is no workspace here, so tokens cannot be checked.",
            "Il n’y a pas d’espace de travail ici : les jetons ne peuvent être vérifiés."
        )
    }

    // MARK: what follows

    /// What the policy makes of it, provided that it is tied to a delivery.
    func action(_ event: BounceEvent?, policy: BouncePolicy, reason: RefusalReason?) -> String {
        switch event {
        case .hard:
            pick(
                "يوقف الإرسال إلى العنوان فورا.",
                "Suppresses the address at once.",
                "Cesse aussitôt d’écrire à l’adresse."
            )
        case .soft: policy.countsAgainstPerson(reason) ? softAction(policy) : ours
        case .delayed: pick("ينتظر.", "Waits.", "Attend.")
        case .complaint:
            pick(
                "يوقف الإرسال إلى العنوان فورا وفي كل القوائم.",
                "Suppresses the address everywhere at once.",
                "Cesse aussitôt d’écrire à l’adresse, sur toutes les listes."
            )
        case .unsubscribe: pick("يلغي الاشتراك.", "Ends the subscription.", "Met fin à l’abonnement.")
        case .autoReply, .delivered: pick("يسجل ذلك فقط.", "Notes it.", "En prend note.")
        case nil: pick("لا يفعل شيئا.", "Does nothing.", "Ne fait rien.")
        }
    }

    private var ours: String {
        pick(
            "يسجل ذلك ولا يحسبه على الشخص: السبب عندنا.",
            "Notes it and does not hold it against the person: the cause is ours.",
            "En prend note sans le retenir contre la personne : la cause est chez nous."
        )
    }

    private func softAction(_ policy: BouncePolicy) -> String {
        let days = policy.softSpan.components.seconds / 86_400
        return pick(
            "يحسبه: عند \(policy.softCampaigns) حملات متتالية على مدى \(days) يوما أو أكثر يتوقف الإرسال إلى العنوان.",
            "Counts it: \(policy.softCampaigns) campaigns in a row over \(days) days or more suppress the address.",
            "Le compte : \(policy.softCampaigns) campagnes de suite sur \(days) jours ou plus, et l’on cesse d’écrire."
        )
    }

    var condition: String {
        pick(
            "إذا ثبت أنه يخص رسالة منا",
            "If it is tied to a mail of ours",
            "S’il est rattaché à un message de nous"
        )
    }
}
