// SPDX-License-Identifier: Apache-2.0
//
// Plays a transcript against the dialogue and writes down what really happened, in the same form.
// Pure. C: what we write, S: what the server says, I: the answer of the intent, X: how the connection ends,
// T: a transaction begins (to whom), = what came out and whether the connection is still open.
import NashraCore
import Testing

@testable import NashraSMTP

/// A transcript and the way to replay it.
struct Replay {
    var ehloName = "sender.example"
    var sender = "b+k4@bounces.example"
    /// Size, whether it is 7-bit, whether it is large: what the dialogue knows of a message.
    var size = 900
    var isSevenBit = true
    var isLarge = false

    /// Replays `transcript`; the server's bytes arrive in pieces of `piece` bytes, the first one of `first` bytes.
    func run(_ transcript: String, first: Int = .max, piece: Int = .max) throws -> String {
        var player = Player(
            lines: transcript.split(separator: "\n").map(String.init),
            first: first,
            piece: piece
        )
        player.dialogue.start(ehloName: ehloName)
        player.play()
        while let line = player.next(), line.hasPrefix("T: ") || line.hasPrefix("S: ") {
            if line.hasPrefix("S: ") {
                player.feed()
            } else {
                player.take()
                player.drain()
                guard player.dialogue.isUsable else {
                    player.play()
                    continue
                }
                player.dialogue.begin(
                    Envelope(sender: sender, recipient: try EmailAddress.parse(String(line.dropFirst(3)))),
                    size: size,
                    isSevenBit: isSevenBit,
                    isLarge: isLarge
                )
            }
            player.play()
        }
        return player.seen.joined(separator: "\n")
    }
}

private struct Player {
    var lines: [String]
    var first: Int
    var piece: Int
    var cursor = 0
    var seen: [String] = []
    var dialogue = SMTPDialogue()
    /// Bytes that the server said and nobody read yet.
    var socket: ArraySlice<UInt8> = []

    func next() -> String? { cursor < lines.count ? lines[cursor] : nil }

    mutating func take() {
        seen.append(lines[cursor])
        cursor += 1
    }

    mutating func play() {
        for _ in 0..<1000 {
            switch dialogue.action {
            case .rest: return
            case .finish(let result):
                seen.append("= \(describe(result)) (\(dialogue.isUsable ? "open" : "closed"))")
                skip("= ")
                return
            case .write(let piece): write(piece)
            case .askIntent:
                dialogue.answerIntent(next() == "I: granted")
                if next()?.hasPrefix("I: ") == true { take() }
            case .read: read()
            }
        }
        seen.append("! it never ends")
    }

    private mutating func write(_ piece: SMTPDialogue.Piece) {
        switch piece {
        case .commands:
            let text = String(decoding: dialogue.commands, as: UTF8.self)
            seen += text.split(separator: "\r\n").map { "C: \($0)" }
        case .body: seen.append("C: <body>")
        case .bodyAndDot: seen.append("C: <body and dot>")
        case .dot: seen.append("C: <dot>")
        }
        skip("C: ")
        if piece == .body, next()?.hasPrefix("S: ") == true { return feed() }
        if let line = next(), line.hasPrefix("X: dot") {
            take()
            return dialogue.lose(.lost, dotIsOut: true)
        }
        if piece != .commands, let line = next(), line.hasPrefix("X: early") {
            take()
            return dialogue.lose(.lost)
        }
        dialogue.wrote()
    }

    private mutating func read() {
        if socket.isEmpty, let line = next(), line.hasPrefix("X: ") {
            take()
            return dialogue.lose(line == "X: silence" ? .timedOut : .lost)
        }
        feed()
    }

    /// Gives the dialogue what the server says here, as long as it listens.
    mutating func feed() {
        while let line = next(), line.hasPrefix("S: ") {
            socket += Array(line.dropFirst(3).utf8) + [0x0D, 0x0A]
            take()
        }
        guard !socket.isEmpty else {
            return dialogue.lose(.lost, cause: "the transcript has nothing to read here")
        }
        let start = dialogue.action
        while !socket.isEmpty {
            let part = socket.prefix(max(1, first))
            socket = socket.dropFirst(part.count)
            first = piece
            dialogue.receive(part)
            if case .read = dialogue.action { continue }
            if dialogue.action != start { return }
        }
    }

    /// What the driver does before a transaction: looks whether something waits in the socket.
    mutating func drain() {
        if !socket.isEmpty { dialogue.receive(socket) }
        socket = []
    }

    private mutating func skip(_ prefix: String) {
        while let line = next(), line.hasPrefix(prefix) { cursor += 1 }
    }

    private func describe(_ result: TransferResult) -> String {
        switch result {
        case .accepted(let reply): "accepted \(reply)"
        case .failed(let failure): failure.label + (failure.reply.map { " \($0)" } ?? "")
        case .withdrawn: "withdrawn"
        }
    }
}

/// Replays `transcript` whole, cut at every byte of the server's, and byte by byte; each time it must come out the same.
func expect(
    _ transcript: String,
    with replay: Replay = Replay(),
    location: SourceLocation = #_sourceLocation
) throws {
    #expect(try replay.run(transcript) == transcript, sourceLocation: location)
    let length = transcript.utf8.count
    for cut in 1..<length {
        #expect(
            try replay.run(transcript, first: cut) == transcript,
            "cut at \(cut)",
            sourceLocation: location
        )
    }
    #expect(
        try replay.run(transcript, first: 1, piece: 1) == transcript,
        "byte by byte",
        sourceLocation: location
    )
}

/// A relay that offers what most do.
let hello = """
    C: EHLO sender.example
    S: 250-relay.example at your service
    S: 250-PIPELINING
    S: 250-SIZE 1000000
    S: 250-8BITMIME
    S: 250-ENHANCEDSTATUSCODES
    S: 250 SMTPUTF8

    """

/// A relay that offers nothing.
let plainHello = """
    C: EHLO sender.example
    S: 250 relay.example

    """
