// SPDX-License-Identifier: Apache-2.0
//
// Reads one file of at most so many bytes.
// The only file here that opens others.
import Foundation
import NashraCore
import NashraTemplates

extension Diagnostic {
    /// A finding that can be thrown.
    struct Wrapped: Error {
        var diagnostic: Diagnostic
    }
}

/// Files that people write.
enum TextFile {
    /// The bytes of a regular file.
    static func read(_ file: String, limitInBytes: Int) throws(Diagnostic.Wrapped) -> [UInt8] {
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: URL(fileURLWithPath: file).resolvingSymlinksInPath().path
        )
        let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
        guard size <= limitInBytes else {
            throw fault(file, "the file is longer than \(limitInBytes / 1024) KB")
        }
        guard attributes?[.type] as? FileAttributeType == .typeRegular else {
            throw fault(file, attributes == nil ? "there is no such file" : "this is not a file")
        }
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            throw fault(file, "the file cannot be read: \(error.localizedDescription)")
        }
    }

    private static func fault(_ file: String, _ message: String) -> Diagnostic.Wrapped {
        Diagnostic.Wrapped(diagnostic: LintRule.unreadableFile.diagnostic(file: file, message))
    }
}
