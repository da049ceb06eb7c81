// SPDX-License-Identifier: Apache-2.0
//
// Replies of servers and providers with what they mean, written after the documentation named in each row.
import NashraCore

/// One reply, the Status field beside it, and what they mean together.
struct Reply: Sendable, CustomStringConvertible {
    var source: String
    var status: String
    var words: String
    var kind: BounceVerdict.Kind
    var reason: RefusalReason
    var stated: String?
    var remote = "mx.example.org"

    init(
        _ source: String,
        _ status: String,
        _ words: String,
        _ kind: BounceVerdict.Kind,
        _ reason: RefusalReason,
        _ stated: String,
        remote: String = "mx.example.org"
    ) {
        self.source = source
        self.status = status
        self.words = words
        self.kind = kind
        self.reason = reason
        self.stated = stated
        self.remote = remote
    }

    var description: String { "\(source): \(words)" }

    static let all: [Reply] = standard + google + microsoft + yahoo + apple + others + contradictions

    private static let standard: [Reply] = [
        Reply(
            "RFC 5321 4.2.3",
            "5.0.0",
            "550 Requested action not taken: mailbox unavailable. No such user here",
            .hard,
            .unknownUser,
            "5.0.0"
        ),
        Reply(
            "RFC 7505 4.1",
            "5.1.10",
            "556 5.1.10 Recipient address has null MX",
            .hard,
            .domainUnknown,
            "5.1.10"
        ),
        Reply(
            "RFC 7505 4.2",
            "5.7.27",
            "550 5.7.27 Sender address has null MX",
            .soft,
            .notAuthenticated,
            "5.7.27"
        ),
        Reply(
            "RFC 7372 3.4",
            "5.7.26",
            "550 5.7.26 Multiple authentication checks failed",
            .soft,
            .notAuthenticated,
            "5.7.26"
        ),
        Reply("RFC 7293 5.1", "5.7.17", "550 5.7.17 Mailbox owner has changed", .hard, .moved, "5.7.17"),
        Reply("RFC 3463 3.2", "5.1.6", "551 5.1.6 Mailbox has moved", .hard, .moved, "5.1.6"),
        Reply("RFC 3463 3.3", "5.2.2", "552 5.2.2 Mailbox full", .soft, .mailboxFull, "5.2.2"),
        Reply(
            "RFC 1870 6.1",
            "5.3.4",
            "552 5.3.4 message size exceeds fixed maximium message size",
            .soft,
            .messageTooBig,
            "5.3.4"
        ),
        Reply(
            "RFC 6647 2.1",
            "4.7.1",
            "451 4.7.1 Greylisting in action, please come back later",
            .soft,
            .greylisted,
            "4.7.1"
        ),
        Reply("Postfix local(8)", "5.1.1", "unknown user: \"reader\"", .hard, .unknownUser, "5.1.1"),
        Reply(
            "Postfix smtpd",
            "5.1.1",
            "550 5.1.1 <reader@example.org>: Recipient address rejected: User unknown in virtual mailbox table",
            .hard,
            .unknownUser,
            "5.1.1"
        ),
        Reply(
            "Postfix smtpd",
            "5.7.1",
            "554 5.7.1 <reader@example.org>: Relay access denied",
            .soft,
            .relayingDenied,
            "5.7.1"
        ),
        Reply(
            "Postfix smtp_addr.c",
            "5.4.4",
            "Host or domain name not found. Name service error for name=exampel.org type=A: Host not found",
            .hard,
            .domainUnknown,
            "5.4.4"
        ),
        Reply(
            "Postfix smtp_connect.c",
            "4.4.1",
            "connect to mx.example.org[192.0.2.1]:25: Connection refused",
            .soft,
            .hostUnreachable,
            "4.4.1"
        ),
        Reply(
            "Sendmail err.c",
            "5.1.2",
            "550 5.1.2 <reader@exampel.org>... Host unknown (Name server: exampel.org.: host not found)",
            .hard,
            .domainUnknown,
            "5.1.2"
        ),
        Reply(
            "Dovecot lmtp",
            "5.2.2",
            "552 5.2.2 <reader@example.org> Quota exceeded (mailbox for user is full)",
            .soft,
            .mailboxFull,
            "5.2.2"
        ),
        Reply(
            "OpenSMTPD",
            "5.1.1",
            "550 5.1.1 Invalid recipient: <reader@example.org>",
            .hard,
            .unknownUser,
            "5.1.1"
        ),
    ]

