// SPDX-License-Identifier: Apache-2.0
//
// Returned messages in a Maildir, also while others deliver into it and read from it.
// Touches that Maildir and the folder beside it for what could not be read.
// Rules: https://cr.yp.to/proto/maildir.html; Maildir++ for the name of that folder.
import Glibc
public import NashraCore

/// The messages of a Maildir.
///
/// Handed out in the order of their names, which is the order of their arrival. A message that another reader moves or
/// deletes meanwhile is no error: the part of its name that never changes is its id.
public final class MaildirSource: BounceSource {
    /// `maildir PATH`.
    public let name: String
    /// For ``FolderWatch``.
    public var watchedFolders: [String] { parts }
    /// Where messages go that could not be read: a Maildir of its own, which IMAP servers show as a folder.
    public let asideFolder: String

    private let path: String
    private let done: AfterRecording
    private let parts: [String]
    private var waiting: ArraySlice<Place> = []
    private var handedOut: [String: Place] = [:]
    private var passedOver: Set<String> = []
    private var findings: [Diagnostic] = []

    /// How many names are read ahead.
    private static let namesAhead = 10_000
    /// How many bytes are handed out at once, unless a single message is larger.
    private static let bytesAtOnce = 32 << 20

    /// Where a message lies: its folder and its name there.
    private struct Place {
        var folder: String
        var file: String
        var path: String { "\(folder)/\(file)" }
    }

