// SPDX-License-Identifier: Apache-2.0
//
// A real Dovecot in a temporary folder: IMAP and POP3 on loopback, one user, Maildir, a throw-away
// certificate. Runs as root or as anybody. Needs the packages dovecot-imapd and dovecot-pop3d, and openssl.
public import Foundation
import Synchronization

/// A running Dovecot, for as many users as a test likes; safe from any thread.
public final class DovecotInstance: Sendable {
    /// How many users it knows.
    public static let numberOfUsers = 100
    /// One of its users, from 1; an address, as with hosters.
    static func user(_ number: Int) -> String { "bounces-\(number)@example.org" }
    /// Every user's password: Arabic, and signs that mean something in URLs and in IMAP.
    public static let password = "سر %20 \"\\ & بريد"
    /// What signs tokens for XOAUTH2 (HS256), as Dovecot checks them without asking anybody.
    public static let tokenKey = Array("a key of the tests and of nobody else".utf8)

    /// Where everything is.
    public let folder: URL
    /// Plain, with STARTTLS.
    public let imapPort = LoopbackPort.free()
    /// TLS from the first byte.
    public let imapsPort = LoopbackPort.free()
    /// Plain, with STLS.
    public let pop3Port = LoopbackPort.free()
    /// TLS from the first byte.
    public let pop3sPort = LoopbackPort.free()
    /// The certificate, which signed itself, for localhost and 127.0.0.1.
    public var caFile: String { folder.appending(path: "certificate.pem").path }
    private let given = Mutex(0)
    private let process = Mutex<ServerProcess?>(nil)
    private let count = Mutex(0)

