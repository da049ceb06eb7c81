// SPDX-License-Identifier: Apache-2.0
//
// Events as the vendors document them, and openssl as the signer that is not ours.
import Foundation
import NashraCore
import NashraProviders
import NashraTestKit
import Testing

/// 2026-11-22T09:00:00Z.
let now = ManualClock().now()

/// Reads an input for a provider that is believed without a signature.
func read(_ json: String, _ provider: Provider, keys: ProviderKeys? = nil) -> ProviderReading {
    var open = ProviderKeys()
    open.allowsUnsigned = Set(Provider.allCases)
    return ProviderNotification.read(
        Array(json.utf8),
        provider: provider,
        keys: keys ?? open,
        now: now,
        file: "x.json"
    )
}

/// The bytes of a file in Examples.
func example(_ name: String) throws -> [UInt8] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Examples")
    return Array(try Data(contentsOf: folder.appending(path: name)))
}

/// One run of openssl in a folder of its own.
struct OpenSSL {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "nashra-ssl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    @discardableResult
    func run(_ arguments: [String], input: [UInt8] = []) throws -> [UInt8] {
        let file = folder.appending(path: "input")
        try Data(input).write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        let output = Pipe()
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let answer = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "openssl failed (package openssl): \(arguments)")
        return Array(answer)
    }

    /// A certificate for SNS that signed itself, valid from now on, and its key as `NAME.key`.
    func certificate(_ name: String = "sns", days: Int = 3650) throws -> String {
        try run([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=sns.amazonaws.com", "-days",
            String(days),
            "-keyout", path("\(name).key"), "-out", path("\(name).pem"),
        ])
        return try String(contentsOfFile: path("\(name).pem"), encoding: .utf8)
    }
}

/// An envelope of SNS around a message, signed by openssl.
struct Envelope {
    var topic = "arn:aws:sns:eu-central-1:123456789012:nashra-نشرة"
    var message: String
    var version = "2"
    /// Of the machine's clock, because the certificate is too.
    var time = (Date() + 60).formatted(.iso8601)
    var url = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
    var subject: String? = "Amazon SES Email Event Notification"

    /// What is signed, by the rules of Amazon's documentation.
    var canonical: String {
        let subject = subject.map { "Subject\n\($0)\n" } ?? ""
        return
            "Message\n\(message)\nMessageId\nm-1\n\(subject)Timestamp\n\(time)\nTopicArn\n\(topic)\nType\nNotification\n"
    }

    func signed(_ ssl: OpenSSL, key: String = "sns") throws -> String {
        let digest = version == "1" ? "-sha1" : "-sha256"
        let signature = try ssl.run(
            ["dgst", digest, "-sign", ssl.path("\(key).key")],
            input: Array(canonical.utf8)
        )
        return try json(signature: Data(signature).base64EncodedString())
    }

    func json(signature: String) throws -> String {
        var fields = [
            "Type": "Notification", "MessageId": "m-1", "TopicArn": topic, "Message": message,
            "Timestamp": time,
            "SignatureVersion": version, "Signature": signature, "SigningCertURL": url,
        ]
        fields["Subject"] = subject
        return String(decoding: try JSONEncoder().encode(fields), as: UTF8.self)
    }
}

/// A bounce of SES, as its documentation shows one.
func sesBounce(
    type: String = "Permanent",
    subType: String = "General",
    status: String = "5.1.1",
    diagnostic: String = "smtp; 550 5.1.1 المستخدم غير موجود",
    id: String = "0100-f"
) -> String {
    """
    {"eventType":"Bounce","bounce":{"bounceType":"\(type)","bounceSubType":"\(subType)","bouncedRecipients":[\
    {"emailAddress":"Ali <ali@example.org>","action":"failed","status":"\(status)","diagnosticCode":"\(diagnostic)"}],\
    "timestamp":"2026-11-22T08:00:00.5Z","feedbackId":"\(id)","reportingMTA":"dsn; a8-70.smtp-out.amazonses.com"},\
    "mail":{"timestamp":"2026-11-22T07:59:00.000Z","source":"b+token@bounces.example.org","messageId":"0100-m",\
    "destination":["ali@example.org"],"headers":[{"name":"Message-ID","value":"<m1abc@example.org>"}],\
    "commonHeaders":{"messageId":"<m1abc@example.org>","subject":"نشرة"}}}
    """
}

/// What is expected of one event's first recipient.
struct Expected: Sendable {
    let kind: BounceVerdict.Kind
    let reason: RefusalReason?
    let action: BounceVerdict.Action?
    init(_ kind: BounceVerdict.Kind, _ reason: RefusalReason? = nil, _ action: BounceVerdict.Action? = nil) {
        (self.kind, self.reason, self.action) = (kind, reason, action)
    }
}
