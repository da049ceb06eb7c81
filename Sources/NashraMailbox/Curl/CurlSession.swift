// SPDX-License-Identifier: Apache-2.0
//
// libcurl's handle for one session with a mailbox: where C types and pointers of this folder live.
// One session is one connection; when it is lost, it stays lost. Blocks; used by one thread only.
// Rules: docs/returned-mail.md. libcurl sends with MSG_NOSIGNAL; the program ignores SIGPIPE besides.
import CCurl
import Glibc
import NashraCore

/// What libcurl or the server said when something failed.
struct CurlError: Error {
    /// The result; CURLE_OK never comes here.
    var code: UInt32
    /// libcurl's sentence.
    var message: String
    /// The server's lines during the command, without what was fetched.
    var lines: [[UInt8]] = []
}

/// One command.
struct CurlCommand {
    /// What follows the origin in the URL, percent-encoded.
    var path = ""
    /// The command, or `nil` for the one that the URL stands for, which fetches.
    var text: String?
    /// Whether one line answers it (POP3).
    var isAnsweredInOneLine = false
    /// How much may be fetched; the rest is cut, and the session ends with it.
    var bodyLimit = 1 << 20
}

/// What a command brought back.
struct CurlAnswer {
    /// The server's lines, without what was fetched.
    var lines: [[UInt8]]
    /// What was fetched.
    var body: [UInt8]
    /// How many of ``lines`` came before the body.
    var linesBeforeBody: Int
    /// Whether the body was cut at the command's limit; the session is over then.
    var isCut: Bool
}

/// One libcurl easy handle, which is one connection at most, from ``open(_:options:first:)`` to its end.
final class CurlSession {
    private let easy: UnsafeMutableRawPointer
    /// Where libcurl writes its sentence; allocated, because libcurl keeps the address.
    private let text: UnsafeMutablePointer<CChar>
    /// Whether a connection may be opened; libcurl keeps the address.
    private let gate: UnsafeMutablePointer<CInt>
    /// What the callbacks write to; libcurl keeps its address, we keep it alive.
    private let exchange = Exchange()
    private let origin: String
    /// Whether the one connection was made.
    private var isOpen = false

    private static let global: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    private init(_ easy: UnsafeMutableRawPointer, _ origin: String) {
        self.easy = easy
        self.origin = origin
        text = .allocate(capacity: Int(CURL_ERROR_SIZE))
        text.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        gate = .allocate(capacity: 1)
        gate.initialize(to: CInt(NASHRA_CURL_NO_SOCKET))
    }

    deinit {
        // Says LOGOUT or QUIT; until it returns, libcurl may write to `text` and call back.
        curl_easy_cleanup(easy)
        text.deallocate()
        gate.deallocate()
    }

    /// Connects, starts TLS, logs in, and carries out a first command.
    ///
    /// - Parameters:
    ///   - access: Where and who.
    ///   - options: libcurl's login options, such as `AUTH=PLAIN`, or `nil` for its own choice.
    ///   - first: What to do first; without it libcurl would not even connect.
    /// - Returns: The session, and what the first command brought.
    /// - Throws: What libcurl or the server said.
    static func open(
        _ access: MailboxAccess,
        options: String?,
        first: CurlCommand
    ) throws(CurlError) -> (CurlSession, CurlAnswer) {
        guard global == CURLE_OK, let easy = curl_easy_init() else {
            throw CurlError(code: CURLE_OUT_OF_MEMORY.rawValue, message: "libcurl cannot start")
        }
        let session = CurlSession(easy, access.origin)
        try session.setConnection(access.timeouts)
        try session.setSecurity(access)
        try session.setLogin(access, options)
        try session.setCallbacks()
        let open = access.isPlain ? NASHRA_CURL_LOOPBACK_SOCKET : NASHRA_CURL_ANY_SOCKET
        session.gate.pointee = CInt(open)
        defer { session.gate.pointee = CInt(NASHRA_CURL_NO_SOCKET) }
        let answer = try session.perform(first)
        session.isOpen = true
        return (session, answer)
    }