    /// Starts it and waits until it listens.
    public init() throws {
        let server = "/usr/sbin/dovecot"
        for (file, package) in [
            (server, "dovecot-core"), ("/usr/lib/dovecot/imap-login", "dovecot-imapd"),
            ("/usr/lib/dovecot/pop3-login", "dovecot-pop3d"), ("/usr/bin/openssl", "openssl"),
        ] where !FileManager.default.isExecutableFile(atPath: file) {
            throw ServerFailure("\(file) is missing: install the package \(package)")
        }
        // Short, for the paths of sockets have 108 bytes; in memory when there is such a place, for Dovecot
        // syncs a lot.
        let shared = "/dev/shm"
        let base = FileManager.default.isWritableFile(atPath: shared) ? shared : "/tmp"
        folder = URL(filePath: "\(base)/nd-\(UUID().uuidString.prefix(8))")
        for name in ["run", "state", "mail", "keys/default/HS256"] {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name),
                withIntermediateDirectories: true
            )
        }
        try makeCertificate()
        let users = (1...Self.numberOfUsers).map { "\(Self.user($0)):{PLAIN}\(Self.password)\n" }
        try write("users", users.joined())
        try write("keys/default/HS256/default", Data(Self.tokenKey).base64EncodedString())
        try write("oauth2.conf", oauth2)
        try write("dovecot.conf", configuration)
        own(path("mail"))
        try start()
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts it, also again after ``stop()``; the mail is kept.
    public func start() throws {
        let started = try ServerProcess(
            "/usr/sbin/dovecot",
            ["-F", "-c", path("dovecot.conf")],
            output: path("output")
        )
        process.withLock { $0 = started }
        do {
            for port in [imapPort, imapsPort, pop3Port, pop3sPort] {
                try ServerProcess.waitForPort(port, name: "Dovecot")
            }
        } catch {
            let log = (try? String(contentsOf: folder.appending(path: "log"), encoding: .utf8)) ?? ""
            let output = (try? String(contentsOf: folder.appending(path: "output"), encoding: .utf8)) ?? ""
            throw ServerFailure("\(error)\n\(output)\n\(log.suffix(2000))")
        }
    }

    /// Stops it; safe to call twice.
    public func stop() {
        process.withLock { process in
            process?.stop()
            process = nil
        }
    }

    /// A user whose mailbox is empty.
    public func newUser() -> String {
        Self.user(
            given.withLock { given in
                given += 1
                precondition(given <= Self.numberOfUsers, "a Dovecot of the tests has too few users")
                return given
            }
        )
    }

    /// The Maildir of a user's inbox.
    public func maildir(of user: String) -> URL { folder.appending(path: "mail/\(user)/Maildir") }

    /// Puts a message into a folder of a mailbox, as a delivery agent does.
    ///
    /// - Parameters:
    ///   - message: Its bytes.
    ///   - user: Whose mailbox.
    ///   - name: The folder as Maildir++ writes it, such as `.Nashra.Unparsed`; empty is the inbox.
    /// - Throws: What the file system says.
    public func deliver(_ message: [UInt8], to user: String, folder name: String = "") throws {
        let maildir = maildir(of: user)
        let box = name.isEmpty ? maildir : maildir.appending(path: name)
        if !FileManager.default.fileExists(atPath: box.appending(path: "cur").path) {
            for part in ["tmp", "new", "cur"] {
                let place = box.appending(path: part)
                try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
                own(place.path)
            }
            for place in [box, maildir, maildir.deletingLastPathComponent()] { own(place.path) }
        }
        let number = count.withLock { count in
            count += 1
            return count
        }
        let file = box.appending(path: "tmp/1700\(String(number + 1_000_000).dropFirst()).M1P1.test")
        try Data(message).write(to: file)
        own(file.path)
        try FileManager.default.moveItem(at: file, to: box.appending(path: "new/\(file.lastPathComponent)"))
    }

    /// The messages of a folder as they lie on the disk, in the order of their delivery.
    public func messages(of user: String, folder name: String = "") throws -> [[UInt8]] {
        let box = name.isEmpty ? maildir(of: user) : maildir(of: user).appending(path: name)
        let files = ["new", "cur"].flatMap { part in
            (try? FileManager.default.contentsOfDirectory(
                at: box.appending(path: part),
                includingPropertiesForKeys: nil
            )) ?? []
        }
        return try files.sorted { $0.lastPathComponent < $1.lastPathComponent }.map {
            Array(try Data(contentsOf: $0))
        }
    }

    private func own(_ path: String) { if geteuid() == 0 { chown(path, 65534, 65534) } }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
        chmod(path(name), 0o644)  // its parts run as other users
    }

    private func makeCertificate() throws {
        let status = try ServerProcess.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", path("key.pem"), "-out", path("certificate.pem"),
            ],
            output: path("openssl.log")
        )
        guard status == 0 else { throw ServerFailure("openssl cannot make a certificate: status \(status)") }
    }

    private var oauth2: String {
        """
        introspection_mode = local
        local_validation_key_dict = fs:posix:prefix=\(path("keys"))/
        username_attribute = sub

        """
    }

    private var configuration: String {
        let isRoot = geteuid() == 0
        let me = isRoot ? "" : String(cString: getpwuid(geteuid()).pointee.pw_name)
        let group = isRoot ? "" : String(cString: getgrgid(getegid()).pointee.gr_name)
        let users =
            isRoot
            ? ""
            : "default_internal_user = \(me)\ndefault_login_user = \(me)\ndefault_internal_group = \(group)\n"
        let unchained =
            isRoot
            ? ""
            : ["aggregator", "ipc", "old-stats"].map { "service \($0) {\n  chroot =\n}\n" }.joined()
        let chroot = isRoot ? "" : "\n  chroot ="
        let (uid, gid) = isRoot ? (65534, 65534) : (Int(geteuid()), Int(getegid()))
        return """
            base_dir = \(path("run"))
            state_dir = \(path("state"))
            log_path = \(path("log"))
            \(users)protocols = imap pop3
            listen = 127.0.0.1
            ssl = yes
            ssl_cert = <\(caFile)
            ssl_key = <\(path("key.pem"))
            disable_plaintext_auth = no
            auth_mechanisms = plain login xoauth2
            mail_location = maildir:\(path("mail"))/%u/Maildir
            first_valid_uid = 1
            mail_fsync = never
            auth_failure_delay = 0
            passdb {
              driver = oauth2
              mechanisms = xoauth2
              args = \(path("oauth2.conf"))
            }
            passdb {
              driver = passwd-file
              mechanisms = plain login
              args = \(path("users"))
            }
            userdb {
              driver = static
              args = uid=\(uid) gid=\(gid) home=\(path("mail"))/%u
            }
            service imap-login {\(chroot)
              inet_listener imap {
                port = \(imapPort)
              }
              inet_listener imaps {
                port = \(imapsPort)
                ssl = yes
              }
            }
            service pop3-login {\(chroot)
              inet_listener pop3 {
                port = \(pop3Port)
              }
              inet_listener pop3s {
                port = \(pop3sPort)
                ssl = yes
              }
            }
            service anvil {\(chroot)
              unix_listener anvil-auth-penalty {
                mode = 0
              }
            }
            \(unchained)
            """
    }
}
