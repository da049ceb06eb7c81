// SPDX-License-Identifier: Apache-2.0
//
// What it means for the person at the keyboard when a mailbox on a server cannot be used. Pure; the codes are
// libcurl's (curl/curl.h), which it never renumbers. Words of servers: RFC 5530, 2449, 3206.
import NashraCore

/// From libcurl's result and the server's last words to an error for people.
enum MailboxFailure {
    /// The error for one failed command.
    ///
    /// - Parameters:
    ///   - error: What libcurl said.
    ///   - access: Which mailbox; only its address is shown.
    ///   - doing: What was under way, to complete "… failed".
    /// - Returns: The error for people.
    static func error(_ error: CurlError, _ access: MailboxAccess, doing: String) -> UserError {
        let place = "\(access.url)"
        let said =
            error.lines.last { isRefusal($0) }.map { ", the server says \(ServerWords.quoted($0))" } ?? ""
        switch error.code {
        case 6:
            return UserError(
                .unavailable,
                "\(place): there is no host “\(access.url.host)”.",
                remedy: "Mend the address."
            )
        case 7:
            return UserError(
                .unavailable,
                "\(place) does not answer on port \(access.url.port) (\(error.message)).",
                remedy: "Is the server up, and is the port right? IMAP has 993, POP3 995."
            )
        case 28:
            return UserError(
                .unavailable,
                "\(place): \(doing) took too long (\(error.message)).",
                remedy: "Nothing is lost: what was not recorded is still in the mailbox. Try again later."
            )
        case 35, 51, 58, 59, 60, 77, 83, 90, 91: return untrusted(error, access)
        case 64:
            return UserError(
                .unavailable,
                "\(place): the server does not offer TLS, and a password may not travel without.",
                remedy:
                    "Use \(access.url.scheme.isIMAP ? "imaps" : "pop3s")://, or set up TLS on the server."
            )
        case 67: return refusedLogin(error, access, said)
        case 21:
            return UserError(
                isTemporary(error.lines) ? .tryAgain : .unavailable,
                "\(place): \(doing) was refused\(said).",
                remedy: "Nothing is lost: what was not recorded is still in the mailbox."
            )
        default:
            return UserError(
                .unavailable,
                "\(place): \(doing) failed, the connection broke off or made no sense "
                    + "(\(error.message))\(said).",
                remedy: "Nothing is lost: what was not recorded is still in the mailbox. Try again."
            )
        }
    }

    private static func untrusted(_ error: CurlError, _ access: MailboxAccess) -> UserError {
        UserError(
            error.code == 77 ? .configuration : .unavailable,
            "\(access.url): no trusted TLS connection (\(error.message)).",
            remedy: access.caFile == nil
                ? "When the server's certificate comes from an authority of your own, name its PEM file as "
                    + "ca_file; the check cannot be switched off."
                : "Does \(access.caFile ?? "") hold the authority, and the certificate this host's name?"
        )
    }

    private static func refusedLogin(_ error: CurlError, _ access: MailboxAccess, _ said: String) -> UserError
    {
        if isTemporary(error.lines) {
            return UserError(
                .tryAgain,
                "\(access.url): the mailbox is in use or not available at the moment\(said).",
                remedy: "Try again in a few minutes."
            )
        }
        let remedy =
            switch access.login {
            case .password:
                "Check user and password. Gmail and others take a password for applications only; "
                    + "Microsoft 365 takes an access token (xoauth2)."
            case .token:
                "Is the access token still valid? It lasts an hour as a rule; renew it before each run."
            }
        return UserError(
            .configuration,
            "\(access.url): the server does not let “\(access.user)” in\(said).",
            remedy: remedy
        )
    }

    private static func isRefusal(_ line: [UInt8]) -> Bool {
        if line.starts(with: Array("-ERR".utf8)) || line.starts(with: Array("* BYE".utf8)) { return true }
        guard let space = line.firstIndex(of: 0x20), line.first != UInt8(ascii: "*") else { return false }
        let rest = line[(space + 1)...]
        return rest.starts(with: Array("NO".utf8)) || rest.starts(with: Array("BAD".utf8))
    }

    /// Whether the server says that it is a matter of time.
    private static func isTemporary(_ lines: [[UInt8]]) -> Bool {
        guard let line = lines.last(where: isRefusal) else { return false }
        return ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[IN-USE]", "[LOGIN-DELAY]", "[SYS/TEMP]"].contains {
            ServerWords.contains(line, $0)
        }
    }
}