    private static let google: [Reply] = [
        Reply(
            "Gmail SMTP errors",
            "5.1.1",
            "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550-5.1.1 unnecessary spaces. 550 5.1.1 https://support.google.com/mail/?p=NoSuchUser x1 - gsmtp",
            .hard,
            .unknownUser,
            "5.1.1"
        ),
        Reply(
            "Gmail SMTP errors",
            "5.2.1",
            "550 5.2.1 The email account that you tried to reach is disabled. https://support.google.com/mail/?p=DisabledUser - gsmtp",
            .soft,
            .suspended,
            "5.2.1"
        ),
        Reply(
            "Gmail SMTP errors",
            "4.2.2",
            "452-4.2.2 The recipient's inbox is out of storage space. https://support.google.com/mail/?p=OverQuotaTemp - gsmtp",
            .soft,
            .mailboxFull,
            "4.2.2"
        ),
        Reply(
            "Gmail SMTP errors",
            "4.2.1",
            "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.",
            .soft,
            .tooMany,
            "4.2.1"
        ),
        Reply(
            "Gmail SMTP errors",
            "5.7.26",
            "550-5.7.26 This mail has been blocked because the sender is unauthenticated.",
            .soft,
            .notAuthenticated,
            "5.7.26"
        ),
        Reply(
            "Gmail SMTP errors",
            "5.7.25",
            "550-5.7.25 The IP address sending this message does not have a PTR record setup",
            .soft,
            .notAuthenticated,
            "5.7.25"
        ),
        Reply(
            "Gmail SMTP errors",
            "5.7.28",
            "550-5.7.28 Our system has detected an unusual rate of unsolicited mail originating from your IP address.",
            .soft,
            .tooMany,
            "5.7.28"
        ),
        Reply(
            "Gmail SMTP errors",
            "5.7.0",
            "552-5.7.0 This message was blocked because its content presents a potential security issue.",
            .soft,
            .contentRefused,
            "5.7.0"
        ),
    ]

    private static let microsoft: [Reply] = [
        Reply(
            "Microsoft NDR codes",
            "5.1.10",
            "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient reader@example.org not found by SMTP address lookup",
            .hard,
            .unknownUser,
            "5.1.10"
        ),
        Reply(
            "Microsoft NDR codes",
            "5.4.1",
            "550 5.4.1 Recipient address rejected: Access denied. [AM6.prod.protection.outlook.com]",
            .soft,
            .policy,
            "5.4.1"
        ),
        Reply(
            "Microsoft NDR codes",
            "5.7.133",
            "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required",
            .soft,
            .policy,
            "5.7.133"
        ),
        Reply(
            "Microsoft NDR codes",
            "5.4.310",
            "550 5.4.310 DNS domain exampel.org does not exist [Message=InfoDomainNonexistent]",
            .hard,
            .domainUnknown,
            "5.4.310"
        ),
        Reply(
            "Microsoft NDR codes",
            "5.4.300",
            "550 5.4.300 Message expired -> 451 4.4.0 Primary target IP address responded",
            .soft,
            .timeout,
            "5.4.300"
        ),
        Reply(
            "Microsoft NDR codes",
            "5.7.509",
            "550 5.7.509 Access denied, sending domain nashra.example does not pass DMARC verification",
            .soft,
            .notAuthenticated,
            "5.7.509"
        ),
        Reply(
            "Microsoft, high-volume senders",
            "5.7.515",
            "550 5.7.515 Access denied, sending domain nashra.example doesn't meet the required authentication level.",
            .soft,
            .notAuthenticated,
            "5.7.515"
        ),
        Reply(
            "Microsoft NDR codes",
            "5.2.2",
            "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded",
            .soft,
            .mailboxFull,
            "5.2.2"
        ),
        Reply(
            "Microsoft NDR codes",
            "5.2.122",
            "554 5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour.",
            .soft,
            .tooMany,
            "5.2.122"
        ),
        Reply(
            "Microsoft sendersupport",
            "5.7.1",
            "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140).",
            .soft,
            .reputation,
            "5.7.1"
        ),
        Reply(
            "Microsoft NDR codes",
            "5.7.606",
            "550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.office.com/",
            .soft,
            .reputation,
            "5.7.606"
        ),
        Reply(
            "Microsoft 365, remote reply",
            "5.0.350",
            "550 5.0.350 Remote server returned an error -> 550 5.1.1 User unknown",
            .hard,
            .unknownUser,
            "5.1.1"
        ),
        Reply(
            "Exchange RESOLVER",
            "5.2.3",
            "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient",
            .soft,
            .messageTooBig,
            "5.2.3"
        ),
    ]

