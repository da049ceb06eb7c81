// SPDX-License-Identifier: Apache-2.0
//
// Build tool: writes a Swift file that holds other files' bytes, as base64 literals.
// Called by Plugins/EmbedWorkspaceFiles: embed-files ROOT OUTPUT FILE…
import Foundation

@main struct EmbedFiles {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count >= 3 else {
            FileHandle.standardError.write(Data("usage: embed-files ROOT OUTPUT FILE…\n".utf8))
            exit(64)
        }
        let root = arguments[1] + "/"
        var source = """
            // Generated from templates/ and bulletins/; do not edit.
            enum EmbeddedFiles {
                /// Paths relative to a workspace, and their bytes in base64.
                static let all: [(path: String, base64: String)] = [

            """
        for file in arguments[3...] {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            let path = file.hasPrefix(root) ? String(file.dropFirst(root.count)) : file
            source += "        (#\"\(path)\"#, \"\(bytes.base64EncodedString())\"),\n"
        }
        source += "    ]\n}\n"
        try Data(source.utf8).write(to: URL(fileURLWithPath: arguments[2]))
    }
}
