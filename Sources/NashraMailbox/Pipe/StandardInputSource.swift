// SPDX-License-Identifier: Apache-2.0
//
// One message from standard input, as `bounces ingest --stdin` takes it.
// Reads one descriptor, with a bound.
import Glibc
public import NashraCore

/// A single message that comes in through a descriptor.
public final class StandardInputSource: BounceSource {
    /// `standard input`.
    public let name = "standard input"

    private let descriptor: Int32
    private let recipient: String?
    private var isDone = false

    /// Reads `descriptor` when the first message is asked for.
    ///
    /// - Parameters:
    ///   - descriptor: Where the message comes from; it is not closed.
    ///   - recipient: Whom the envelope named, when the caller knows it.
    public init(descriptor: Int32 = 0, recipient: String? = nil) {
        self.descriptor = descriptor
        self.recipient = recipient
    }

    /// The message, once.
    ///
    /// - Throws: `badData` when there is nothing to read, `inputOutput` when reading fails.
    public func next(limit: Int) throws(UserError) -> [ReturnedMail] {
        guard !isDone, limit > 0 else { return [] }
        isDone = true
        let bytes: [UInt8]
        do {
            bytes = try Self.read(descriptor, limit: ReturnedMail.maximumBytes)
        } catch {
            throw error.asUserError()
        }
        guard !bytes.isEmpty else {
            throw UserError(
                .badData,
                "standard input is empty",
                remedy: "Give one message: nashra bounces ingest --stdin < bounce.eml"
            )
        }
        return [ReturnedMail(id: "-", bytes: bytes, envelopeRecipient: recipient)]
    }

    private static func read(_ descriptor: Int32, limit: Int) throws(SystemFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let wanted = min(64 << 10, limit - bytes.count)
            let piece = try OpenFile.read(descriptor, count: wanted, path: "standard input")
            bytes += piece
            if piece.count < wanted { break }
        }
        return bytes
    }

    /// Nothing to delete.
    public func acknowledge(_ ids: [String]) {}

    /// Nothing to move: whoever gave the message still has it.
    public func setAside(_ ids: [String]) {}

    /// Nothing to close.
    public func close() {}
}