    private static let yahoo: [Reply] = [
        Reply(
            "Yahoo Sender Hub",
            "4.7.0",
            "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
            .soft,
            .reputation,
            "4.7.0"
        ),
        Reply(
            "Yahoo Sender Hub",
            "5.7.9",
            "554 5.7.9 Message not accepted for policy reasons. See https://senders.yahooinc.com/error-codes",
            .soft,
            .policy,
            "5.7.9"
        ),
        Reply(
            "Yahoo Sender Hub",
            "5.0.0",
            "554 delivery error: dd Not a valid recipient - atlas123.mail.yahoo.com",
            .hard,
            .unknownUser,
            "5.0.0"
        ),
        Reply(
            "Yahoo Sender Hub",
            "5.0.0",
            "552 1 Requested mail action aborted, mailbox not found",
            .hard,
            .unknownUser,
            "5.0.0"
        ),
    ]

    private static let apple: [Reply] = [
        Reply(
            "Apple iCloud postmaster",
            "5.7.1",
            "554 5.7.1 [HM08] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137",
            .soft,
            .contentRefused,
            "5.7.1"
        ),
        Reply(
            "Apple iCloud postmaster",
            "5.1.1",
            "550 5.1.1 unknown or illegal alias: reader@icloud.com",
            .hard,
            .unknownUser,
            "5.1.1"
        ),
        Reply(
            "Apple iCloud postmaster",
            "5.2.2",
            "552 5.2.2 <reader@icloud.com>: user is over quota",
            .soft,
            .mailboxFull,
            "5.2.2"
        ),
    ]

