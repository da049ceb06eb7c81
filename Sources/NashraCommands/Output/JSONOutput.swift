// SPDX-License-Identifier: Apache-2.0
//
// JSON with its keys in the order in which they were encoded, so that results read as documented.
// Pure. Foundation's encoder knows only "any order" and "by alphabet".
// Rules: RFC 8259.
import Foundation

/// Turns values into JSON.
enum JSONOutput {
    /// One value as one line of JSON, without a line end.
    ///
    /// Keys keep the order of `encode(to:)`; those of dictionaries are sorted. Numbers without a form in JSON
    /// become `null`. Nothing but quotes, backslashes and controls is escaped: Arabic stays readable.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let node = JSONNode()
        try node.encode(value, path: [])
        var bytes: [UInt8] = []
        node.write(to: &bytes)
        return bytes
    }
}

/// A value on its way to JSON.
private final class JSONNode {
    private enum Kind { case null, literal, text, list, object }

    private var kind = Kind.null
    private var text = ""
    private var items: [JSONNode] = []
    private var members: [(key: String, value: JSONNode)] = []
    private var sortsMembers = false

    func encode(_ value: some Encodable, path: [any CodingKey]) throws {
        switch value {
        case let flag as Bool: setLiteral(flag ? "true" : "false")
        case let string as String:
            kind = .text
            text = string
        case let number as Double: setNumber(number)
        case let number as Float: setNumber(Double(number))
        case let number as any FixedWidthInteger: setLiteral(String(describing: number))
        case let url as URL: try encode(url.absoluteString, path: path)
        default:
            sortsMembers = value is any KeyedByText
            try value.encode(to: JSONNodeEncoder(node: self, codingPath: path))
        // An empty object or list has asked for its container; what asked for none is null.
        }
    }

    func setNull() { kind = .null }

    func becomeObject() { kind = .object }

    func becomeList() { kind = .list }

    var count: Int { items.count }

    func member(_ key: String) -> JSONNode {
        let node = JSONNode()
        members.append((key, node))
        return node
    }

    func item() -> JSONNode {
        let node = JSONNode()
        items.append(node)
        return node
    }

    private func setLiteral(_ literal: String) {
        kind = .literal
        text = literal
    }

    private func setNumber(_ number: Double) {
        guard number.isFinite else { return setNull() }
        // 4.0 is written 4.0 and 1e+20 as Swift writes it: both are JSON.
        setLiteral(number.description)
    }

    func write(to bytes: inout [UInt8]) {
        switch kind {
        case .null: bytes += Array("null".utf8)
        case .literal: bytes += Array(text.utf8)
        case .text: Self.write(text, to: &bytes)
        case .list:
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object:
            bytes.append(UInt8(ascii: "{"))
            let ordered = sortsMembers ? members.sorted { $0.key < $1.key } : members
            for (index, member) in ordered.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.write(member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)

    private static func write(_ string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in string.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0x0A: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            case 0x0D: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
            case 0x09: bytes += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
            case 0..<0x20, 0x7F:
                bytes += Array("\\u00".utf8) + [hexDigits[Int(byte >> 4)], hexDigits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

/// Dictionaries, whose own order is a different one in every run.
private protocol KeyedByText {}
extension Dictionary: KeyedByText where Key: Encodable, Value: Encodable {}

private struct JSONNodeEncoder: Encoder {
    let node: JSONNode
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        node.becomeObject()
        return KeyedEncodingContainer(JSONObjectContainer<Key>(node: node, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        node.becomeList()
        return JSONListContainer(node: node, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        JSONValueContainer(node: node, codingPath: codingPath)
    }
}

private struct JSONObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let node: JSONNode
    let codingPath: [any CodingKey]

    func encodeNil(forKey key: Key) { node.member(key.stringValue).setNull() }

    func encode(_ value: some Encodable, forKey key: Key) throws {
        try node.member(key.stringValue).encode(value, path: codingPath + [key])
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy keyType: Nested.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder(for: key).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder(for: key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        JSONNodeEncoder(node: node.member("super"), codingPath: codingPath)
    }

    func superEncoder(forKey key: Key) -> any Encoder { encoder(for: key) }

    private func encoder(for key: Key) -> JSONNodeEncoder {
        JSONNodeEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
    }
}

private struct JSONListContainer: UnkeyedEncodingContainer {
    let node: JSONNode
    let codingPath: [any CodingKey]
    var count: Int { node.count }

    func encodeNil() { node.item().setNull() }

    func encode(_ value: some Encodable) throws { try node.item().encode(value, path: codingPath) }

    func nestedContainer<Nested: CodingKey>(keyedBy keyType: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }

    func superEncoder() -> any Encoder { encoder() }

    private func encoder() -> JSONNodeEncoder { JSONNodeEncoder(node: node.item(), codingPath: codingPath) }
}

private struct JSONValueContainer: SingleValueEncodingContainer {
    let node: JSONNode
    let codingPath: [any CodingKey]

    func encodeNil() { node.setNull() }

    func encode(_ value: some Encodable) throws { try node.encode(value, path: codingPath) }
}
