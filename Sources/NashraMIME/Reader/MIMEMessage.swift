// SPDX-License-Identifier: Apache-2.0
//
// A message that a stranger wrote, taken apart: its parts in order, those of messages inside it among them.
// Pure. Never throws and never traps: what is broken is read as far as it goes, what is too much is left out
// and said.
// Rules: RFC 5322, RFC 2045, RFC 2046, RFC 6532; docs/threat-model.md, row 11.

/// Something of which a message had more than is read.
public enum MIMELimit: Sendable, Hashable, CaseIterable {
    /// The message has more than 10 MiB; what follows is not looked at.
    case messageSize
    /// A header block has more than 256 KiB; the fields after that are left out.
    case headerSize
    /// A header block has more than 1,000 fields; the rest is left out.
    case headerCount
    /// A line of a header has more than 64 KiB; it is cut.
    case lineLength
    /// Parts lie more than 16 deep; those below stay closed.
    case depth
    /// There are more than 256 parts; the rest is left out.
    case partCount
    /// Transfer-encoded messages inside have more than 16 MiB when decoded; those beyond stay closed.
    case decodedSize
}

/// A message and all its parts.
public struct MIMEMessage: Sendable {
    /// The message as given.
    public let bytes: [UInt8]
    /// Every part, depth first: never empty, the first is the message itself, at most 256.
    ///
    /// A `message/rfc822`, `message/global` or `text/rfc822-headers` part has one child, the message inside
    /// it, whose ``MIMEPart/isMessage`` is true; that works through base64 and quoted-printable too.
    public let parts: [MIMEPart]
    /// Of what the message had more than was read.
    public let limits: Set<MIMELimit>

    /// Takes a message apart, in time that grows with its length and no faster.
    ///
    /// - Parameter bytes: Any bytes. Lines may end in CR LF, LF or CR; the first may be an mbox's `From `
    ///   line.
    public init(_ bytes: [UInt8]) {
        var scanner = PartScanner(bytes)
        scanner.run()
        self.bytes = bytes
        parts = scanner.parts
        limits = scanner.limits
    }

    /// The message itself: the first of its parts.
    public var root: MIMEPart { parts[0] }

    /// The children of the part at `index`, in order.
    public func children(of index: Int) -> [MIMEPart] {
        guard parts.indices.contains(index) else { return [] }
        var found: [MIMEPart] = []
        for part in parts[(index + 1)...] {
            guard part.depth > parts[index].depth else { break }
            if part.parent == index { found.append(part) }
        }
        return found
    }

    /// Everything under the part at `index`: the parts after it that lie deeper.
    public func descendants(of index: Int) -> ArraySlice<MIMEPart> {
        guard parts.indices.contains(index) else { return [] }
        let depth = parts[index].depth
        return parts[(index + 1)...].prefix { $0.depth > depth }
    }
}
