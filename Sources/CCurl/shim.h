/* SPDX-License-Identifier: Apache-2.0
 * The libcurl calls that Swift cannot make: setopt and getinfo are variadic. One function per option, so that an
 * option meets its C type in one place. "Copies": libcurl keeps a copy of the string. "Borrows": it keeps the pointer. */
#ifndef NASHRA_CCURL_H
#define NASHRA_CCURL_H
#include <netinet/in.h>
#include <sys/socket.h>
#include <curl/curl.h>

/* Connect, greet, start TLS and authenticate, then leave the connection to us. */
static inline CURLcode nashra_curl_set_connect_only(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
}

/* Lets `easy` speak SMTP and nothing else, whatever a configured URL says. By name since libcurl 7.85.0. */
static inline CURLcode nashra_curl_allow_smtp_only(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_SMTP | CURLPROTO_SMTPS));
#endif
}

/* smtp(s)://host:port/name-for-EHLO. Copies. */
static inline CURLcode nashra_curl_set_url(CURL *easy, const char *url) {
    return curl_easy_setopt(easy, CURLOPT_URL, url);
}

/* No STARTTLS, no mail: CURLUSESSL_TRY would go on in clear text. */
static inline CURLcode nashra_curl_require_tls(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
}

/* Plain text, for loopback and for relays whose entry says so. */
static inline CURLcode nashra_curl_forbid_tls(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_USE_SSL, (long)CURLUSESSL_NONE);
}

/* Chain and host name are checked, always. */
static inline CURLcode nashra_curl_verify_peer(CURL *easy) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
}

/* TLS 1.2 or newer. */
static inline CURLcode nashra_curl_set_tls_floor(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
}

/* Trusts the certificates in this PEM file, and none of the system's. Copies. */
static inline CURLcode nashra_curl_trust_only(CURL *easy, const char *file) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_CAINFO, file);
    return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
}

/* No signals: we have threads. The program ignores SIGPIPE. */
static inline CURLcode nashra_curl_set_no_signal(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}

/* No proxy, whatever the environment says. */
static inline CURLcode nashra_curl_set_no_proxy(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

/* For everything up to the hand-over together; the steps have limits of their own in EasyHandle. */
static inline CURLcode nashra_curl_set_connect_timeout(CURL *easy, long milliseconds) {
    return curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
}

/* The longest wait for one reply before the hand-over. */
static inline CURLcode nashra_curl_set_response_timeout(CURL *easy, long seconds) {
    return curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
}

/* Finds a peer that vanished while we wait minutes for a reply. */
static inline CURLcode nashra_curl_set_keepalive(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
}

/* User name and password for AUTH. Copies. */
static inline CURLcode nashra_curl_set_login(CURL *easy, const char *user, const char *password) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_USERNAME, user);
    return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_PASSWORD, password);
}

/* Which mechanisms may be tried, such as "AUTH=PLAIN"; without it libcurl takes the "strongest" that is offered.
   Initial response: there are servers that refuse a bare AUTH PLAIN. Copies. */
static inline CURLcode nashra_curl_set_login_options(CURL *easy, const char *options) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_LOGIN_OPTIONS, options);
    return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_SASL_IR, 1L);
}

/* Where libcurl writes its own sentence about an error; CURL_ERROR_SIZE bytes. Borrows. */
static inline CURLcode nashra_curl_set_error_buffer(CURL *easy, char *text) {
    return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, text);
}

/* Every reply line before the hand-over goes to `callback`. Borrows `context`. */
static inline CURLcode nashra_curl_set_reply_callback(CURL *easy, curl_write_callback callback, void *context) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, callback);
    return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
}

/* Every command before the hand-over goes to `callback` (as CURLINFO_HEADER_OUT). Borrows `context`. */
static inline CURLcode nashra_curl_set_command_callback(CURL *easy, curl_debug_callback callback, void *context) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, callback);
    if (result == CURLE_OK) result = curl_easy_setopt(easy, CURLOPT_DEBUGDATA, context);
    return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
}

/* Ends the calls of the command callback. */
static inline CURLcode nashra_curl_end_command_callback(CURL *easy) {
    return curl_easy_setopt(easy, CURLOPT_VERBOSE, 0L);
}

/* Microseconds until TCP stood, 0 when it does not yet. */
static inline CURLcode nashra_curl_connect_time(CURL *easy, curl_off_t *microseconds) {
    return curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, microseconds);
}

