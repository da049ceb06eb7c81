// SPDX-License-Identifier: Apache-2.0
//
// Making a topic equal to a file: whom the file leaves out, and whether that many may be.
// Reads the register and the sorted rows. Rules: docs/importing.md, "Making a topic equal to a file".
import NashraCore
import NashraStore

/// Making a topic equal to a file.
public struct ImportSync: Sendable, Hashable {
    /// How many percent of the topic may leave without being asked about, 0...100.
    public var maxDrop: Double
    /// Whether more were agreed to.
    public var isConfirmed: Bool

    /// Describes it.
    public init(maxDrop: Double = 5, isConfirmed: Bool = false) {
        self.maxDrop = maxDrop
        self.isConfirmed = isConfirmed
    }

    /// The question that is asked when more would leave than may.
    public struct Question: Sendable, Hashable {
        /// The topic.
        public var topic: String
        /// How many would leave.
        public var leaving: Int
        /// How many are in it now.
        public var members: Int
        /// How many percent may leave unasked.
        public var maxDrop: Double

        /// How many percent would leave.
        public var percent: Double { members == 0 ? 0 : 100 * Double(leaving) / Double(members) }
    }
}

/// Finds whom a file leaves out.
struct ImportLeavers {
    /// Their rows, in the order of their keys.
    private(set) var people: [Int64] = []
    /// How many are in the topic.
    private(set) var members = 0
    /// The addresses of the first few.
    private(set) var first: [String] = []

    init(topic: String, store: Store, rows: SortedRows) throws(UserError) {
        let merged = try rows.merge()
        var row = try merged.next()
        var (people, members, first): ([Int64], Int, [String]) = ([], 0, [])
        try store.forEachMember(of: topic) { (member) throws(UserError) in
            members += 1
            while let current = row, !member.hasKey(current.key), !member.precedes(current.key) {
                row = try merged.next()
            }
            if let current = row, member.hasKey(current.key) { return }
            people.append(member.id)
            if first.count < ImportSamples.kept { first.append(member.address) }
        }
        (self.people, self.members, self.first) = (people, members, first)
    }

    /// The question to ask before they leave; `nil` when so few may.
    func question(_ sync: ImportSync, topic: String) -> ImportSync.Question? {
        let question = ImportSync.Question(
            topic: topic,
            leaving: people.count,
            members: members,
            maxDrop: sync.maxDrop
        )
        return people.isEmpty || question.percent <= sync.maxDrop ? nil : question
    }
}
