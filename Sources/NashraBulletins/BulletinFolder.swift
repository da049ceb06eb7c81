// SPDX-License-Identifier: Apache-2.0
//
// Bulletins on disk: finds them, reads them, all findings in one run.
// Reads files only. Form of a folder: bulletin.yaml and one <language>.md each; docs/lint.md.
import Foundation
public import NashraCore
import NashraTemplates
import NashraYAML

/// The folders that hold bulletins.
public enum BulletinFolder {
    /// The file that makes a folder a bulletin.
    static let metadataName = "bulletin.yaml"
    /// The longest file that is read, in bytes.
    static let limitInBytes = 1_048_576

    /// The folders of bulletins below a directory, sorted by name; empty when there is no such directory.
    ///
    /// - Parameter directory: A path such as `bulletins`.
    /// - Returns: Paths that begin with `directory`.
    public static func list(in directory: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted().map { directory + "/" + $0 }
            .filter { FileManager.default.fileExists(atPath: $0 + "/" + metadataName) }
    }

    /// Finds the folder that somebody means by its path, its name, its number, or its name without the
    /// number.
    ///
    /// - Throws: `.unknownObject` when there is none, `.usage` when several would do.
    public static func find(_ reference: String, in directory: String) throws(UserError) -> String {
        let path = reference.hasSuffix("/") ? String(reference.dropLast()) : reference
        if FileManager.default.fileExists(atPath: path + "/" + metadataName) { return path }
        let folders = list(in: directory).map { (path: $0, name: String($0.dropFirst(directory.count + 1))) }
        if let exact = folders.first(where: { $0.name == path }) { return exact.path }
        let numbered = folders.map { (path: $0.path, name: $0.name, number: number(of: $0.path)) }
        let matches = numbered.filter { folder in
            folder.number == path || folder.number.map { folder.name == "\($0)-\(path)" } ?? false
        }
        if matches.count == 1, let match = matches.first { return match.path }
        guard matches.isEmpty else {
            let names = matches.map(\.name).joined(separator: ", ")
            throw UserError(.usage, "“\(reference)” could be any of \(names)", remedy: "Name the folder.")
        }
        let known = numbered.flatMap { [$0.name, $0.number].compactMap { $0 } }
        let meant = Suggestion.nearest(to: path, among: known).map { "Did you mean “\($0)”?" }
        throw UserError(
            .unknownObject,
            "there is no bulletin “\(reference)” in \(directory)",
            remedy: meant ?? "“nashra bulletin list” shows those there are."
        )
    }

    /// Reads one bulletin.
    ///
    /// - Parameter folder: Its path, as the user would name it.
    /// - Returns: The bulletin, unless a finding keeps it from being read, and the findings.
    public static func read(_ folder: String) -> (bulletin: Bulletin?, diagnostics: [Diagnostic]) {
        var diagnostics: [Diagnostic] = []
        guard let bytes = contents(of: folder + "/" + metadataName, into: &diagnostics) else {
            return (nil, diagnostics)
        }
        let file = folder + "/" + metadataName
        let read = BulletinMetadataReader.read(bytes, file: file)
        diagnostics += read.diagnostics
        var files = [metadataName: bytes]
        var variants: [Language: BulletinVariant] = [:]
        var isComplete = true
        for name in textNames(in: folder) {
            let file = folder + "/" + name
            guard let language = language(of: name) else {
                diagnostics.append(
                    LintRule.unknownFile.diagnostic(
                        file: file,
                        "the file is not named after a language, and nobody gets it",
                        remedy: "Name it ar.md, en.md, fr.md … or move it away."
                    )
                )
                continue
            }
            guard let bytes = contents(of: file, into: &diagnostics) else {
                isComplete = false
                continue
            }
            files[name] = bytes
            let text = FrontMatter.read(bytes, file: file, language: language)
            diagnostics += text.diagnostics
            variants[language] = text.variant
            if text.variant == nil { isComplete = false }
        }
        if let metadata = read.metadata { diagnostics += nameFinding(folder, metadata) }
        guard let metadata = read.metadata, isComplete else { return (nil, diagnostics) }
        let bulletin = Bulletin(
            folder: folder,
            metadata: metadata,
            variants: variants,
            canonicalBytes: canonical(files)
        )
        return (bulletin, diagnostics)
    }

    /// Names, lengths and contents, so that no two different folders give the same bytes.
    private static func canonical(_ files: [String: [UInt8]]) -> [UInt8] {
        files.sorted { $0.key < $1.key }.flatMap { name, bytes in
            Array("\(name)\n\(bytes.count)\n".utf8) + bytes
        }
    }

    private static func textNames(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".md") && !$0.hasPrefix(".") && $0 != "README.md" }.sorted()
    }

    private static func language(of name: String) -> Language? {
        let tag = String(name.dropLast(3))
        return Language(rawValue: tag).flatMap { $0.rawValue == tag ? $0 : nil }
    }

    private static func nameFinding(_ folder: String, _ metadata: BulletinMetadata) -> [Diagnostic] {
        let name = folder.split(separator: "/").last.map(String.init) ?? folder
        guard name != metadata.number, !name.hasPrefix(metadata.number + "-"), name != "." else { return [] }
        return [
            LintRule.folderName.diagnostic(
                file: folder + "/" + metadataName,
                "the folder “\(name)” does not begin with the bulletin's number, \(metadata.number)",
                remedy: "Rename it to \(metadata.number)-…."
            )
        ]
    }

    private static func number(of folder: String) -> String? {
        var ignored: [Diagnostic] = []
        return contents(of: folder + "/" + metadataName, into: &ignored)
            .flatMap { try? YAMLDocument.parse($0, file: folder) }?.entries?
            .first { $0.key == "number" }?.value.text
    }

    private static func contents(of file: String, into diagnostics: inout [Diagnostic]) -> [UInt8]? {
        do throws(Diagnostic.Wrapped) {
            return try TextFile.read(file, limitInBytes: limitInBytes)
        } catch {
            diagnostics.append(error.diagnostic)
            return nil
        }
    }
}
