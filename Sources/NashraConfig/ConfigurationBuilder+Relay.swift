// SPDX-License-Identifier: Apache-2.0
//
// The relay: where it is, how the connection is protected, who we are to it.
// Reads the password's file or credential, and looks for the authorities' file. Rules: docs/config.md.
import Foundation
import NashraCore
import NashraYAML

extension ConfigurationBuilder {
    /// The one relay.
    func relay(fallbackEHLO: String?) -> RelayConfiguration? {
        guard let name = reader.source.relays.first?.name else {
            reader.fault(
                "relays",
                "names no relay",
                "Add one: relays: {primary: {url: \"smtp://host:port\"}}."
            )
            return nil
        }
        for other in reader.source.relays.dropFirst() {
            reader.fault(
                "relays.\(other.name)",
                "is a second relay; one is all we can use for now",
                "Delete it, or put it in comments."
            )
        }
        let base = "relays.\(name)"
        let url = url(base)
        let security = security(base, url)
        let credentials = credentials(base)
        if let url, security == RelayConfiguration.Security.none, !url.isLoopback {
            complain(plainText: base, credentials: credentials.isPresent)
        }
        let caFile = caFile(base)
        let mechanism = reader.word("\(base).auth", RelayConfiguration.Mechanism.self)
        let ehlo = ehloName(base, fallbackEHLO)
        let connections = reader.integer("\(base).connections", 1...200)
        let messages = reader.integer("\(base).messages_per_connection", 1...1_000_000)
        let rate = reader.value("\(base).rate", form: "a rate such as 50/s, 3000/min, or 0 for no limit") {
            ScalarText.perSecond($0)
        }
        let timeouts = timeouts(base)
        guard let url, let security, let mechanism, let ehlo, let connections, let messages, let rate,
            let timeouts
        else { return nil }
        return RelayConfiguration(
            name: name,
            host: url.host,
            port: url.port,
            security: security,
            caFile: caFile,
            credentials: credentials.value,
            mechanism: mechanism,
            ehloName: ehlo,
            connections: connections,
            messagesPerConnection: messages,
            messagesPerSecond: rate == 0 ? nil : rate,
            timeouts: timeouts
        )
    }

    private func url(_ base: String) -> RelayURL? {
        guard let text = reader.text("\(base).url") else { return nil }
        do throws(RelayURL.Fault) {
            return try RelayURL(text)
        } catch {
            // The text is not repeated: it may hold a password.
            reader.fault(
                "\(base).url",
                "is no relay's address: \(error.message)",
                "Write it as smtp://host:port."
            )
            return nil
        }
    }

    private func security(_ base: String, _ url: RelayURL?) -> RelayConfiguration.Security? {
        let path = "\(base).tls"
        guard reader.source.raws[path] != nil else {
            guard let url else { return nil }
            let security: RelayConfiguration.Security =
                url.isImplicitTLS ? .implicit : url.isLoopback ? .none : .startTLS
            reader.derive(path, security.rawValue)
            return security
        }
        guard let security = reader.word(path, RelayConfiguration.Security.self) else { return nil }
        if let url, url.isImplicitTLS != (security == .implicit) {
            let scheme = url.isImplicitTLS ? "smtps" : "smtp"
            reader.fault(
                path,
                "is \(security.rawValue), but the url begins with \(scheme)://",
                "smtps:// goes with implicit, smtp:// with starttls or none."
            )
            return nil
        }
        return security
    }

    private func complain(plainText base: String, credentials: Bool) {
        if credentials {
            reader.fault(
                "\(base).tls",
                "is none, so the password would cross the network in plain text",
                "Use starttls, or delete the user and the password."
            )
        } else {
            reader.fault(
                "\(base).tls",
                "is none: everyone between here and the relay can read and change the mails",
                "Use starttls unless the network between is yours alone.",
                severity: .warning
            )
        }
    }

