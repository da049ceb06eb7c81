// SPDX-License-Identifier: Apache-2.0
//
// libcurl's handles for one connection: the one file of this target where C types and pointers live.
// Connects, greets, starts TLS and logs in (CURLOPT_CONNECT_ONLY), then carries bytes. Used by one thread
// only.
// Rules: docs/decisions/0001-transport.md. libcurl sends with MSG_NOSIGNAL; the program ignores SIGPIPE
// besides.
import CCurl
import Glibc
import NashraCore

/// What libcurl or the system said.
struct CurlError: Error {
    /// The result; CURLE_OK never comes here.
    var code: UInt32
    /// Its sentence.
    var message: String
}

/// One libcurl easy handle in a multi handle of its own, which is one connection at most.
///
/// It cannot be copied and is not `Sendable`: the thread that made it uses it and frees it, and freeing may
/// block. The multi handle is there so that waiting can be limited by step and be ended from outside.
struct EasyHandle: ~Copyable {
    private let easy: UnsafeMutableRawPointer
    private let multi: UnsafeMutableRawPointer
    /// Where libcurl writes its sentence; allocated, because libcurl keeps the address.
    private let text: UnsafeMutablePointer<CChar>
    /// What the callbacks write to; libcurl keeps its address, we keep it alive.
    let log: ConnectLog

    private static let global: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    private init(easy: UnsafeMutableRawPointer, multi: UnsafeMutableRawPointer) {
        self.easy = easy
        self.multi = multi
        text = .allocate(capacity: Int(CURL_ERROR_SIZE))
        text.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        log = ConnectLog()
    }

    deinit {
        curl_multi_remove_handle(multi, easy)  // closes the connection, without QUIT
        curl_easy_cleanup(easy)  // until it returns, libcurl may write to `text` and call back
        curl_multi_cleanup(multi)
        text.deallocate()
    }

    /// Makes a handle for `relay`; a factory, because a noncopyable type cannot leave its `init` half-way.
    static func make(_ relay: RelaySettings) throws(CurlError) -> EasyHandle {
        guard global == CURLE_OK, let easy = curl_easy_init() else {
            throw CurlError(code: CURLE_OUT_OF_MEMORY.rawValue, message: "libcurl cannot start")
        }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            throw CurlError(code: CURLE_OUT_OF_MEMORY.rawValue, message: "libcurl cannot start")
        }
        let handle = EasyHandle(easy: easy, multi: multi)
        try handle.setConnection(relay)
        try handle.setSecurity(relay)
        try handle.setCallbacks()
        return handle
    }

    private func setConnection(_ relay: RelaySettings) throws(CurlError) {
        let timeouts = relay.timeouts
        try check(nashra_curl_set_error_buffer(easy, text))
        try check(nashra_curl_allow_smtp_only(easy))
        try check(nashra_curl_set_connect_only(easy))
        try check(nashra_curl_set_no_signal(easy))
        try check(nashra_curl_set_no_proxy(easy))
        try check(nashra_curl_set_keepalive(easy))
        try check(nashra_curl_set_url(easy, relay.url))
        try check(nashra_curl_set_connect_timeout(easy, Int(timeouts.opening.milliseconds) + 1000))
        try check(nashra_curl_set_response_timeout(easy, Int(timeouts.opening.seconds) + 1))
    }

    private func setSecurity(_ relay: RelaySettings) throws(CurlError) {
        try check(nashra_curl_verify_peer(easy))
        try check(nashra_curl_set_tls_floor(easy))
        try check(relay.tls == .none ? nashra_curl_forbid_tls(easy) : nashra_curl_require_tls(easy))
        if let file = relay.caFile { try check(nashra_curl_trust_only(easy, file)) }
        guard let user = relay.user, let password = relay.password else { return }
        try check(nashra_curl_set_login(easy, user, password.exposed))
        let mechanisms =
            switch relay.auth {
            case .plain: "AUTH=PLAIN"
            case .login: "AUTH=LOGIN"
            case .either: "AUTH=PLAIN;AUTH=LOGIN"
            }
        try check(nashra_curl_set_login_options(easy, mechanisms))
    }

    private func setCallbacks() throws(CurlError) {
        let context = Unmanaged.passUnretained(log).toOpaque()
        try check(nashra_curl_set_reply_callback(easy, Self.onReply, context))
        try check(nashra_curl_set_command_callback(easy, Self.onCommand, context))
    }

    private static let onReply: curl_write_callback = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let log = Unmanaged<ConnectLog>.fromOpaque(context).takeUnretainedValue()
        return log.received(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }

    private static let onCommand: curl_debug_callback = { _, kind, bytes, count, context in
        guard kind == CURLINFO_HEADER_OUT, let bytes, let context else { return 0 }
        let log = Unmanaged<ConnectLog>.fromOpaque(context).takeUnretainedValue()
        log.sent(UnsafeRawBufferPointer(start: bytes, count: count))
        return 0
    }

    private func check(_ result: CURLcode) throws(CurlError) {
        guard result != CURLE_OK else { return }
        let own = String(cString: text)
        throw CurlError(
            code: result.rawValue,
            message: own.isEmpty ? String(cString: curl_easy_strerror(result)) : own
        )
    }
}

