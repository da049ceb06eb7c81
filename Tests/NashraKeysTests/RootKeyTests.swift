// SPDX-License-Identifier: Apache-2.0
//
// The root key's file: made once, read by its owner only, and every fault named with its remedy.
import Foundation
import NashraCore
import NashraKeys
import Testing

/// A folder of the test's own, gone afterwards.
private func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "nashra-keys-\(UUID().uuidString)")
        .path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
}

private func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
}

@Test func `a key is made with mode 0600 in a folder of mode 0700 and reads back`() throws {
    try withFolder { folder in
        let path = "\(folder)/var/keys/root.key"
        let made = try RootKey.create(at: path)
        #expect(try mode(path) == 0o600)
        #expect(try mode("\(folder)/var/keys") == 0o700)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/var/keys") == ["root.key"])
        let read = try RootKey.read(from: path)
        let id = DeliveryID(rawValue: 5)
        #expect(
            Keyring(root: read).unsubscribeToken(for: id) == Keyring(root: made).unsubscribeToken(for: id)
        )
    }
}

@Test func `an existing key is never overwritten`() throws {
    try withFolder { folder in
        let path = "\(folder)/root.key"
        try RootKey.create(at: path)
        let before = FileManager.default.contents(atPath: path)
        let fault = #expect(throws: UserError.self) { try RootKey.create(at: path) }
        #expect(fault?.status == .cannotCreate)
        #expect(FileManager.default.contents(atPath: path) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["root.key"])
    }
}

@Test func `two keys differ, and neither prints`() throws {
    try withFolder { folder in
        let (one, two) = try (RootKey.create(at: "\(folder)/1"), RootKey.create(at: "\(folder)/2"))
        let id = DeliveryID(rawValue: 5)
        #expect(Keyring(root: one).boundary(for: id) != Keyring(root: two).boundary(for: id))
        #expect("\(one)" == "•••")
        var dumped = ""
        dump(one, to: &dumped)
        #expect(!dumped.contains("SymmetricKey"))
    }
}

@Test func `a missing key is a configuration error that says how to get it back`() throws {
    let fault = #expect(throws: UserError.self) { try RootKey.read(from: "/nonexistent/نشرة/root.key") }
    #expect(fault?.status == .configuration)
    #expect(fault?.message.contains("/nonexistent/نشرة/root.key") == true)
    #expect(fault?.remedy.contains("backup") == true)
}

@Test(arguments: [0o640, 0o604, 0o620, 0o601, 0o644])
func `a key that others can use is refused`(_ permissions: Int) throws {
    try withFolder { folder in
        let path = "\(folder)/root.key"
        try RootKey.create(at: path)
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
        let fault = #expect(throws: UserError.self) { try RootKey.read(from: path) }
        #expect(fault?.status == .configuration)
        #expect(fault?.message.contains("0\(String(permissions, radix: 8))") == true)
        #expect(fault?.remedy.contains("chmod 600") == true)
    }
}

@Test(arguments: [0, 1, 31, 33, 64])
func `a key of the wrong length is refused`(_ length: Int) throws {
    try withFolder { folder in
        let path = "\(folder)/root.key"
        try Data(repeating: 1, count: length).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let fault = #expect(throws: UserError.self) { try RootKey.read(from: path) }
        #expect(fault?.status == .configuration)
        #expect(fault?.message.contains("\(length) bytes") == true)
    }
}

@Test func `a folder is not a key`() throws {
    try withFolder { folder in
        let fault = #expect(throws: UserError.self) { try RootKey.read(from: folder) }
        #expect(fault?.status == .configuration)
    }
}

@Test(.enabled(if: getuid() == 0, "giving files away needs root"))
func `another user's key is refused`() throws {
    try withFolder { folder in
        let path = "\(folder)/root.key"
        try RootKey.create(at: path)
        try FileManager.default.setAttributes([.ownerAccountID: 65_534], ofItemAtPath: path)
        let fault = #expect(throws: UserError.self) { try RootKey.read(from: path) }
        #expect(fault?.status == .configuration)
        #expect(fault?.remedy.contains("chown") == true)
    }
}
