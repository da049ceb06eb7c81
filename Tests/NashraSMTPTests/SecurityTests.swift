// SPDX-License-Identifier: Apache-2.0
//
// TLS and AUTH against a real TLS server: what is not trusted, not encrypted or not logged in gets no mail.
// Loopback only; certificates are made for each test.
import Foundation
import NashraCore
import NashraSMTP
import NashraSink
import Testing

@Suite struct SecurityTests {
    private static func envelope(_ address: String = "huda@moi.example") throws -> Envelope {
        Envelope(sender: "b@bounces.example", recipient: try EmailAddress.parse(address))
    }

    /// A sink and the settings that fit it, with its certificate as the only one trusted.
    private struct World {
        var sink: SinkServer
        var settings: RelaySettings
        private let folder: URL

        init(_ change: (inout SinkOptions) throws -> Void) throws {
            folder = FileManager.default.temporaryDirectory.appending(path: "nashra-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            var options = SinkOptions()
            options.tls = .startTLS
            options.certificateFile = folder.appending(path: "ca.pem").path
            try change(&options)
            sink = try SinkServer.start(options)
            settings = RelaySettings(
                name: "sink",
                host: "127.0.0.1",
                port: sink.port,
                tls: options.tls == .implicit ? .implicit : .startTLS,
                caFile: options.certificateFile,
                ehloName: "sender.example"
            )
        }

        func end() {
            sink.stop()
            try? FileManager.default.removeItem(at: folder)
        }

        /// Opens and sends one message.
        func outcome(_ address: String = "huda@moi.example", message: [UInt8] = Array("a\r\n".utf8)) throws
            -> String
        {
            let connection = SMTPConnection(settings)
            defer { connection.close() }
            do { try connection.open() } catch { return error.label }
            #expect(connection.isEncrypted == (settings.tls != .none))
            switch connection.transfer(try envelope(address), message: message, intent: { true }) {
            case .accepted: return "accepted"
            case .failed(let failure): return failure.label
            case .withdrawn: return "withdrawn"
            }
        }
    }

    @Test(arguments: [SinkOptions.TLS.startTLS, .implicit])
    func `with a trusted certificate mail goes out, encrypted, large messages and Arabic addresses too`(
        _ tls: SinkOptions.TLS
    ) throws {
        let world = try World { $0.tls = tls }
        defer { world.end() }
        #expect(try world.outcome("علي@moi.example") == "accepted")
        let large = Array(String(repeating: ".a line that is stuffed\r\n", count: 200_000).utf8)
        #expect(try world.outcome(message: large) == "accepted")
        let seen = world.sink.statistics
        #expect(seen.messages == 2 && seen.tlsConnections == 2)
        #expect(seen.bytes == large.count + 3)
    }

    @Test func `a server that has seen enough of a large message is heard through TLS, before any dot`()
        throws
    {
        let world = try World {
            $0.rules = [SinkRule(.body, .reply(try #require(SinkReply("552 5.3.4 too big"))))]
        }
        defer { world.end() }
        let huge = Array(String(repeating: ".a line that is stuffed\r\n", count: 400_000).utf8)
        #expect(try world.outcome(message: huge) == "body/recipient/give-up")
        #expect(world.sink.statistics.messages == 0)
    }

    @Test(arguments: [SinkOptions.TLS.startTLS, .implicit], [SinkOptions.Certificate.wrongHost, .expired])
    func `a certificate for another host or from yesterday: zero bytes of mail, and the operator is asked`(
        _ tls: SinkOptions.TLS,
        _ certificate: SinkOptions.Certificate
    ) throws {
        let world = try World {
            $0.tls = tls
            $0.certificate = certificate
        }
        defer { world.end() }
        let stage = tls == .implicit ? "connect" : "starttls"
        #expect(try world.outcome() == "\(stage)/configuration/ask-operator")
        #expect(world.sink.statistics.commands["MAIL"] == nil)
    }

    @Test(arguments: [true, false])
    func `a certificate that nobody we trust has signed: zero bytes of mail`(_ systemTrust: Bool) throws {
        var world = try World { _ in }
        let other = try World { _ in }
        defer {
            world.end()
            other.end()
        }
        world.settings.caFile = systemTrust ? nil : other.settings.caFile
        #expect(try world.outcome() == "starttls/configuration/ask-operator")
        #expect(world.sink.statistics.commands["MAIL"] == nil)
    }

    @Test func `a CA file that is not there is a fault of ours`() throws {
        var world = try World { _ in }
        defer { world.end() }
        world.settings.caFile = "/nonexistent/ca.pem"
        #expect(try world.outcome().hasSuffix("/configuration/ask-operator"))
        #expect(world.sink.statistics.commands["MAIL"] == nil)
    }

    @Test func `a relay without STARTTLS gets no mail`() throws {
        var world = try World { $0.tls = .none }
        defer { world.end() }
        world.settings.caFile = nil
        #expect(try world.outcome() == "starttls/configuration/ask-operator")
        #expect(world.sink.statistics.commands["MAIL"] == nil)
    }

    @Test(arguments: [RelaySettings.Mechanism.plain, .login, .either])
    func `a login goes through, with an Arabic user name and password`(_ mechanism: RelaySettings.Mechanism)
        throws
    {
        var world = try World {
            $0.users = ["نشرة": Secret("كلمة سرّ")]
            $0.requiresAuth = true
            if mechanism != .either { $0.mechanisms = [mechanism == .plain ? .plain : .login] }
        }
        defer { world.end() }
        world.settings.user = "نشرة"
        world.settings.password = Secret("كلمة سرّ")
        world.settings.auth = mechanism
        #expect(try world.outcome() == "accepted")
        world.settings.password = Secret("كلمة أخرى")
        #expect(try world.outcome() == "auth/configuration/ask-operator")
        world.settings.user = nil
        #expect(try world.outcome() == "mail/configuration/ask-operator", "530: a login is wanted")
        #expect(world.sink.statistics.messages == 1)
    }

    @Test func `AUTH not offered although a login is configured: zero bytes of mail`() throws {
        var world = try World { _ in }
        defer { world.end() }
        world.settings.user = "nashra"
        world.settings.password = Secret("secret")
        #expect(try world.outcome() == "auth/configuration/ask-operator")
        #expect(world.sink.statistics.commands["MAIL"] == nil)
    }

    @Test func `only a mechanism that we may not use is offered: zero bytes of mail`() throws {
        var world = try World {
            $0.users = ["nashra": Secret("secret")]
            $0.mechanisms = [.login]
        }
        defer { world.end() }
        world.settings.user = "nashra"
        world.settings.password = Secret("secret")
        world.settings.auth = .plain
        #expect(try world.outcome() == "auth/configuration/ask-operator")
        #expect(world.sink.statistics.commands["MAIL"] == nil)
    }

    @Test func `a login that is put off is the connection's trouble and no reason to ask anybody`() throws {
        var world = try World {
            $0.users = ["nashra": Secret("secret")]
            $0.rules = [SinkRule(.auth, .reply(try #require(SinkReply("454 4.7.0 busy"))))]
        }
        defer { world.end() }
        world.settings.user = "nashra"
        world.settings.password = Secret("secret")
        #expect(try world.outcome() == "auth/connection/retry")
    }
}
