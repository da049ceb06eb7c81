// SPDX-License-Identifier: Apache-2.0
//
// Returned mails for the engine's tests, a source that writes down what is asked of it, and a relay that only listens.
// Pure.
import NashraCore
import NashraKeys
import Synchronization

@testable import NashraEngine

/// Mails that come back.
enum Returned {
    /// A delivery status notification to an address.
    static func bounce(
        to address: String,
        status: String = "5.1.1",
        about: String = "a@example.org",
        more: String = ""
    )
        -> [UInt8]
    {
        Array(
            """
            Return-Path: <>
            From: MAILER-DAEMON@mx.example.org
            To: <\(address)>
            Subject: Undelivered Mail Returned to Sender
            MIME-Version: 1.0
            Content-Type: multipart/report; report-type=delivery-status; boundary="=_x"

            --=_x
            Content-Type: text/plain; charset=utf-8

            تعذر تسليم رسالتكم.
            --=_x
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mx.example.org

            Final-Recipient: rfc822; \(about)
            Action: failed
            Status: \(status)
            \(more)
            --=_x
            Content-Type: text/rfc822-headers

            From: bulletin@moi.example
            Message-ID: <other@moi.example>

            --=_x--

            """.utf8
        )
    }

    /// A letter.
    static func letter(
        to address: String = "bulletin@moi.example",
        answers: String? = nil,
        more: String = "",
        text: String = "شكرا لكم"
    ) -> [UInt8] {
        let reply = answers.map { "In-Reply-To: \($0)\n" } ?? ""
        return Array(
            """
            From: Sara <sara@example.org>
            To: <\(address)>
            Subject: =?utf-8?B?2LHYrw==?=
            Message-ID: <letter@example.org>
            \(reply)\(more)Content-Type: text/plain; charset=utf-8

            \(text)

            """.utf8
        )
    }
}

/// A source that hands out what it was given and remembers what became of it.
final class ScriptedSource: BounceSource {
    let name = "script"
    private var mails: [ReturnedMail]
    private(set) var done: [String] = []
    private(set) var aside: [String] = []
    /// What acknowledging does first.
    var onAcknowledge: () throws(UserError) -> Void = {}

    init(_ mails: [[UInt8]]) {
        self.mails = mails.enumerated().map { ReturnedMail(id: "\($0.offset)", bytes: $0.element) }
    }

    func next(limit: Int) throws(UserError) -> [ReturnedMail] {
        defer { mails.removeFirst(min(limit, mails.count)) }
        return Array(mails.prefix(limit))
    }

    func acknowledge(_ ids: [String]) throws(UserError) {
        try onAcknowledge()
        done += ids
    }

    func setAside(_ ids: [String]) throws(UserError) { aside += ids }
    func close() {}
}

/// A relay that keeps what it is given and answers as told.
final class ListeningRelay: MessageTransport {
    struct Taken: Sendable {
        let envelope: Envelope
        let message: [UInt8]
        var text: String { String(decoding: message, as: UTF8.self) }
    }

    let relay = "primary"
    private let state: Mutex<(taken: [Taken], answers: [TransferResult], isAway: Bool)>

    init(_ answers: [TransferResult] = [], isAway: Bool = false) { state = Mutex(([], answers, isAway)) }

    var taken: [Taken] { state.withLock { $0.taken } }

    func makeConnection() -> any RelayConnection { Connection(relay: self) }

    private final class Connection: RelayConnection {
        private let relay: ListeningRelay
        var isOpen = false
        let abort: @Sendable () -> Void = {}

        init(relay: ListeningRelay) { self.relay = relay }

        func open() throws(DeliveryFailure) {
            guard !relay.state.withLock({ $0.isAway }) else {
                throw DeliveryFailure(
                    stage: .connect,
                    scope: .connection,
                    remedy: .retry,
                    detail: "nobody there"
                )
            }
            isOpen = true
        }

        func transfer(_ envelope: Envelope, message: [UInt8], intent: () -> Bool) -> TransferResult {
            relay.state.withLock {
                $0.taken.append(Taken(envelope: envelope, message: message))
                return $0.answers.isEmpty
                    ? .accepted(SMTPReply(code: 250, text: "Ok")) : $0.answers.removeFirst()
            }
        }

        func close() { isOpen = false }
    }
}
