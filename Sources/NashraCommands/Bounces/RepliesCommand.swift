// SPDX-License-Identifier: Apache-2.0
//
// `nashra replies`: what people wrote back.
import ArgumentParser
import Foundation
import NashraApp
import NashraCore
import NashraStore

struct RepliesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replies",
        abstract: "What people wrote back; no machine ever answers them.",
        subcommands: [List.self, Show.self, Export.self]
    )

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Replies, newest first.")

        @OptionGroup var global: GlobalOptions
        @Option(help: "Only those to this campaign.") var campaign: String?
        @Option(help: "At most so many.") var limit = 100
        @Option(help: ArgumentHelp("Only those before this number, for the next page.", valueName: "number"))
        var before: Int64?

        func validate() throws { try LimitArgument.check(limit) }

        func run() throws {
            let found = try global.open().openStoreForReading().replies(
                campaign: campaign.map(CampaignName.init),
                before: before.map(ReturnedID.init),
                limit: limit
            )
            let list = ReplyList(replies: found.map(ReplyLine.init))
            try global.console.result(list, format: global.format, rows: { list.rows }) {
                list.replies.isEmpty
                    ? "Nobody wrote back." : Table(list.rows[0], Array(list.rows.dropFirst())).text
            }
            if found.count == limit, let last = found.last {
                global.console.note("There may be more: --before \(last.id.rawValue)")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "One reply, byte for byte as it came; with --format json what is known about it."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The reply's number.") var reply: Int64

        func run() throws {
            let (found, bytes) = try global.open().reply(reply)
            guard global.format == .table else {
                return try global.console.result(ReplyShown(reply: ReplyLine(found)), format: global.format) {
                    ""
                }
            }
            guard Console.outIsTerminal else { return try StreamWriter.writeResult(bytes) }
            try global.console.write(String(decoding: bytes, as: UTF8.self))
        }
    }

    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replies as .eml files in a folder, one each; files that are there stay as they are."
        )

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The folder; made when it is missing.") var folder: String
        @Option(help: "Only those to this campaign.") var campaign: String?

        func run() throws {
            let application = try global.open()
            let store = try application.openStoreForReading()
            try makeFolder()
            var last: ReturnedID?
            var written = 0
            while true {
                let page = try store.replies(
                    campaign: campaign.map(CampaignName.init),
                    before: last,
                    limit: 100
                )
                for reply in page {
                    guard let bytes = try store.returnedBytes(reply.id) else { continue }
                    if try write(bytes, "reply-\(reply.id.rawValue).eml") { written += 1 }
                }
                last = page.last?.id
                if page.count < 100 { break }
            }
            global.console.note("\(written) written to \(folder).")
        }

        private func makeFolder() throws {
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw UserError(.cannotCreate, "\(folder) cannot be made: \(error.localizedDescription)")
            }
        }

        private func write(_ bytes: [UInt8], _ name: String) throws -> Bool {
            let path = "\(folder)/\(name)"
            guard access(path, F_OK) != 0 else { return false }
            do {
                try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
            } catch {
                throw UserError(.cannotCreate, "\(path) cannot be written: \(error.localizedDescription)")
            }
            return true
        }
    }
}

private struct ReplyList: Encodable {
    let schema = "nashra.replies.v1"
    let replies: [ReplyLine]

    var rows: [[String]] {
        [["number", "received", "campaign", "bulletin", "from", "subject", "forwarded"]]
            + replies.map {
                [
                    String($0.number), $0.received, $0.campaign, $0.bulletin, $0.from ?? "", $0.subject,
                    $0.forwarding + ($0.forwardTo.map { " to \($0)" } ?? ""),
                ]
            }
    }
}

private struct ReplyShown: Encodable {
    let schema = "nashra.reply.v1"
    let reply: ReplyLine
}

private struct ReplyLine: Encodable {
    let number: Int64
    let received: String
    let campaign: String
    let bulletin: String
    let address: String
    let from: String?
    let subject: String
    let forwardTo: String?
    let forwarding: String
    let forwarded: String?

    enum CodingKeys: String, CodingKey {
        case number, received, campaign, bulletin, address, from, subject
        case forwardTo = "forward_to"
        case forwarding, forwarded
    }

    init(_ reply: Reply) {
        number = reply.id.rawValue
        received = reply.receivedAt.iso8601
        campaign = reply.campaign.rawValue
        bulletin = reply.bulletin
        address = reply.address
        from = reply.sender
        subject = reply.subject
        forwardTo = reply.forwardTo
        forwarding = reply.forwarding.rawValue
        forwarded = reply.forwardedAt?.iso8601
    }
}
