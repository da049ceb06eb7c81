// SPDX-License-Identifier: Apache-2.0
//
// Reads a document into values and collects every fault on the way, so that one run reports them all.
// Not Sendable: one reader serves one file on one thread.
public import NashraCore

/// Reads one file and keeps what is wrong with it.
///
/// ```swift
/// let reader = YAMLReader(file: "bulletins/014-rain/bulletin.yaml")
/// let bulletin = reader.read(bytes) { top in
///     Draft(
///         number: top.string("number", required: true),
///         lane: top.oneOf("lane", Lane.self) ?? .normal,
///         expires: top.timestamp("expires"),
///         report: top.mappings("report") { ReportLine(label: $0.localized("label"), phone: $0.string("phone")) })
/// }
/// for finding in reader.diagnostics { print(finding) }
/// ```
///
/// Values that are missing or wrong come back as `nil`; what is wrong has then been reported. A key whose value is
/// empty counts as missing. When a closure that was given a mapping returns, every key it did not ask for is reported
/// with a "did you mean".
public final class YAMLReader {
    /// The file's name in findings.
    public let file: String
    /// What was found so far, in the order of finding.
    public private(set) var diagnostics: [Diagnostic] = []

    /// Begins with nothing found.
    public init(file: String) { self.file = file }

    /// Whether something was found that stops the work.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// Reads a document whose root is a mapping.
    ///
    /// - Parameters:
    ///   - bytes: The document, or its front matter without the `---` lines.
    ///   - firstLine: The number of the first line of `bytes` in the file.
    ///   - body: Takes the values; unknown keys are reported when it returns.
    /// - Returns: What `body` returned, or `nil` when the document could not be read at all.
    public func read<Value>(
        _ bytes: [UInt8],
        firstLine: Int = 1,
        _ body: (MappingReader) -> Value
    ) -> Value? {
        do throws(YAMLFault) {
            return read(try YAMLDocument.parse(bytes, file: file, firstLine: firstLine), body)
        } catch {
            diagnostics.append(error.diagnostic)
            return nil
        }
    }

    /// Reads a node that was parsed already; see ``read(_:firstLine:_:)``.
    public func read<Value>(_ node: YAMLNode, _ body: (MappingReader) -> Value) -> Value? {
        guard let entries = node.entries else {
            report("the file holds \(node.kind), not a mapping of keys", at: node.mark)
            return nil
        }
        let mapping = MappingReader(reader: self, path: "", entries: entries, mark: node.mark)
        let value = body(mapping)
        mapping.finish()
        return value
    }

    /// Adds a finding at a place of the file, or about the file as a whole.
    public func report(
        _ message: String,
        at mark: YAMLMark?,
        remedy: String = "",
        severity: Diagnostic.Severity = .error,
        code: String = ""
    ) {
        diagnostics.append(
            Diagnostic(
                severity,
                code: code,
                file: file,
                line: mark?.line,
                column: mark?.column,
                message,
                remedy: remedy
            )
        )
    }
}
