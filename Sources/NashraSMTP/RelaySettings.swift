// SPDX-License-Identifier: Apache-2.0
//
// One relay, as the transport needs to know it.
// Pure values. Whether plain text is allowed to this host is decided where the configuration is read.
public import NashraCore

/// How to reach one relay and how to log in.
public struct RelaySettings: Sendable, Hashable {
    /// How the connection is protected.
    ///
    /// Certificates are always verified.
    public enum Security: String, Sendable, Hashable, CaseIterable {
        /// STARTTLS, and no mail without it.
        case startTLS = "starttls"
        /// TLS before the greeting, as on port 465.
        case implicit
        /// Plain text.
        case none
    }

    /// Which AUTH mechanism may be used.
    public enum Mechanism: String, Sendable, Hashable, CaseIterable {
        case plain, login
        /// PLAIN or LOGIN, whichever is offered.
        case either
    }

    /// Its name in the configuration.
    public var name: String
    /// Host name or IP address, without brackets.
    public var host: String
    /// Port, 1...65,535.
    public var port: Int
    /// How the connection is protected.
    public var tls: Security
    /// A PEM file with the only certificates to trust; `nil`: those of the system.
    public var caFile: String?
    /// The user name for AUTH; `nil`: no AUTH.
    public var user: String?
    /// The password for AUTH.
    public var password: Secret?
    /// Which AUTH mechanism may be used.
    public var auth: Mechanism
    /// The name we give in EHLO: our host name with its domain, or an address in brackets.
    public var ehloName: String
    /// How long each step may take.
    public var timeouts: Timeouts

    /// Makes settings.
    public init(
        name: String,
        host: String,
        port: Int,
        tls: Security,
        caFile: String? = nil,
        user: String? = nil,
        password: Secret? = nil,
        auth: Mechanism = .either,
        ehloName: String,
        timeouts: Timeouts = Timeouts()
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.tls = tls
        self.caFile = caFile
        self.user = user
        self.password = password
        self.auth = auth
        self.ehloName = ehloName
        self.timeouts = timeouts
    }

    /// What is wrong with these settings, in words that complete "the relay's …"; `nil` when nothing is.
    ///
    /// Host and EHLO name become part of a URL and of a command line, so they are held to letters, digits,
    /// dots and hyphens, and to what an IP address needs.
    var fault: String? {
        if host.isEmpty || !host.utf8.allSatisfy(Self.isHostByte) {
            return "host is not a host name or an address"
        }
        if !(1...65_535).contains(port) { return "port is not in 1...65,535" }
        if !Self.isEHLOName(ehloName) { return "EHLO name is not a host name or an address in brackets" }
        for (value, what) in [(user, "user name"), (password?.exposed, "password"), (caFile, "CA file name")]
        {
            guard let value, value.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) else {
                continue
            }
            return "\(what) holds NUL, CR or LF"
        }
        return user != nil && password == nil ? "password is missing" : nil
    }

    /// The URL for libcurl; its path is the name for EHLO.
    var url: String {
        let scheme = tls == .implicit ? "smtps" : "smtp"
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        var path = ""
        for byte in ehloName.utf8 {
            switch byte {
            case UInt8(ascii: "["): path += "%5B"
            case UInt8(ascii: "]"): path += "%5D"
            case UInt8(ascii: ":"): path += "%3A"
            default: path.unicodeScalars.append(Unicode.Scalar(byte))
            }
        }
        return "\(scheme)://\(name):\(port)/\(path)"
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        isNameByte(byte) || byte == UInt8(ascii: ":")
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isEHLOName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard !bytes.isEmpty, bytes.count <= 255 else { return false }
        guard bytes.first == UInt8(ascii: "[") else { return bytes.allSatisfy(isNameByte) }
        return bytes.count > 2 && bytes.last == UInt8(ascii: "]")
            && bytes.dropFirst().dropLast().allSatisfy(isHostByte)
    }
}
