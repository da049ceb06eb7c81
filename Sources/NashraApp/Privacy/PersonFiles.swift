// SPDX-License-Identifier: Apache-2.0
//
// Files of the workspace that name a person who is erased: those that the program made are mended, others are named.
// Touches the state's folder; reads subscribers/. Rules: docs/privacy.md, "Erasing".
import Foundation
import NashraConfig
import NashraCore
import NashraStore

/// A file that named a person.
public struct PersonFile: Sendable, Hashable {
    /// What was done about it.
    public enum Action: String, Sendable, Hashable, Codable {
        /// It was a mail that waited, and is gone.
        case removed
        /// The rows that named the person are gone from it.
        case rewritten
        /// It is not ours to change: somebody has to look at it.
        case named
    }

    /// Its path, from the workspace's folder where it lies in it.
    public var path: String
    /// What was done about it.
    public var action: Action
}

/// The look through the workspace's files.
struct PersonFiles {
    private let application: Application
    private let workspace: String

    init(_ application: Application) {
        self.application = application
        workspace = application.workspace.root
    }

    /// Removes people from the files that the program made below `var/`, and names the others that name them.
    ///
    /// - Parameter searches: For whom to look.
    /// - Returns: The files, by path.
    /// - Throws: `inputOutput` when a file cannot be read or written.
    func clear(of searches: [AddressSearch]) throws(UserError) -> [PersonFile] {
        var found: [PersonFile] = []
        let folders = [application.workspace.state, spool, application.workspace.subscribers]
        var seen: Set<String> = []
        for folder in folders {
            for path in files(below: folder) where seen.insert(path).inserted {
                guard try names(path, searches) else { continue }
                found.append(
                    PersonFile(
                        path: application.workspace.displayed(path),
                        action: try clear(path, of: searches)
                    )
                )
            }
        }
        if let log = application.configuration.log.file.map({ application.workspace.path($0) }),
            seen.insert(log).inserted, try names(log, searches)
        {
            found.append(PersonFile(path: application.workspace.displayed(log), action: .named))
        }
        return found.sorted { $0.path < $1.path }
    }

    private var spool: String { application.workspace.path(application.configuration.bounces.spool) }

    /// The plain files below a folder but for the store's own and the keys.
    private func files(below folder: String) -> [String] {
        let store = application.storePath
        let log = application.configuration.log.file.map { application.workspace.path($0) }
        guard let names = FileManager.default.enumerator(atPath: folder) else { return [] }
        var found: [String] = []
        for case let name as String in names {
            guard names.fileAttributes?[.type] as? FileAttributeType == .typeRegular else { continue }
            let path = "\(folder)/\(name)"
            if !path.hasPrefix(store), path != log { found.append(path) }
        }
        return found.sorted()
    }

    private func names(_ path: String, _ searches: [AddressSearch]) throws(UserError) -> Bool {
        for search in searches where try search.isNamed(inFile: path) { return true }
        return false
    }

    private func clear(_ path: String, of searches: [AddressSearch]) throws(UserError) -> PersonFile.Action {
        if path.hasPrefix(spool + "/") {
            guard unlink(path) == 0 || errno == ENOENT else { throw Self.fault(path, errno) }
            return .removed
        }
        guard path.hasPrefix(application.workspace.state + "/"), path.hasSuffix(".csv") else { return .named }
        try rewrite(path, without: searches)
        return .rewritten
    }

    /// Writes a file of rejected rows anew, without the rows that name somebody; whole, or not at all.
    private func rewrite(_ path: String, without searches: [AddressSearch]) throws(UserError) {
        guard let bytes = FileManager.default.contents(atPath: path) else { throw Self.fault(path, errno) }
        let kept = CSVRecords.split([UInt8](bytes)).filter { record in
            !searches.contains { $0.isNamed(in: Array(record)) }
        }
        let file = try NewFile(path)
        for record in kept { try file.write(Array(record)) }
        try file.finish()
    }

    private static func fault(_ path: String, _ code: Int32) -> UserError {
        UserError(.inputOutput, "\(path) cannot be changed: \(String(cString: strerror(code)))")
    }
}

/// The records of a CSV file of ours, as slices of its bytes with their line ends.
enum CSVRecords {
    /// Splits at line ends outside of quotes (RFC 4180).
    static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var records: [ArraySlice<UInt8>] = []
        var start = bytes.startIndex
        var isQuoted = false
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            guard byte == 0x0A, !isQuoted else { continue }
            records.append(bytes[start...index])
            start = index + 1
        }
        if start < bytes.endIndex { records.append(bytes[start...]) }
        return records
    }
}