    private func credentials(_ base: String) -> (value: RelayConfiguration.Credentials?, isPresent: Bool) {
        let user = reader.text("\(base).user")
        let hasFile = reader.source.raws["\(base).password_file"] != nil
        let password = password(base)
        guard let user else {
            if password != nil || hasFile {
                reader.fault(
                    "\(base).user",
                    "is missing, though there is a password",
                    "Add it, or delete the password."
                )
            }
            return (nil, password != nil)
        }
        guard let password else {
            if !hasFile {
                let variable = ConfigurationKey.variable("\(base).password")
                reader.fault(
                    "\(base).user",
                    "has no password",
                    "Name its file in password_file, hand over the credential \(base).password, or set \(variable)."
                )
            }
            return (nil, true)
        }
        return (RelayConfiguration.Credentials(user: user, password: password), true)
    }

    /// The password from the environment, else from a credential, else from its file.
    func password(_ base: String) -> Secret? {
        secret("\(base).password", file: "\(base).password_file")
    }

    /// A secret from the environment, else from a credential, else from the file that another key names.
    func secret(_ key: String, file fileKey: String) -> Secret? {
        let file = reader.text(fileKey)
        if let raw = reader.source.raws[key], let text = raw.texts.first {
            reader.secret(key, raw.origin)
            if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
                reader.fault(key, "holds a line break or another control character")
                return nil
            }
            return Secret(text)
        }
        if let folder = environment["CREDENTIALS_DIRECTORY"], !folder.isEmpty,
            access("\(folder)/\(key)", F_OK) == 0
        {
            reader.secret(key, .credential(key))
            return secret(SecretFile(path: "\(folder)/\(key)", allowsGroup: true), key)
        }
        if let file {
            reader.secret(key, .credential(file))
            return secret(SecretFile(path: absolute(file), allowsGroup: false), fileKey)
        }
        reader.derive(key, "")
        return nil
    }

    private func secret(_ file: SecretFile, _ key: String) -> Secret? {
        do throws(SecretFile.Fault) {
            return try file.read()
        } catch {
            reader.fault(key, "cannot be used: \(error.message)", error.remedy)
            return nil
        }
    }

    /// The absolute path of the authorities to trust instead of the system's.
    func caFile(_ base: String) -> String? {
        guard let text = reader.text("\(base).ca_file") else { return nil }
        let path = absolute(text)
        guard let content = FileManager.default.contents(atPath: path) else {
            reader.fault(
                "\(base).ca_file",
                "names \(path), which cannot be read",
                "Give the path of a PEM file."
            )
            return nil
        }
        if content.range(of: Data("-----BEGIN CERTIFICATE-----".utf8)) == nil {
            reader.fault("\(base).ca_file", "names \(path), which holds no certificate in PEM")
        }
        return path
    }

    private func ehloName(_ base: String, _ fallback: String?) -> String? {
        derived(
            "\(base).ehlo_name",
            { path in
                reader.value(path, form: "a host name or an address in brackets") { text in
                    if text.hasPrefix("["), text.hasSuffix("]") {
                        let inner = text.dropFirst().dropLast()
                        let fits = inner.utf8.allSatisfy {
                            (0x30...0x3A).contains($0) || (0x41...0x5A).contains($0)
                                || (0x61...0x7A).contains($0)
                                || $0 == UInt8(ascii: ".")
                        }
                        return fits && !inner.isEmpty ? text : nil
                    }
                    return try? DomainName.aLabels(text.utf8)
                }
            },
            Self.machineName ?? fallback
        )
    }

    /// This machine's name when it can stand in EHLO: with a dot, and well formed.
    private static var machineName: String? {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let domain = try? DomainName.aLabels(name.utf8), !domain.hasSuffix(".localdomain") else {
            return nil
        }
        return domain
    }

    private func timeouts(_ base: String) -> RelayConfiguration.Timeouts? {
        func read(_ step: String) -> Duration? {
            reader.duration("\(base).timeouts.\(step)", .milliseconds(50) ... .seconds(3600))
        }
        let all = [
            "connect", "greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body", "dot", "rset",
            "quit",
        ].map(read)
        guard all.allSatisfy({ $0 != nil }) else { return nil }
        let times = all.compactMap(\.self)
        return RelayConfiguration.Timeouts(
            connect: times[0],
            greeting: times[1],
            ehlo: times[2],
            startTLS: times[3],
            auth: times[4],
            mail: times[5],
            rcpt: times[6],
            data: times[7],
            body: times[8],
            afterDot: times[9],
            rset: times[10],
            quit: times[11]
        )
    }

    /// A path of the configuration, from the workspace's folder when it is relative.
    func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(root)/\(path)" }
}
