// SPDX-License-Identifier: Apache-2.0
//
// Addresses/addresses.tsv: some five hundred addresses, valid and not, each with the rule that decides.
import Foundation
import NashraCore
import Testing

@Suite struct AddressSetTests {
    /// One line of the set.
    struct Entry: Sendable {
        enum Verdict: String { case valid, cleaned, invalid }
        let line: Int
        let address: [UInt8]
        let verdict: Verdict
        let expected: [UInt8]?
        let kind: String
        let source: String
    }

    private static func entries() throws -> [Entry] {
        let file = URL(filePath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "Addresses/addresses.tsv")
        let lines = try String(contentsOf: file, encoding: .utf8).utf8
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return try lines.enumerated().compactMap { index, line -> Entry? in
            guard !line.isEmpty, line.first != UInt8(ascii: "#"), !line.starts(with: "address\t".utf8) else {
                return nil
            }
            let fields = line.split(separator: 9, omittingEmptySubsequences: false).map { Array($0) }
            let words = fields.map { String(decoding: $0, as: UTF8.self) }
            try #require(fields.count == 5, "line \(index + 1)")
            return Entry(
                line: index + 1,
                address: try unescaped(fields[0], line: index + 1),
                verdict: try #require(Entry.Verdict(rawValue: words[1]), "line \(index + 1)"),
                expected: words[2] == "-" ? nil : try unescaped(fields[2], line: index + 1),
                kind: words[3],
                source: words[4]
            )
        }
    }

    /// `\u{HEX}` is a scalar, `\xHH` a byte, `\\` a backslash.
    private static func unescaped(_ bytes: [UInt8], line: Int) throws -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "x"):
                let digits = String(decoding: rest.prefix(2), as: UTF8.self)
                result.append(try #require(UInt8(digits, radix: 16), "line \(line)"))
                rest.removeFirst(2)
            case UInt8(ascii: "u"):
                let digits = rest.dropFirst().prefix { $0 != UInt8(ascii: "}") }
                let value = try #require(UInt32(String(decoding: digits, as: UTF8.self), radix: 16))
                result += Array(String(try #require(Unicode.Scalar(value), "line \(line)")).utf8)
                rest.removeFirst(digits.count + 2)
            case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
            default: Issue.record("line \(line): an escape that is none")
            }
        }
        return result
    }

    @Test func `every address of the set is what its rule says`() throws {
        let entries = try Self.entries()
        var counts: [String: Int] = [:]
        for entry in entries {
            counts["\(entry.verdict.rawValue): \(entry.kind)", default: 0] += 1
            #expect(entry.source.count > 5, "line \(entry.line) names no source")
            let place: Comment =
                "line \(entry.line): \(String(decoding: entry.address, as: UTF8.self).debugDescription)"
            switch entry.verdict {
            case .valid: checkValid(entry, place)
            case .cleaned: checkCleaned(entry, place)
            case .invalid: checkInvalid(entry, place)
            }
        }
        for (kind, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(count)\t\(kind)") }
        #expect(entries.count >= 300)
        #expect(entries.filter { $0.verdict == .valid }.count >= 100)
        #expect(entries.filter { $0.verdict == .invalid }.count >= 200)
    }

    private func checkValid(_ entry: Entry, _ place: Comment) {
        do throws(AddressFault) {
            let address = try EmailAddress.parse(entry.address)
            if let key = entry.expected { #expect(Array(address.key.utf8) == key, place) }
            #expect(Array(address.text.utf8) == entry.address, place)
            // What goes on the wire is safe, and the wire's form is the same person.
            #expect(
                address.wire.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x3C && $0 != 0x3E },
                place
            )
            #expect(address.domain.utf8.allSatisfy { $0 < 0x80 }, place)
            #expect(try EmailAddress.parse(address.wire).key == address.key, place)
            let read = try CleanedAddress.read(entry.address[...])
            #expect(read.address == address && read.cleanings.isEmpty, place)
        } catch {
            Issue.record("\(place): \(error)")
        }
    }

    private func checkCleaned(_ entry: Entry, _ place: Comment) {
        #expect(throws: AddressFault.self, place) { try EmailAddress.parse(entry.address) }
        do throws(AddressFault) {
            let read = try CleanedAddress.read(entry.address[...])
            #expect(!read.cleanings.isEmpty, place)
            #expect(Array(read.address.key.utf8) == entry.expected, place)
        } catch {
            Issue.record("\(place): \(error)")
        }
    }

    private func checkInvalid(_ entry: Entry, _ place: Comment) {
        do throws(AddressFault) {
            let address = try EmailAddress.parse(entry.address)
            Issue.record("\(place): taken as \(address.key)")
        } catch {
            guard let expected = entry.expected else { return }
            #expect("\(error.problem)".hasPrefix(String(decoding: expected, as: UTF8.self)), place)
        }
        // Neither is it one when what stands around it is taken away.
        #expect(throws: AddressFault.self, place) { try CleanedAddress.read(entry.address[...]) }
    }
}
