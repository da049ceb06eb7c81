// SPDX-License-Identifier: Apache-2.0
//
// Why the store failed: how far it reaches, and what a person can do about it.
// Pure. Rules: SQLite's result codes (sqlite.org/rescode.html); after a failed sync nothing is assumed about the file.
import GRDB
public import NashraCore

/// A failure of the store.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What failed.
    public enum Scope: String, Sendable, Hashable, CaseIterable {
        /// No space is left.
        case full
        /// The disk, or what stands between, failed.
        case inputOutput
        /// The file is damaged, or is no store.
        case corrupt
        /// Another process writes, for longer than we wait.
        case locked
        /// We may not read or write it.
        case permission
        /// What was asked for is wrong, and a person can mend it.
        case request
        /// Our own fault.
        case bug
    }

    /// What failed.
    public let scope: Scope
    /// The error for the person at the keyboard.
    public let userError: UserError

    /// The error for people, in words.
    public var description: String { userError.description }

    /// Reads any error that a call of the store ended with.
    init(_ error: any Error, path: String) {
        switch error {
        case let own as StoreError: self = own
        case let told as UserError:
            self.init(scope: told.status == .bug ? .bug : .request, userError: told)
        case let failure as DatabaseError: self.init(failure, path: path)
        default:
            self.init(
                scope: .bug,
                userError: UserError(
                    .bug,
                    "the store \(path) failed: \(error)",
                    remedy: "Please report this."
                )
            )
        }
    }

    private init(scope: Scope, userError: UserError) {
        self.scope = scope
        self.userError = userError
    }

    private init(_ failure: DatabaseError, path: String) {
        let words = failure.message ?? failure.resultCode.description
        switch failure.resultCode.primaryResultCode {
        case .SQLITE_FULL:
            scope = .full
            userError = UserError(
                .inputOutput,
                "no space is left for the store \(path)",
                remedy: "Make room on that disk; nothing is lost, and the same command goes on."
            )
        case .SQLITE_IOERR:
            scope = .inputOutput
            userError = UserError(
                .inputOutput,
                "reading or writing the store \(path) failed: \(words)",
                remedy: "Check the disk and the system's log before trying again."
            )
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            scope = .corrupt
            userError = Self.damaged(path: path, words)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            scope = .locked
            userError = UserError(
                .tryAgain,
                "another process is writing to the store \(path)",
                remedy: "Try again in a while."
            )
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            scope = .permission
            userError = UserError(
                .cannotCreate,
                "the store \(path) cannot be opened or written: \(words)",
                remedy: "Check that its folder exists and belongs to the user who runs nashra."
            )
        default:
            scope = .bug
            userError = UserError(
                .bug,
                "the store \(path) failed: \(words) (\(failure.extendedResultCode.rawValue))",
                remedy: "Please report this."
            )
        }
    }

    /// The error for a damaged file.
    static func damaged(path: String, _ words: String) -> UserError {
        UserError(
            .inputOutput,
            "the store \(path) is damaged: \(words)",
            remedy: "Keep a copy of it and of \(path)-wal, then restore the last backup."
        )
    }
}