extension EasyHandle {
    /// Connects, greets, starts TLS and logs in.
    ///
    /// Blocks; each step may take as long as `relay.timeouts` says.
    ///
    /// - Throws: libcurl's error; 28 (a time-out) and 42 (told to stop) also when we ended the wait.
    func connect(_ relay: RelaySettings, abort: AbortSignal) throws(CurlError) {
        try checkMulti(curl_multi_add_handle(multi, easy))
        var stage = log.stage
        var deadline = Deadline(after: relay.timeouts[stage])
        while true {
            var running: Int32 = 0
            try checkMulti(curl_multi_perform(multi, &running))
            if running == 0 { break }
            noteProgress(implicitTLS: relay.tls == .implicit)
            if log.stage != stage {
                stage = log.stage
                deadline = Deadline(after: relay.timeouts[stage])
            }
            if abort.isRaised { throw CurlError(code: CURLE_ABORTED_BY_CALLBACK.rawValue, message: "") }
            let left = deadline.millisecondsLeft
            guard left > 0 else { throw CurlError(code: CURLE_OPERATION_TIMEDOUT.rawValue, message: "") }
            var waker = curl_waitfd(fd: abort.descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
            try checkMulti(curl_multi_poll(multi, &waker, abort.descriptor < 0 ? 0 : 1, left, nil))
        }
        noteProgress(implicitTLS: relay.tls == .implicit)
        var result = CURLE_FAILED_INIT
        _ = nashra_curl_take_result(multi, &result)
        try check(result)
        try check(nashra_curl_end_command_callback(easy))
    }

    /// Tells the log when the transport stands, which no callback says.
    private func noteProgress(implicitTLS: Bool) {
        guard log.stage == .connect else { return }
        var time: curl_off_t = 0
        let result = implicitTLS ? nashra_curl_tls_time(easy, &time) : nashra_curl_connect_time(easy, &time)
        if result == CURLE_OK, time > 0 { log.connected() }
    }

    private func checkMulti(_ result: CURLMcode) throws(CurlError) {
        guard result != CURLM_OK else { return }
        throw CurlError(
            code: CURLE_FAILED_INIT.rawValue,
            message: String(cString: curl_multi_strerror(result))
        )
    }

    /// The socket, for `poll`; -1 when there is none.
    var descriptor: Int32 {
        var descriptor: curl_socket_t = -1
        return nashra_curl_socket(easy, &descriptor) == CURLE_OK ? descriptor : -1
    }

    /// Whether the bytes go through TLS; right only after the first read or write.
    var isEncrypted: Bool { nashra_curl_is_encrypted(easy) != 0 }

    /// Hands over as much of `bytes` as the connection takes now.
    ///
    /// - Returns: How many bytes were taken, or `nil` when the caller has to wait and then offer the same
    ///   bytes at the same address again: the TLS layer insists on that.
    func write(_ bytes: UnsafeRawBufferPointer) throws(CurlError) -> Int? {
        var taken = 0
        let result = curl_easy_send(easy, bytes.baseAddress, bytes.count, &taken)
        guard result != CURLE_AGAIN else { return nil }
        try check(result)
        return taken
    }

    /// Takes what has arrived.
    ///
    /// - Returns: How many bytes were put into `buffer`, 0 when the server has closed, or `nil` when nothing
    ///   is there.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(CurlError) -> Int? {
        var count = 0
        let result = curl_easy_recv(easy, buffer.baseAddress, buffer.count, &count)
        guard result != CURLE_AGAIN else { return nil }
        try check(result)
        return count
    }
}