    /// Opens a Maildir.
    ///
    /// - Parameters:
    ///   - path: The folder that holds `new`, `cur` and `tmp`.
    ///   - done: What becomes of a message that was recorded. With ``AfterRecording/delete`` both `new/` and `cur/` are
    ///     read; with ``AfterRecording/keep`` only `new/`, so that what was read is not read again.
    /// - Throws: `noInput` when it is no Maildir.
    public init(path: String, done: AfterRecording = .delete) throws(UserError) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        for part in ["new", "cur"] where !Folder.isFolder("\(path)/\(part)") {
            throw UserError(
                .noInput,
                "\(path) is not a Maildir: it has no folder \(part)",
                remedy: "Name the folder that holds new, cur and tmp. An mbox file is read with --mbox."
            )
        }
        self.path = path
        self.done = done
        name = "maildir \(path)"
        parts = done == .delete ? ["\(path)/new", "\(path)/cur"] : ["\(path)/new"]
        asideFolder = Self.asideFolder(of: path)
    }

    /// In Maildir++ all folders lie side by side, and dots in their names make the hierarchy.
    private static func asideFolder(of path: String) -> String {
        let isSubfolder = Folder.has("\(path)/maildirfolder")
        return isSubfolder ? "\(path).Nashra.Unparsed" : "\(path)/.Nashra.Unparsed"
    }

    /// The next messages; see ``BounceSource/next(limit:)``.
    public func next(limit: Int) throws(UserError) -> [ReturnedMail] {
        var mails: [ReturnedMail] = []
        var size = 0
        // Once a call: a name that is listed and cannot be opened must not keep us looking for ever.
        var mayLook = true
        while mails.count < limit, size < Self.bytesAtOnce {
            if waiting.isEmpty, mayLook {
                try lookAgain()
                mayLook = false
            }
            guard let place = waiting.popFirst() else { break }
            guard let mail = read(place) else { continue }
            size += mail.bytes.count
            mails.append(mail)
        }
        return mails
    }

    /// Deletes, or marks as seen.
    ///
    /// Goes on after a failure and reports the first; what failed is not handed out again.
    public func acknowledge(_ ids: [String]) throws(UserError) {
        try finish(ids, synchronizing: done == .keep ? [path + "/cur", path + "/new"] : []) {
            (id, place) throws(SystemFailure) in
            switch done {
            case .delete: if unlink(place.path) != 0 { throw SystemFailure("delete", place.path) }
            case .keep: try Folder.move(place.path, to: "\(path)/cur/\(Self.seen(id))")
            }
        }
    }

    /// Moves messages to ``asideFolder``.
    public func setAside(_ ids: [String]) throws(UserError) {
        guard !ids.isEmpty else { return }
        do { try makeAsideFolder() } catch {
            throw error.asUserError()
        }
        try finish(ids, synchronizing: [asideFolder + "/new"] + parts) { (id, place) throws(SystemFailure) in
            try Folder.move(place.path, to: "\(asideFolder)/new/\(id)")
        }
    }

    /// Forgets what was handed out and not acknowledged: it comes again.
    public func close() {
        waiting = []
        handedOut = [:]
        passedOver = []
    }

    /// Files that could not be read.
    public func takeFindings() -> [Diagnostic] {
        defer { findings = [] }
        return findings
    }

    // MARK: Reading

    private func lookAgain() throws(UserError) {
        var found: [Place] = []
        for folder in parts where found.count < Self.namesAhead {
            do {
                let names = try Folder.names(in: folder, limit: Self.namesAhead - found.count) { name in
                    let id = Self.id(of: name)
                    return handedOut[id] == nil && !passedOver.contains(id) && !Self.isTrashed(name)
                }
                found += names.map { Place(folder: folder, file: $0) }
            } catch {
                throw error.asUserError()
            }
        }
        waiting = found[...]
    }

    /// `nil` when it is gone, when it was handed out under another name, or when it cannot be read; that is a finding.
    private func read(_ place: Place) -> ReturnedMail? {
        let id = Self.id(of: place.file)
        guard handedOut[id] == nil else { return nil }
        do {
            let file = try OpenFile.openMessage(place.path)
            let status = try file.status(place.path)
            guard status.st_mode & S_IFMT == S_IFREG else {
                return passOver(id, place, "is not a file")
            }
            let count = min(max(0, Int(status.st_size)), ReturnedMail.maximumBytes)
            let bytes = try OpenFile.read(file.descriptor, count: count, path: place.path)
            handedOut[id] = place
            return ReturnedMail(id: id, bytes: bytes)
        } catch {
            if error.isMissing {
                guard place.file.unicodeScalars.contains("\u{FFFD}") else { return nil }
                return passOver(id, place, "has a name that is not UTF-8")
            }
            return passOver(id, place, error.code == ELOOP ? "is a link" : "cannot be read: \(error)")
        }
    }

    private func passOver(_ id: String, _ place: Place, _ why: String) -> ReturnedMail? {
        passedOver.insert(id)
        findings.append(
            Diagnostic(
                .warning,
                file: place.path,
                "passed over: it \(why)",
                remedy: "Make it a file that the user who runs nashra may read, or remove it."
            )
        )
        return nil
    }

    // MARK: Finishing

    /// Does `act` for each message, where it lies now, and then syncs folders; all are tried, the first failure counts.
    private func finish(
        _ ids: [String],
        synchronizing folders: [String],
        act: (String, Place) throws(SystemFailure) -> Void
    ) throws(UserError) {
        var failure: SystemFailure?
        var moved: Set<String> = []
        for id in ids {
            guard let place = handedOut[id] else { continue }
            do {
                try act(id, place)
                handedOut[id] = nil
            } catch  where error.isMissing {
                moved.insert(id)
            } catch {
                failure = failure ?? error
            }
        }
        do {
            for (id, place) in try whereTheyWent(moved) { try act(id, place) }
            for id in moved { handedOut[id] = nil }
            for folder in folders { try Folder.synchronize(folder) }
        } catch {
            failure = failure ?? error
        }
        if let failure { throw failure.asUserError() }
    }

    /// Another reader has moved messages from new/ to cur/ or changed their flags; those not found were deleted.
    private func whereTheyWent(_ ids: Set<String>) throws(SystemFailure) -> [(String, Place)] {
        guard !ids.isEmpty, done == .delete else { return [] }
        var found: [(String, Place)] = []
        for folder in parts {
            let names = try Folder.names(in: folder, limit: ids.count) { ids.contains(Self.id(of: $0)) }
            found += names.map { (Self.id(of: $0), Place(folder: folder, file: $0)) }
        }
        return found
    }

    private func makeAsideFolder() throws(SystemFailure) {
        guard try Folder.make(asideFolder) || !Folder.isFolder(asideFolder + "/new") else { return }
        for part in ["tmp", "new", "cur"] { try Folder.make("\(asideFolder)/\(part)") }
        // Maildir++: this empty file says that the Maildir is a folder of another one.
        _ = try OpenFile.open("\(asideFolder)/maildirfolder", O_WRONLY | O_CREAT)
        try Folder.synchronize(asideFolder)
        try Folder.synchronize(path)
    }

    // MARK: Names

    /// The part of a name that never changes.
    private static func id(of file: String) -> String {
        guard let colon = file.utf8.firstIndex(of: UInt8(ascii: ":")) else { return file }
        return String(file[..<colon])
    }

    private static func isTrashed(_ file: String) -> Bool {
        let info = file.utf8.dropFirst(id(of: file).utf8.count)
        return info.starts(with: ":2,".utf8) && info.contains(UInt8(ascii: "T"))
    }

    private static func seen(_ id: String) -> String { "\(id):2,S" }
}
