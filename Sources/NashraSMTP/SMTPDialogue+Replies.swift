// SPDX-License-Identifier: Apache-2.0
//
// What each reply means where the dialogue stands.
// Pure; part of SMTPDialogue. Rules: RFC 5321 sections 3.3 and 4.3.2, RFC 2920 section 3.1.
import NashraCore

extension SMTPDialogue {
    /// One complete reply.
    mutating func handle(_ raw: ReplyReader.Raw) {
        switch phase {
        case .hello: handleHello(raw)
        case .commands: handleCommand(raw)
        case .loneDot:
            // Whatever it says: nobody was to get that message, and the recipient stays refused.
            guard let refusal else { return end(.failed(failure(.data, raw))) }
            needsReset = false
            raw.code == 421 ? end(.failed(refusal)) : settle(.failed(refusal))
        case .body, .intent, .ending: end(.failed(failure(unendedStage, raw)))
        case .verdict: handleVerdict(raw)
        case .quit: (phase, action) = (.closed, .rest)
        case .idle, .closed: break
        }
    }

    private mutating func handleHello(_ raw: ReplyReader.Raw) {
        guard (200..<300).contains(raw.code) else { return end(.failed(failure(.ehlo, raw))) }
        offer = RelayOffer(lines: reader.texts(raw))
        awaited.removeAll(keepingCapacity: true)
        (phase, action) = (.idle, .rest)
    }

    private mutating func handleCommand(_ raw: ReplyReader.Raw) {
        let stage = awaited.removeFirst()
        if raw.code == 421 { return end(.failed(refusal ?? failure(stage, raw))) }
        let isPositive = (200..<300).contains(raw.code)
        switch stage {
        case .rset:
            guard isPositive else { return end(.failed(failure(stage, raw))) }
            needsReset = false
        case .mail where isPositive: mailTaken = true
        case .rcpt where isPositive: rcptTaken = true
        case .mail, .rcpt:
            guard raw.code >= 400 else { return end(.failed(refusal ?? failure(stage, raw))) }
            if refusal == nil { refusal = failure(stage, raw) }
        default: return handleData(raw)
        }
        if let next = awaited.first {
            action = .read(next)
        } else if let refusal {
            needsReset = mailTaken
            settle(.failed(refusal))
        } else {
            sendCommands()
        }
    }

    /// DATA left together with MAIL and RCPT, so it may be answered although one of them was refused.
    private mutating func handleData(_ raw: ReplyReader.Raw) {
        guard let refusal else {
            if raw.code == 354 {
                (phase, action) = bodyIsLarge ? (.body, .write(.body)) : (.intent, .askIntent)
            } else if raw.code >= 400 {
                needsReset = true
                settle(.failed(failure(.data, raw)))
            } else {
                end(.failed(failure(.data, raw)))
            }
            return
        }
        if raw.code >= 400 {
            needsReset = mailTaken
            settle(.failed(refusal))
        } else if raw.code == 354, !rcptTaken {
            commands.removeAll(keepingCapacity: true)
            commands.append(contentsOf: [0x2E, 0x0D, 0x0A])
            (phase, action) = (.loneDot, .write(.commands))
        } else {
            // A lone dot would send an empty message to a recipient that was taken; no dot, no message.
            end(.failed(refusal))
        }
    }

    private mutating func handleVerdict(_ raw: ReplyReader.Raw) {
        if (200..<300).contains(raw.code) {
            settle(.accepted(reader.reply(raw)))
        } else if raw.code >= 400, raw.code != 421 {
            settle(.failed(failure(.afterDot, raw)))
        } else {
            end(.failed(failure(.afterDot, raw)))
        }
    }

    /// The server spoke although nothing was asked: mostly a 421 that waited in the socket.
    mutating func outOfTurn() {
        var reply: SMTPReply?
        if let raw = try? reader.next() { reply = reader.reply(raw) }
        let verdict = FailureMap.Verdict.connection
        end(
            .failed(
                DeliveryFailure(
                    stage: .mail,
                    scope: verdict.scope,
                    remedy: verdict.remedy,
                    reply: reply,
                    detail: reply?.code == 421
                        ? "the relay closed the connection while it was idle" : "the relay spoke out of turn"
                )
            )
        )
    }

    private func failure(_ stage: SMTPStage, _ raw: ReplyReader.Raw) -> DeliveryFailure {
        FailureMap.failure(stage, reader.reply(raw))
    }
}
