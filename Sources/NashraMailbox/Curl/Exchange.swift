// SPDX-License-Identifier: Apache-2.0
//
// What one command brought back: the server's lines, and what was fetched, both bounded.
// libcurl's callbacks write it, CurlSession reads it, all on one thread. No I/O.

/// What one command brought back.
final class Exchange {
    /// The most bytes of lines that one command may cause; a listing of 500 numbers has 5 kB.
    static let maximumBytesOfLines = 1 << 20

    /// Each line that the server said, without its end, in their order; what was fetched is not among them.
    ///
    /// Replies to the commands before ours are there too when libcurl had to connect or to select a folder
    /// first.
    private(set) var lines: [[UInt8]] = []
    /// What was fetched.
    private(set) var body: [UInt8] = []
    /// How many lines had come when the first byte of the body did.
    private(set) var linesBeforeBody = 0
    /// Whether ``body`` was cut at its limit.
    private(set) var isCut = false
    /// Whether the lines were too many.
    private(set) var isFlooded = false
    private var sizeOfLines = 0
    private var limit = 0

    /// Forgets the last command, and allows `limit` bytes of body.
    func begin(bodyLimit limit: Int) {
        self.limit = limit
        lines.removeAll(keepingCapacity: true)
        body = []
        (linesBeforeBody, sizeOfLines) = (0, 0)
        (isCut, isFlooded) = (false, false)
    }

    /// One line came, or several, or part of one.
    ///
    /// - Returns: `false` when libcurl is to stop.
    func receivedLines(_ bytes: UnsafeRawBufferPointer) -> Bool {
        sizeOfLines += bytes.count
        guard sizeOfLines <= Self.maximumBytesOfLines else {
            isFlooded = true
            return false
        }
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            lines.append(Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line))
        }
        return true
    }

    /// Part of the body came.
    ///
    /// - Returns: `false` when its limit is reached and libcurl is to stop.
    func receivedBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        if body.isEmpty { linesBeforeBody = lines.count }
        let room = limit - body.count
        body.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes.prefix(room)))
        guard bytes.count <= room else {
            isCut = true
            return false
        }
        return true
    }
}
