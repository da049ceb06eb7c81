// SPDX-License-Identifier: Apache-2.0
//
// Which messages were begun and not finished, in files that survive the process: one for each batch.
// Touches one folder. Rules: docs/threat-model.md, row 12. A file for each message would cost more than reading it.
import Glibc

/// The files in `attempts/`.
///
/// Each holds `COUNT NAME/` for each message of a batch: a slash is in no file's name.
struct AttemptLog {
    private let folder: String
    /// The file that names a message of this process, and how many of each file are not done.
    private var files: [String: String] = [:]
    private var left: [String: Int] = [:]
    /// What earlier processes left, in one file.
    private var inherited: (file: String, names: Set<String>)?

    private static let mostFiles = 100_000
    private static let largestFile = 16 << 20

    init(folder: String) { self.folder = folder }

    /// How often each message was begun and not finished, by all processes so far.
    func read() throws(SystemFailure) -> [String: Int] {
        var counts: [String: Int] = [:]
        for name in try Folder.names(in: folder, limit: Self.mostFiles) {
            let path = "\(folder)/\(name)"
            let file = try OpenFile.openMessage(path)
            let size = min(max(0, Int(try file.status(path).st_size)), Self.largestFile)
            let bytes = try OpenFile.read(file.descriptor, count: size, path: path)
            for entry in bytes.split(separator: UInt8(ascii: "/")) {
                let digits = entry.prefix { (0x30...0x39).contains($0) }
                guard let count = Int(String(decoding: digits, as: UTF8.self)), count > 0 else { continue }
                let message = String(decoding: entry[digits.endIndex...].dropFirst(), as: UTF8.self)
                counts[message] = max(count, counts[message] ?? 0)
            }
        }
        return counts
    }

    /// Keeps `counts` in one file and removes all others; whenever the process dies, no count is lost.
    mutating func replace(by counts: [String: Int]) throws(SystemFailure) {
        let old = try Folder.names(in: folder, limit: Self.mostFiles)
        if !counts.isEmpty {
            inherited = (try write(counts.map { ($0.key, $0.value) }), Set(counts.keys))
        }
        for name in old { try Folder.remove("\(folder)/\(name)") }
    }

    /// Says which messages are begun, and how often with this time; durable when it returns.
    mutating func begin(_ messages: [(name: String, count: Int)]) throws(SystemFailure) {
        guard !messages.isEmpty else { return }
        let file = try write(messages)
        for message in messages { files[message.name] = file }
        left[file] = messages.count
    }

    /// A message is done; with the last of its file, the file goes.
    mutating func end(_ message: String) throws(SystemFailure) {
        if let file = files.removeValue(forKey: message), let count = left[file] {
            left[file] = count - 1
            if count == 1 {
                left[file] = nil
                try Folder.remove("\(folder)/\(file)")
            }
        }
        guard inherited?.names.remove(message) != nil, let inherited, inherited.names.isEmpty else { return }
        self.inherited = nil
        try Folder.remove("\(folder)/\(inherited.file)")
    }

    /// What earlier processes left counts against nobody any more: all that waits has been seen.
    mutating func forgetInherited() throws(SystemFailure) {
        guard let inherited else { return }
        self.inherited = nil
        try Folder.remove("\(folder)/\(inherited.file)")
    }

    /// What this process has begun and not finished counts against nobody: it ends in good order.
    mutating func giveBack() throws(SystemFailure) {
        for file in left.keys { try Folder.remove("\(folder)/\(file)") }
        files = [:]
        left = [:]
    }

    private func write(_ messages: [(name: String, count: Int)]) throws(SystemFailure) -> String {
        let file = "\(getpid())-\(String(UInt64.random(in: 0...UInt64.max), radix: 36))"
        let path = "\(folder)/\(file)"
        let text = messages.map { "\($0.count) \($0.name)/" }.joined()
        let open = try OpenFile.open(path, O_WRONLY | O_CREAT | O_EXCL)
        try open.write(Array(text.utf8), path: path)
        try open.synchronize(path)
        try open.close(path)
        try Folder.synchronize(folder)
        return file
    }
}
