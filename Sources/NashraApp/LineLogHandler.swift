// SPDX-License-Identifier: Apache-2.0
//
// The log: one JSON object a line, appended with one write, so that lines of several processes never mix.
// Messages are constants; what varies is metadata.
import Foundation
import Logging
import NashraCore

/// Appends log lines to a file, or to stderr.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.notice
    private let path: String?

    /// - Parameter path: The file; `nil` for stderr.
    init(path: String?) { self.path = path }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata.merging(event.metadata ?? [:]) { $1 }.mapValues { "\($0)" }
        fields["at"] = SystemClock().now().iso8601
        fields["level"] = event.level.rawValue
        fields["message"] = "\(event.message)"
        guard var line = try? JSONEncoder().encode(fields) else { return }
        line.append(0x0A)
        let descriptor =
            path.map { open($0, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640) } ?? STDERR_FILENO
        guard descriptor >= 0 else { return }
        _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if descriptor != STDERR_FILENO { close(descriptor) }
    }
}