    private static let others: [Reply] = [
        Reply(
            "Orange Postmaster",
            "5.1.1",
            "550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR_416 [416]",
            .hard,
            .unknownUser,
            "5.1.1"
        ),
        Reply(
            "Orange Postmaster",
            "5.1.1",
            "552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]",
            .soft,
            .mailboxFull,
            "5.1.1"
        ),
        Reply(
            "Orange Postmaster",
            "4.0.0",
            "421 mwinf5c04 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104 [104]",
            .soft,
            .tooMany,
            "4.0.0"
        ),
        Reply(
            "La Poste Postmaster",
            "5.5.0",
            "550 5.5.0 Boite du destinataire inconnue / unknown recipient. LPN007_416",
            .hard,
            .unknownUser,
            "5.5.0"
        ),
        Reply(
            "GMX Postmaster",
            "5.0.0",
            "550-Requested action not taken: mailbox unavailable 550 Quota exceeded",
            .soft,
            .mailboxFull,
            "5.0.0"
        ),
        Reply(
            "GMX Postmaster",
            "5.0.0",
            "554-Transaction failed 554-Reject due to policy restrictions.",
            .soft,
            .policy,
            "5.0.0"
        ),
        Reply(
            "Mail.ru postmaster",
            "5.0.0",
            "550 Message was not accepted -- invalid mailbox. Local mailbox reader@mail.ru is unavailable: user not found",
            .hard,
            .unknownUser,
            "5.0.0"
        ),
        Reply("Yandex postmaster", "5.7.1", "550 5.7.1 No such user!", .hard, .unknownUser, "5.7.1"),
        Reply(
            "Yandex postmaster",
            "5.7.1",
            "554 5.7.1 [1] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc",
            .soft,
            .contentRefused,
            "5.7.1"
        ),
        Reply(
            "Tencent error codes",
            "5.0.0",
            "550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000728",
            .hard,
            .unknownUser,
            "5.0.0"
        ),
        Reply(
            "NetEase error codes",
            "5.0.0",
            "554 DT:SPM 163 smtp10, please see http://mail.163.com/help/help_spam_16.htm",
            .soft,
            .contentRefused,
            "5.0.0"
        ),
        Reply(
            "Mimecast bounce codes",
            "5.0.0",
            "550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550",
            .hard,
            .unknownUser,
            "5.0.0"
        ),
        Reply(
            "Spamhaus",
            "5.7.1",
            "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
            .soft,
            .reputation,
            "5.7.1"
        ),
        Reply("Proofpoint", "5.0.0", "550 5.7.0 Local Policy Violation", .soft, .policy, "5.7.0"),
        Reply(
            "Comcast Postmaster",
            "5.1.0",
            "550 5.1.0 Sender rejected. Refer to the error codes section: BL000001",
            .soft,
            .reputation,
            "5.1.0",
            remote: "mx1.comcast.net"
        ),
        Reply(
            "SpamAssassin milter",
            "5.7.1",
            "550 5.7.1 Blocked by SpamAssassin",
            .soft,
            .contentRefused,
            "5.7.1"
        ),
        Reply(
            "ClamAV milter",
            "5.7.1",
            "554 5.7.1 virus Eicar-Test-Signature detected by ClamAV",
            .soft,
            .contentRefused,
            "5.7.1"
        ),
    ]

    /// A status that says one thing and words that say another; docs/bounce-rules.md, "When evidence disagrees".
    private static let contradictions: [Reply] = [
        Reply(
            "a lying 5.1.1",
            "5.1.1",
            "550 5.1.1 <reader@example.org>: mailbox full",
            .soft,
            .mailboxFull,
            "5.1.1"
        ),
        Reply("a lying 5.1.1", "5.1.1", "552 5.2.2 Over quota", .soft, .mailboxFull, "5.2.2"),
        Reply(
            "a lying 5.7.1",
            "5.7.1",
            "550 5.7.1 <reader@example.org>... User unknown",
            .hard,
            .unknownUser,
            "5.7.1"
        ),
        Reply("5.2.1 with a quota", "5.2.1", "550 5.2.1 Mailbox is over quota", .soft, .mailboxFull, "5.2.1"),
        Reply(
            "5.1.0 about the sender",
            "5.1.0",
            "550 5.1.0 192.0.2.222 is not allowed to send from <nashra.example> per its SPF Record",
            .soft,
            .notAuthenticated,
            "5.1.0"
        ),
        Reply(
            "5.5.0 with anything",
            "5.5.0",
            "550 5.5.0 Requested action not taken: mailbox unavailable, user does not exist",
            .hard,
            .unknownUser,
            "5.5.0"
        ),
        Reply(
            "a full box that is said to be unknown",
            "5.2.2",
            "552 5.2.2 user unknown or mailbox full",
            .soft,
            .mailboxFull,
            "5.2.2"
        ),
        Reply(
            "unknown for now",
            "4.1.1",
            "450 4.1.1 <reader@example.org>: Recipient address rejected: unverified address",
            .soft,
            .unknownUser,
            "4.1.1"
        ),
        Reply(
            "expired, and why",
            "4.4.7",
            "452 4.4.5 Insufficient disk space; try again later",
            .soft,
            .systemError,
            "4.4.5"
        ),
        Reply(
            "IronPort's wrapping",
            "5.0.0",
            "5.1.0 - Unknown address error 550-'5.7.1 <b@nashra.example>... Access denied' (delivery attempts: 0)",
            .soft,
            .policy,
            "5.7.1"
        ),
    ]
}
