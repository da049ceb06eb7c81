// SPDX-License-Identifier: Apache-2.0
//
// Looks for an address in bytes and files, as a whole and in any case of its ASCII letters.
// Reads the files that it is given. Finds what stands there in plain; what is packed or encoded it cannot see.
import Foundation
public import NashraCore

/// The search for one person's address.
public struct AddressSearch: Sendable {
    private let forms: [[UInt8]]

    /// Looks for an address in every form in which it may have been written down.
    ///
    /// - Parameter texts: Addresses; each is also looked for with its domain as A-labels and as U-labels.
    public init(_ texts: [String]) {
        var forms: Set<[UInt8]> = []
        for text in texts {
            forms.insert(Self.lower(text.utf8))
            guard let address = try? EmailAddress.parse(text) else { continue }
            let local = text.prefix { $0 != "@" }
            for form in [address.text, address.key, "\(local)@\(address.domain)"] {
                forms.insert(Self.lower(form.utf8))
            }
            forms.insert(Self.lower("\(local)@\(DomainName.uLabels(address.domain))".utf8))
        }
        self.forms = forms.filter { $0.count > 2 }.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Whether the address stands in a text, not as a part of a longer one.
    public func isNamed(in text: String) -> Bool { isNamed(inLower: Self.lower(text.utf8)) }

    /// The same for bytes.
    public func isNamed(in bytes: [UInt8]) -> Bool { isNamed(inLower: Self.lower(bytes)) }

    /// Whether the address stands in a file.
    ///
    /// - Parameters:
    ///   - path: A plain file of any size; read in pieces.
    ///   - joined: Whether it counts as a part of something longer too: a database puts texts together without a gap.
    /// - Returns: `false` when it does not stand there, or there is no such file.
    /// - Throws: `inputOutput` when it cannot be read.
    public func isNamed(inFile path: String, joined: Bool = false) throws(UserError) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else {
            if errno == ENOENT { return false }
            throw UserError(.inputOutput, "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        let overlap = (forms.map(\.count).max() ?? 0) + 4
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        var window: [UInt8] = []
        while true {
            let count = chunk.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw UserError(.inputOutput, "\(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            guard count > 0 else { return false }
            window.append(contentsOf: Self.lower(chunk[..<count]))
            if isNamed(inLower: window, joined: joined) { return true }
            window.removeFirst(max(0, window.count - overlap))
        }
    }

    private func isNamed(inLower bytes: [UInt8], joined: Bool = false) -> Bool {
        bytes.withUnsafeBytes { text in
            forms.contains { form in
                form.withUnsafeBytes { Self.stands($0, in: text, joined: joined) }
            }
        }
    }

    /// Whether the form stands in the text: each `@` is looked at, which are few.
    private static func stands(
        _ form: UnsafeRawBufferPointer,
        in text: UnsafeRawBufferPointer,
        joined: Bool
    ) -> Bool {
        let sign = UInt8(ascii: "@")
        guard let start = text.baseAddress, let wanted = form.baseAddress,
            let local = form.firstIndex(of: sign)
        else { return false }
        var from = local
        while from < text.count {
            guard let hit = memchr(start + from, Int32(sign), text.count - from) else { return false }
            let place = UnsafeRawPointer(hit) - start - local
            let after = place + form.count
            from = place + local + 1
            guard after <= text.count, memcmp(start + place, wanted, form.count) == 0 else { continue }
            if joined { return true }
            let isEnd = place > 0 && continues(text[place - 1])
            let isBeginning = after < text.count && continuesBehind(text, after)
            if !isEnd, !isBeginning { return true }
        }
        return false
    }

    /// Whether a byte before the address makes it the end of a longer one (RFC 5322, atext, and the dot; RFC 6531).
    private static func continues(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
            || ".!#$%&*+-/=?^_`{|}~".utf8.contains(byte)
    }

    /// Whether the domain goes on behind the address.
    private static func continuesBehind(_ text: UnsafeRawBufferPointer, _ place: Int) -> Bool {
        func isLabel(_ byte: UInt8) -> Bool {
            byte >= 0x80 || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
        }
        let byte = text[place]
        guard byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") else { return isLabel(byte) }
        return place + 1 < text.count && isLabel(text[place + 1])
    }

    private static func lower(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }
}
