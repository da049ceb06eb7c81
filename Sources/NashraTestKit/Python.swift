// SPDX-License-Identifier: Apache-2.0
//
// Runs a piece of Python, which makes or reads files with libraries that are not ours.
// Starts Debian's python3, which sees what apt installed; throws when there is none or it fails. Rules: docs/architecture.md, "Real parts in tests".
public import Foundation

/// Python, for files that other programs would write.
public enum Python {
    /// Why a script failed, in Python's words.
    public struct Failure: Error, CustomStringConvertible {
        /// What went wrong.
        public let description: String
    }

    /// Runs a script.
    ///
    /// - Parameters:
    ///   - script: Its text.
    ///   - arguments: What it finds in `sys.argv[1:]`.
    /// - Returns: What it wrote to standard output.
    /// - Throws: ``Failure`` when it ends with another status than 0.
    @discardableResult
    public static func run(_ script: String, _ arguments: [String] = []) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", script] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let text = String(decoding: answer, as: UTF8.self)
        guard process.terminationStatus == 0 else {
            throw Failure(
                description:
                    "python3 failed (packages python3, python3-openpyxl, python3-xlsxwriter): \(text.suffix(800))"
            )
        }
        return text
    }

    /// A new empty folder, which the caller removes.
    public static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appending(path: "nashra-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