    /// Logs in with a mechanism that we name, because libcurl would take the "strongest" one offered and not try another;
    /// or with what is left, when the server offers none of SASL.
    ///
    /// - Parameters:
    ///   - access: Where and who.
    ///   - first: What to do first.
    ///   - isFinal: Whether the server's lines say that there is nothing else to try.
    /// - Returns: The session, and what the first command brought.
    /// - Throws: What libcurl or the server said.
    static func logIn(
        _ access: MailboxAccess,
        _ first: CurlCommand,
        isFinal: ([[UInt8]]) -> Bool
    ) throws(CurlError) -> (CurlSession, CurlAnswer) {
        if case .token = access.login { return try open(access, options: "AUTH=XOAUTH2", first: first) }
        do throws(CurlError) {
            return try open(access, options: "AUTH=PLAIN;AUTH=LOGIN", first: first)
        } catch {
            guard error.code == CURLE_LOGIN_DENIED.rawValue, !isFinal(error.lines) else { throw error }
            return try open(access, options: nil, first: first)
        }
    }

    private func setConnection(_ timeouts: MailboxAccess.Timeouts) throws(CurlError) {
        try check(nashra_curl_set_error_buffer(easy, text))
        try check(nashra_curl_allow_mailboxes_only(easy))
        try check(nashra_curl_set_gate(easy, gate))
        try check(nashra_curl_set_no_signal(easy))
        try check(nashra_curl_set_no_proxy(easy))
        try check(nashra_curl_set_keepalive(easy))
        let idle = Int(max(1, timeouts.idle.components.seconds))
        try check(nashra_curl_set_connect_timeout(easy, Int(timeouts.connect.milliseconds)))
        try check(nashra_curl_set_response_timeout(easy, idle))
        try check(nashra_curl_set_idle_timeout(easy, idle))
        try check(nashra_curl_set_total_timeout(easy, Int(timeouts.total.milliseconds)))
    }

    private func setSecurity(_ access: MailboxAccess) throws(CurlError) {
        try check(nashra_curl_verify_peer(easy))
        try check(nashra_curl_set_tls_floor(easy))
        try check(access.isPlain ? nashra_curl_forbid_tls(easy) : nashra_curl_require_tls(easy))
        if let file = access.caFile { try check(nashra_curl_trust_only(easy, file)) }
    }

    private func setLogin(_ access: MailboxAccess, _ options: String?) throws(CurlError) {
        switch access.login {
        case .password(let secret): try check(nashra_curl_set_login(easy, access.user, secret.exposed))
        case .token(let secret): try check(nashra_curl_set_token(easy, access.user, secret.exposed))
        }
        if let options { try check(nashra_curl_set_login_options(easy, options)) }
    }

    private func setCallbacks() throws(CurlError) {
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        try check(nashra_curl_set_reply_callback(easy, Self.onLines, context))
        try check(nashra_curl_set_body_callback(easy, Self.onBody, context))
    }

    private static let onLines: curl_write_callback = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        let whole = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return exchange.receivedLines(whole) ? whole.count : 0
    }

    private static let onBody: curl_write_callback = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        let whole = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return exchange.receivedBody(whole) ? whole.count : 0
    }

    /// Carries out one command on the connection of this session.
    ///
    /// Blocks; as long as the time-outs allow. After an error the connection is closed.
    func perform(_ command: CurlCommand) throws(CurlError) -> CurlAnswer {
        exchange.begin(bodyLimit: command.bodyLimit)
        text.pointee = 0
        try check(nashra_curl_set_url(easy, origin + command.path))
        try check(nashra_curl_set_command(easy, command.text.map(PercentEncoding.encoded)))
        try check(nashra_curl_expect_line_only(easy, command.isAnsweredInOneLine ? 1 : 0))
        let result = curl_easy_perform(easy)
        if isOpen, result == CURLE_COULDNT_CONNECT {
            // The connection is gone and the gate is shut.
            throw CurlError(
                code: CURLE_RECV_ERROR.rawValue,
                message: "the connection was lost",
                lines: exchange.lines
            )
        }
        if result != CURLE_WRITE_ERROR || !exchange.isCut { try check(result) }
        return CurlAnswer(
            lines: exchange.lines,
            body: exchange.body,
            linesBeforeBody: exchange.linesBeforeBody,
            isCut: exchange.isCut
        )
    }

    private func check(_ result: CURLcode) throws(CurlError) {
        guard result != CURLE_OK else { return }
        let own = String(cString: text)
        throw CurlError(
            code: result.rawValue,
            message: own.isEmpty ? String(cString: curl_easy_strerror(result)) : own,
            lines: exchange.lines
        )
    }
}
