// SPDX-License-Identifier: Apache-2.0
//
// One person as another system tells it, before anything is checked; and who reads one of its files.
// Pure values.
import NashraCore
import NashraStore

/// One person as a file tells it.
struct ForeignPerson {
    /// How the person stands to one list.
    struct Membership {
        /// The list's name in the other system.
        var list: String
        var state: ImportMembership.State = .active
        var consentAt: Timestamp?
        var endedReason: String?
        var endedAt: Timestamp?
        var frequency: ImportMembership.Frequency = .immediate
        var pausedFrom: Timestamp?
        var pausedUntil: Timestamp?
    }

    var address: String
    var name: String = ""
    var language: String = ""
    var attributes: [(name: String, text: String)] = []
    var createdAt: Timestamp?
    var state: Subscriber.State?
    var memberships: [Membership] = []
    var suppression: ImportSuppression?
}

/// What one look into a file found.
enum ForeignStep {
    case person(ForeignPerson, line: Int)
    case refused(line: Int, reason: String, fields: [String])
    /// Something that is no person to import, such as an owner of a list: passed over, for a reason that is counted.
    case passedOver(reason: String)
    case cutOff(line: Int, reason: String)
    case end
}

/// Reads one file of another system.
protocol ForeignFile: AnyObject {
    /// What it is, in words.
    var kind: String { get }
    /// What a reader should know, and of how many people it is true.
    var notes: [String: Int] { get }
    func next() throws(UserError) -> ForeignStep
}

extension ForeignFile {
    var notes: [String: Int] { [:] }
}

/// How the files of one run are to be read.
struct MigrationContext {
    let system: MigrationSystem
    /// Now: since when somebody is paused of whom the other system does not say it.
    let now: Timestamp
    /// The names of lists that the user said something about.
    let knownLists: Set<String>

    /// Why a file is none of this system's.
    func unknown(_ path: String, _ found: String) -> UserError {
        UserError(.badData, "\(path): \(found); this is no export of \(system.title)", remedy: system.advice)
    }
}
