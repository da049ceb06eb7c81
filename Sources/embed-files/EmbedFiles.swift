// SPDX-License-Identifier: Apache-2.0
//
// Build tool: writes a Swift file that holds other files' bytes.
// Called by Plugins/EmbedWorkspaceFiles: embed-files ROOT OUTPUT FILE…, any bytes, as base64 literals;
// and by Plugins/EmbedRules: embed-files --texts ROOT OUTPUT FILE…, UTF-8, one constant a file.
import Foundation

@main struct EmbedFiles {
    static func main() throws {
        var arguments = Array(CommandLine.arguments.dropFirst())
        let areTexts = arguments.first == "--texts"
        if areTexts { arguments.removeFirst() }
        guard arguments.count >= 2 else {
            FileHandle.standardError.write(Data("usage: embed-files [--texts] ROOT OUTPUT FILE…\n".utf8))
            exit(64)
        }
        let files = arguments[2...]
        let source = try areTexts ? texts(files) : workspace(files, root: arguments[0] + "/")
        try Data(source.utf8).write(to: URL(fileURLWithPath: arguments[1]))
    }

    private static func workspace(_ files: ArraySlice<String>, root: String) throws -> String {
        var source = """
            // Generated from templates/ and bulletins/; do not edit.
            enum EmbeddedFiles {
                /// Paths relative to a workspace, and their bytes in base64.
                static let all: [(path: String, base64: String)] = [

            """
        for file in files {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            let path = file.hasPrefix(root) ? String(file.dropFirst(root.count)) : file
            source += "        (#\"\(path)\"#, \"\(bytes.base64EncodedString())\"),\n"
        }
        return source + "    ]\n}\n"
    }

    /// `phrases.tsv` becomes `PackageResources.phrases_tsv`.
    private static func texts(_ files: ArraySlice<String>) throws -> String {
        var source = "// Generated from Rules/; do not edit.\nenum PackageResources {\n"
        for file in files {
            let url = URL(fileURLWithPath: file)
            let text = try String(contentsOf: url, encoding: .utf8)
            guard !text.contains("\"\"\"####"), !text.contains("\r") else {
                FileHandle.standardError.write(Data("\(file): a carriage return, or \"\"\"####\n".utf8))
                exit(65)
            }
            let name = url.lastPathComponent.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
            source += "static let \(name) = [UInt8](####\"\"\"\n\(text)\n\"\"\"####.utf8)\n"
        }
        return source + "}\n"
    }
}