/* Microseconds until TLS stood, 0 when it does not. */
static inline CURLcode nashra_curl_tls_time(CURL *easy, curl_off_t *microseconds) {
    return curl_easy_getinfo(easy, CURLINFO_APPCONNECT_TIME_T, microseconds);
}

/* The socket of a connection that was handed over, for poll. */
static inline CURLcode nashra_curl_socket(CURL *easy, curl_socket_t *descriptor) {
    return curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, descriptor);
}

/* Whether the connection goes through TLS. Right only after the first send or receive, which attaches it. */
static inline int nashra_curl_is_encrypted(CURL *easy) {
    struct curl_tlssessioninfo *session = NULL;
    CURLcode result = curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &session);
    return result == CURLE_OK && session != NULL && session->backend != CURLSSLBACKEND_NONE
        && session->internals != NULL;
}

/* Takes the result of the one transfer in `multi`; 0 when there is none yet. */
static inline int nashra_curl_take_result(CURLM *multi, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return 1;
        }
    }
    return 0;
}

/* Lets `easy` fetch mail and nothing else, whatever a configured URL says. By name since libcurl 7.85.0. */
static inline CURLcode nashra_curl_allow_mailboxes_only(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "imap,imaps,pop3,pop3s");
#else
    return curl_easy_setopt(easy, CURLOPT_PROTOCOLS,
                            (long)(CURLPROTO_IMAP | CURLPROTO_IMAPS | CURLPROTO_POP3 | CURLPROTO_POP3S));
#endif
}

/* The command to send instead of the one that the URL stands for; NULL for the latter. Copies. */
static inline CURLcode nashra_curl_set_command(CURL *easy, const char *command) {
    return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, command);
}

/* Whether the answer to the command is one line: POP3 waits for a dot otherwise. */
static inline CURLcode nashra_curl_expect_line_only(CURL *easy, int only) {
    return curl_easy_setopt(easy, CURLOPT_NOBODY, only ? 1L : 0L);
}

/* What is fetched goes to `callback`; returning less than it was given ends the transfer. Borrows `context`. */
static inline CURLcode nashra_curl_set_body_callback(CURL *easy, curl_write_callback callback, void *context) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, callback);
    return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

/* The longest time for one command with all it fetches. */
static inline CURLcode nashra_curl_set_total_timeout(CURL *easy, long milliseconds) {
    return curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, milliseconds);
}

/* The longest silence within what is fetched. */
static inline CURLcode nashra_curl_set_idle_timeout(CURL *easy, long seconds) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, seconds);
}

/* User name and OAuth 2.0 access token for XOAUTH2 (and nothing else). Copies. */
static inline CURLcode nashra_curl_set_token(CURL *easy, const char *user, const char *token) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_USERNAME, user);
    return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, token);
}

/* What nashra_curl_open_socket may do. */
enum { NASHRA_CURL_NO_SOCKET = 0, NASHRA_CURL_ANY_SOCKET = 1, NASHRA_CURL_LOOPBACK_SOCKET = 2 };

/* Opens sockets as long as the `int` at `gate` allows it: a session that lost its connection must not get another
   one unnoticed, and plain text must not leave this machine, whatever a name resolves to. */
static inline curl_socket_t nashra_curl_open_socket(void *gate, curlsocktype purpose, struct curl_sockaddr *peer) {
    (void)purpose;
    int allowed = *(const int *)gate;
    if (allowed == NASHRA_CURL_LOOPBACK_SOCKET) {
        if (peer->family == AF_INET) {
            const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)&peer->addr;
            allowed = (ntohl(four->sin_addr.s_addr) >> 24) == 127;
        } else if (peer->family == AF_INET6) {
            const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)&peer->addr;
            allowed = IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
        } else {
            allowed = NASHRA_CURL_NO_SOCKET;
        }
    }
    if (!allowed) return CURL_SOCKET_BAD;
    return socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
}

/* Guards the opening of connections by the `int` at `gate`. Borrows. */
static inline CURLcode nashra_curl_set_gate(CURL *easy, int *gate) {
    CURLcode result = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, nashra_curl_open_socket);
    if (result == CURLE_OK) result = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, gate);
    /* One connection at most, kept however long it rests: the server's own idle timeout decides. */
    if (result == CURLE_OK) result = curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, 1L);
    return result != CURLE_OK ? result : curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, 86400L);
}
#endif
