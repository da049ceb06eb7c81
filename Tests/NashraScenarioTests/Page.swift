// SPDX-License-Identifier: Apache-2.0
//
// A Markdown file of the repository, as far as tests look into it: fenced blocks, links, headings.
// Reads files of the repository.
import Foundation

/// One Markdown file.
struct Page {
    /// The repository's root.
    static let repository = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    let file: URL
    private let lines: [Substring]

    init(_ name: String) throws { try self.init(at: Self.repository.appending(path: name)) }

    init(at file: URL) throws {
        self.file = file
        lines = try String(contentsOf: file, encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
    }

    var folder: URL { file.deletingLastPathComponent() }

    /// Every document for people, from the root on.
    static func all() throws -> [String] {
        let root = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "subscribers/README.md"]
        let docs = try FileManager.default.subpathsOfDirectory(
            atPath: repository.appending(path: "docs").path
        )
        return root + docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    }

    /// The text below a heading, up to the next one of its level or above.
    func section(_ heading: String) -> String {
        let level = heading.prefix { $0 == "#" }.count
        var isOpen = false
        let rest = lines.drop { $0 != heading }.dropFirst()
        let part = rest.prefix { line in
            if line.hasPrefix("```") { isOpen.toggle() }
            let depth = line.prefix { $0 == "#" }.count
            return isOpen || depth == 0 || depth > level
        }
        return part.joined(separator: "\n")
    }

    /// The fenced blocks of one kind below a heading.
    func blocks(_ kind: String, under heading: String) -> [String] {
        Self.fenced(section(heading).split(separator: "\n", omittingEmptySubsequences: false))
            .filter { $0.kind == kind }.map(\.text)
    }

    /// Every command line that it shows, in a shell block or as code in a sentence, without its comment.
    func commandLines() -> [String] {
        let blocks = Self.fenced(lines).filter { $0.kind == "sh" }.flatMap { $0.text.split(separator: "\n") }
            .compactMap { line -> String? in
                let command = line.drop { $0 == " " }
                guard command.hasPrefix("nashra ") else { return nil }
                return String(command[..<(command.firstRange(of: " #")?.lowerBound ?? command.endIndex)])
            }
        let spans = prose().joined(separator: " ").matches(of: /`(nashra [^`]+)`/).map { String($0.1) }
        return blocks + spans
    }

    /// The lines outside fenced blocks.
    private func prose() -> [Substring] {
        var isOpen = false
        return lines.filter { line in
            defer { if line.hasPrefix("```") { isOpen.toggle() } }
            return !isOpen && !line.hasPrefix("```")
        }
    }

    /// What the first cells of its tables set in code, without the signs of a synopsis: `[--wait]…` is `--wait`.
    func synopses() -> [String] {
        lines.filter { $0.hasPrefix("| `") }.compactMap { row in
            row.firstMatch(of: /^\| `((?:[^`\\]|\\.)+)` \|/).map { String($0.1) }
        }
        .map { text in
            text.replacing(/\\?\||[\[\]…]/, with: " ").split(separator: " ").joined(separator: " ")
        }
    }

    /// Where its links lead that stay inside the repository.
    func links() -> [String] {
        prose().flatMap { line in
            line.matches(of: /\]\(([^)\s]+)\)|src="([^"]+)"/)
                .compactMap { ($0.1 ?? $0.2).map(String.init) }
        }
        .filter { !$0.contains("://") }
    }

    /// The anchors that its headings have.
    func anchors() -> Set<String> {
        Set(
            prose().filter { $0.hasPrefix("#") }.map { heading in
                let text = heading.drop { $0 == "#" }.dropFirst().lowercased()
                return String(text.filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" })
                    .replacing(" ", with: "-")
            }
        )
    }

    private static func fenced(_ lines: some Collection<Substring>) -> [(kind: String, text: String)] {
        var blocks: [(kind: String, text: String)] = []
        var open: (kind: String, lines: [Substring])?
        for line in lines {
            guard line.hasPrefix("```") else {
                open?.lines.append(line)
                continue
            }
            if let done = open {
                blocks.append((done.kind, done.lines.joined(separator: "\n")))
                open = nil
            } else {
                open = (String(line.dropFirst(3)), [])
            }
        }
        return blocks
    }
}

/// A port of loopback that nobody listens on now.
func freePort() throws -> Int {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
            bind(socket, raw, length) == 0 && getsockname(socket, raw, &length) == 0
        }
    }
    guard bound else { throw WorldError(text: "no free port: errno \(errno)") }
    return Int(UInt16(bigEndian: address.sin_port))
}
