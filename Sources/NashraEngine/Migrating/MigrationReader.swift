// SPDX-License-Identifier: Apache-2.0
//
// The people of another system, out of its exports: read once to tell what there is, and once to import it.
// Reads the files it is given. Rules: docs/moving-in.md.
public import NashraCore
public import NashraStore

/// Gives the people of another system's exports, checked as every import's are.
///
/// One person may come several times, with one list each or out of several files: ``ImportRow/merged(with:)``.
public final class MigrationReader: PersonReader {
    /// What the files hold.
    public let overview: MigrationOverview

    private let context: MigrationContext
    private let check: ForeignCheck
    private let paths: [String]
    private let topics: [String: String]
    private var remaining: ArraySlice<String>
    private var file: (any ForeignFile)?

    /// Opens exports and looks through them.
    ///
    /// - Parameters:
    ///   - system: The system that they come from.
    ///   - files: Their paths.
    ///   - topics: For a list's name there, the topic that it becomes here; others become a name made of theirs.
    ///   - schema: The types of attributes.
    ///   - now: The time, for those whose mail is off without a date.
    /// - Returns: A reader at the first person.
    /// - Throws: `badData` for a file that is no export of the system, with how to make one.
    public static func open(
        _ system: MigrationSystem,
        files: [String],
        topics: [String: String] = [:],
        schema: AttributeSchema = .none,
        now: Timestamp
    ) throws(UserError) -> MigrationReader {
        let context = MigrationContext(system: system, now: now, knownLists: Set(topics.keys))
        var names = TopicNames(chosen: topics)
        var survey = MigrationSurvey()
        for path in files {
            let file = try Self.file(path, context)
            try survey.look(through: file, path: path, &names)
        }
        return MigrationReader(context, schema, files, survey)
    }

    private init(
        _ context: MigrationContext,
        _ schema: AttributeSchema,
        _ files: [String],
        _ survey: MigrationSurvey
    ) {
        self.context = context
        check = ForeignCheck(schema: schema)
        paths = files
        remaining = files[...]
        overview = survey.overview(context.system)
        topics = Dictionary(overview.lists.map { ($0.name, $0.topic) }) { first, _ in first }
    }

    /// Address, name and list.
    public var header: [String] { ["address", "name", "lists"] }

    /// Always.
    public var mergesRows: Bool { true }

    /// Address, name and topics.
    public func fields(of row: ImportRow) -> [String] {
        [row.address.text, row.name ?? "", row.memberships.map(\.topic).joined(separator: " ")]
    }

    /// Reads on, through all files.
    public func next() throws(UserError) -> PersonStep {
        while true {
            if file == nil { file = try nextFile() }
            guard let current = file else { return .end }
            switch try current.next() {
            case .end: file = nil
            case .passedOver: continue
            case .cutOff(let line, let reason):
                (file, remaining) = (nil, [])
                return .cutOff(line: line, reason: reason)
            case .refused(let line, let reason, let fields):
                return .refused(line: line, reason: named(reason), fields: fields)
            case .person(let person, let line): return try step(person, line)
            }
        }
    }

    private func step(_ person: ForeignPerson, _ line: Int) throws(UserError) -> PersonStep {
        for membership in person.memberships where topics[membership.list] == nil {
            throw UserError(
                .tryAgain,
                "The exports changed while they were read: there is a new list, “\(membership.list)”.",
                remedy: "Import again when nobody writes the files any more."
            )
        }
        do throws(RowCheck.Refusal) {
            return .person(try check.row(person, topics), line: line)
        } catch {
            let lists = person.memberships.map(\.list).joined(separator: " ")
            return .refused(
                line: line,
                reason: named(error.reason),
                fields: [person.address, person.name, lists]
            )
        }
    }

    /// With several files a line alone says too little.
    private func named(_ reason: String) -> String {
        guard paths.count > 1, let path = paths.dropLast(remaining.count).last else { return reason }
        return "\(path): \(reason)"
    }

    private func nextFile() throws(UserError) -> (any ForeignFile)? {
        guard let path = remaining.popFirst() else { return nil }
        return try Self.file(path, context)
    }

    private static func file(_ path: String, _ context: MigrationContext) throws(UserError) -> any ForeignFile
    {
        switch context.system {
        case .listmonk: try ListmonkFile.open(path, context)
        case .mailman: try MailmanFile.open(path, context)
        case .phplist: try PhplistFile.open(path, context)
        case .sympa: try SympaFile.open(path, context)
        }
    }
}

/// What the first look through the files counts.
private struct MigrationSurvey {
    private var files: [MigrationOverview.File] = []
    private var lists: [MigrationOverview.List] = []
    private var places: [String: Int] = [:]
    private var suppressed = 0
    private var notes: [String: Int] = [:]

    mutating func look(through file: any ForeignFile, path: String, _ names: inout TopicNames)
        throws(UserError)
    {
        var entry = MigrationOverview.File(path: path, kind: file.kind, people: 0, refused: 0)
        reading: while true {
            switch try file.next() {
            case .end, .cutOff: break reading
            case .refused: entry.refused += 1
            case .passedOver(let reason): notes["\(reason) were passed over", default: 0] += 1
            case .person(let person, _):
                entry.people += 1
                count(person, &names)
            }
        }
        files.append(entry)
        notes.merge(file.notes) { $0 + $1 }
    }

    private mutating func count(_ person: ForeignPerson, _ names: inout TopicNames) {
        if person.suppression != nil { suppressed += 1 }
        for membership in person.memberships {
            let place = places[membership.list] ?? lists.count
            if place == lists.count {
                places[membership.list] = place
                let topic = names.topic(of: membership.list)
                lists.append(
                    MigrationOverview.List(
                        name: membership.list,
                        topic: topic,
                        active: 0,
                        pending: 0,
                        ended: 0
                    )
                )
            }
            switch membership.state {
            case .active: lists[place].active += 1
            case .pending: lists[place].pending += 1
            case .ended: lists[place].ended += 1
            }
        }
    }

    func overview(_ system: MigrationSystem) -> MigrationOverview {
        MigrationOverview(
            system: system,
            files: files,
            lists: lists,
            suppressed: suppressed,
            notes: notes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        )
    }
}
