// SPDX-License-Identifier: Apache-2.0
//
// Returned mail as a use case: which ways it comes in by, what is made of it, what is sent because of it.
// Puts configuration, policy, mailboxes, classifier, keys, store and relay together; decides nothing that they decide.
import NashraBounce
import NashraBulletins
import NashraConfig
public import NashraCore
public import NashraEngine
import NashraKeys
import NashraMailbox
public import NashraStore

/// A way by which returned mail comes in.
public enum BounceWay: Sendable, Hashable {
    /// One message on standard input.
    case standardInput(recipient: String?)
    /// A Maildir; `keeps` leaves what was recorded there.
    case maildir(String, keeps: Bool)
    /// An mbox file.
    case mbox(String, keeps: Bool)
    /// A mailbox on a server, by its address; `nil` for the configured one.
    case mailbox(String?)
    /// What a pipe or LMTP has put into the spool.
    case spool
}

/// Where returned mail is taken in.
public struct BounceDesk {
    /// The open store.
    public let store: Store
    /// The rules by which bounces act.
    public let policy: BouncePolicy
    let application: Application
    private let keyring: Keyring

    /// Opens the store, the keys and the policy of a workspace.
    public init(_ application: Application) throws(UserError) {
        self.application = application
        policy = try BouncePolicyFile.require(application.workspace)
        keyring = try application.keyring()
        store = try application.openStore()
    }

    // MARK: Ways in

    /// The ways that the configuration names; the spool is always one.
    public var configuredWays: [BounceWay] {
        let bounces = application.configuration.bounces
        var ways: [BounceWay] = [.spool]
        if let maildir = bounces.maildir {
            ways.append(.maildir(application.workspace.path(maildir), keeps: false))
        }
        if bounces.mailbox.url != nil { ways.append(.mailbox(nil)) }
        return ways
    }

    /// Opens a way in; it connects to nobody yet.
    ///
    /// - Throws: `noInput`, `configuration`, `tryAgain`: what stands in the way.
    public func source(_ way: BounceWay) throws(UserError) -> any BounceSource {
        let source = try bareSource(way)
        switch way {
        case .standardInput, .spool: return source
        case .maildir, .mbox, .mailbox:
            return try GuardedSource.guarding(source, in: application.workspace.path("var/attempts"))
        }
    }

    private func bareSource(_ way: BounceWay) throws(UserError) -> any BounceSource {
        switch way {
        case .standardInput(let recipient): return StandardInputSource(recipient: recipient)
        case .maildir(let path, let keeps):
            return try MaildirSource(path: path, done: keeps ? .keep : .delete)
        case .mbox(let path, let keeps): return try MboxSource(path: path, done: keeps ? .keep : .delete)
        case .spool: return try SpoolSource(try application.spool())
        case .mailbox(let url):
            let access = try application.mailboxAccess(url)
            return try access.url.isPOP3 ? POP3Source(access) : IMAPSource(.init(access: access))
        }
    }

    /// The folders in which mail of a source arrives, to be watched; empty for one that is not a folder.
    public static func watchedFolders(_ source: any BounceSource) -> [String] {
        let source = (source as? GuardedSource)?.base ?? source
        return (source as? MaildirSource)?.watchedFolders ?? (source as? SpoolSource)?.watchedFolders ?? []
    }

    // MARK: Work

    /// Says what a message means and whose it is.
    public func reader() -> ReturnReader {
        ReturnReader(
            classifier: BounceClassifier(),
            keyring: keyring,
            unsubscribeMailbox: application.configuration.unsubscribe.mailbox,
            confirmationMailbox: application.configuration.subscribe.mailbox
        )
    }

    /// Takes in what waits; see ``BouncePipeline/run(_:stop:into:onBatch:)``.
    public func pipeline() -> BouncePipeline {
        BouncePipeline(
            store: store,
            reader: reader(),
            policy: policy,
            actor: application.actor,
            logger: application.logger(),
            issuer: { delivery throws(UserError) in try issuer(of: delivery) }
        )
    }

    /// Takes in what waits at one place, until there is no more.
    ///
    /// - Parameters:
    ///   - source: Where it waits; it is not closed.
    ///   - stop: Ends the run after the batch under way.
    ///   - summary: What came.
    ///   - onBatch: Called after every batch.
    /// - Throws: What the source or the store says; nothing is lost.
    public func ingest(
        _ source: any BounceSource,
        stop: StopSignal,
        into summary: inout IngestSummary,
        onBatch: (IngestSummary) -> Void = { _ in }
    ) throws(UserError) {
        try pipeline().run(source, stop: stop, into: &summary, onBatch: onBatch)
    }

