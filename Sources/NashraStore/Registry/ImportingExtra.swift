// SPDX-License-Identifier: Apache-2.0
//
// What few imported rows have: times, a state, topics and a suppression of their own, as bytes behind a packed row.
// Pure. Only the process that wrote such bytes reads them.
import NashraCore

/// The rarer part of an imported row.
struct ImportingExtra {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Adds nothing when the row has nothing of the kind.
    static func append(_ row: ImportRow, to bytes: inout [UInt8]) {
        guard
            row.createdAt != nil || row.state != nil || !row.memberships.isEmpty || row.suppression != nil
        else { return }
        append(row.createdAt, to: &bytes)
        append(row.state?.rawValue, to: &bytes)
        append(row.suppression?.reason.rawValue, to: &bytes)
        append(row.suppression?.note, to: &bytes)
        append(row.suppression?.since, to: &bytes)
        append(Int64(row.memberships.count), to: &bytes)
        for membership in row.memberships {
            append(membership.topic, to: &bytes)
            append(membership.state.rawValue, to: &bytes)
            append(membership.consentAt, to: &bytes)
            append(membership.endedReason, to: &bytes)
            append(membership.endedAt, to: &bytes)
            append(membership.frequency.rawValue, to: &bytes)
            append(membership.pausedFrom, to: &bytes)
            append(membership.pausedUntil, to: &bytes)
        }
    }

    /// Completes a row with what was packed.
    func put(into row: inout ImportRow) {
        var reader = self
        row.createdAt = reader.time()
        row.state = reader.text().flatMap(Subscriber.State.init)
        let reason = reader.text().flatMap(SuppressionReason.init)
        let note = reader.text()
        let since = reader.time()
        row.suppression = reason.map { ImportSuppression(reason: $0, note: note ?? "", since: since) }
        let count = reader.number() ?? 0
        row.memberships.removeAll()
        for _ in 0..<max(0, count) {
            var membership = ImportMembership(topic: reader.text() ?? "")
            membership.state = reader.text().flatMap(ImportMembership.State.init) ?? .ended
            membership.consentAt = reader.time()
            membership.endedReason = reader.text()
            membership.endedAt = reader.time()
            membership.frequency = reader.text().flatMap(ImportMembership.Frequency.init) ?? .immediate
            membership.pausedFrom = reader.time()
            membership.pausedUntil = reader.time()
            row.memberships.append(membership)
        }
    }

    private static func append(_ time: Timestamp?, to bytes: inout [UInt8]) {
        append(time?.rawValue, to: &bytes)
    }

    private static func append(_ number: Int64?, to bytes: inout [UInt8]) {
        bytes.append(number == nil ? 0 : 1)
        if let number { withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) } }
    }

    private static func append(_ text: String?, to bytes: inout [UInt8]) {
        append(text.map { Int64($0.utf8.count) }, to: &bytes)
        if let text { bytes.append(contentsOf: text.utf8) }
    }

    private mutating func number() -> Int64? {
        guard position < bytes.count else { return nil }
        let isThere = bytes[position] == 1
        position += 1
        guard isThere, bytes.count - position >= 8 else { return nil }
        let value = bytes.loadUnaligned(fromByteOffset: position, as: Int64.self)
        position += 8
        return Int64(littleEndian: value)
    }

    private mutating func time() -> Timestamp? { number().map(Timestamp.init) }

    private mutating func text() -> String? {
        guard let count = number(), count >= 0, bytes.count - position >= Int(count) else { return nil }
        let end = position + Int(count)
        defer { position = end }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }
}