    /// Sends the probes and replies that are due.
    public func sendOutbox(stop: StopSignal) throws(UserError) -> OutboxService.Summary {
        try application.sendOutbox(store: store, keyring: keyring, policy: policy, stop: stop)
    }

    /// The address of the issuer of the bulletin that a delivery was of, by the configuration.
    private func issuer(of delivery: DeliveryID) throws(UserError) -> EmailAddress? {
        switch application.configuration.bounces.forwarding {
        case .none: return nil
        case .address(let address): return address
        case .issuer:
            guard let place = try store.place(of: delivery) else { return nil }
            return application.issuer(ofBulletin: place.bulletin)
        }
    }
}

extension Application {
    /// The spool of this workspace.
    func spool() throws(UserError) -> Spool {
        try Spool(path: workspace.path(configuration.bounces.spool))
    }

    /// Takes one message from a mail system's pipe into the spool; see `PipeDelivery`.
    ///
    /// - Returns: The exit status, 0 or 75, and what to say on standard output.
    public static func takeFromPipe(
        directory: String?,
        recipient: String?,
        environment: [String: String],
        clock: any WallClock
    ) -> (status: Int32, text: String) {
        let answer: PipeDelivery.Answer
        do throws(UserError) {
            let application = try open(directory: directory, environment: environment, clock: clock)
            answer = PipeDelivery.run(
                spool: application.workspace.path(application.configuration.bounces.spool),
                recipient: recipient,
                environment: environment
            )
        } catch {
            answer = .later(error.message)
        }
        return (answer.status, answer.text)
    }

    /// What a mail system is told when it cannot be served at all.
    public static func pipeFailure(_ why: String) -> (status: Int32, text: String) {
        let answer = PipeDelivery.Answer.later(why)
        return (answer.status, answer.text)
    }

    /// The mailbox on a server: the address that was typed or configured, and the configured login.
    func mailboxAccess(_ typed: String?) throws(UserError) -> MailboxAccess {
        let mailbox = configuration.bounces.mailbox
        guard let text = typed ?? mailbox.url else {
            throw UserError(
                .configuration,
                "No mailbox is configured.",
                remedy: "Set bounces.mailbox.url in config/nashra.yaml, or name one with --imap or --pop3."
            )
        }
        let url: MailboxURL
        do throws(UserError) {
            url = try MailboxURL(text)
        } catch {
            guard typed == nil else { throw error }
            throw UserError(.configuration, "bounces.mailbox.url: \(error.message)", remedy: error.remedy)
        }
        guard let secret = mailbox.secret else {
            throw UserError(
                .configuration,
                "There is no password for \(url).",
                remedy: "Set bounces.mailbox.password_file, or the variable NASHRA_BOUNCES_MAILBOX_PASSWORD."
            )
        }
        var access = try MailboxAccess(
            url: url,
            // A user in the address that was typed goes before the configured one.
            user: typed != nil && url.user != nil ? url.user : mailbox.user,
            login: mailbox.mechanism == .xoauth2 ? .token(secret) : .password(secret)
        )
        access.caFile = mailbox.caFile
        return access
    }

    /// The contact of a bulletin's issuer, when the bulletin is still there and names an address.
    func issuer(ofBulletin number: String) -> EmailAddress? {
        guard let folder = try? BulletinFolder.find(number, in: workspace.bulletins),
            let contact = BulletinFolder.read(folder).bulletin?.metadata.contact
        else { return nil }
        return try? EmailAddress.parse(contact)
    }

    /// Sends the probes and replies that are due, over the workspace's relay.
    func sendOutbox(
        store: Store,
        keyring: Keyring,
        policy: BouncePolicy,
        stop: StopSignal
    ) throws(UserError) -> OutboxService.Summary {
        // Nobody is connected to when there is nothing to say.
        guard let next = try store.outboxCounts().nextAt, next <= clock.now() else {
            return OutboxService.Summary()
        }
        return try OutboxService(
            store: store,
            transport: transport(),
            keyring: keyring,
            clock: clock,
            schedule: configuration.sending.retry,
            policy: policy,
            actor: actor,
            logger: logger(),
            confirmations: confirmationSettings
        ).run(stop: stop)
    }
}

extension MailboxURL {
    fileprivate var isPOP3: Bool { scheme == .pop3 || scheme == .pop3s }
}
