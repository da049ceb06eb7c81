// SPDX-License-Identifier: Apache-2.0
//
// What it means when libcurl could not open a connection.
// Pure; the codes are libcurl's (curl/curl.h), which it never renumbers, so that tests can name them.
// Rules: docs/decisions/0001-transport.md.
import NashraCore

/// From libcurl's result and the server's last words to a failure.
enum CurlFailure {
    /// Classifies one failed opening.
    ///
    /// - Parameters:
    ///   - code: A CURLcode that is not CURLE_OK.
    ///   - stage: The step that was under way.
    ///   - reply: The server's reply at that step, or `nil`.
    ///   - message: libcurl's sentence.
    /// - Returns: The failure, with the server's reply when that is what failed.
    static func failure(code: UInt32, stage: SMTPStage, reply: SMTPReply?, message: String) -> DeliveryFailure
    {
        if let reply, reply.code >= 400 { return FailureMap.failure(stage, reply) }
        switch code {
        case 64:
            // CURLE_USE_SSL_FAILED without a refusal: the reply to EHLO had no STARTTLS.
            return configuration(.startTLS, "the relay does not offer STARTTLS", message)
        case 67:
            return configuration(.auth, "the relay offers no AUTH mechanism that we may use", message)
        case 60, 83, 90, 91:
            // PEER_FAILED_VERIFICATION, SSL_ISSUER_ERROR, SSL_PINNEDPUBKEYNOTMATCH, SSL_INVALIDCERTSTATUS
            return configuration(stage, "the relay's certificate cannot be trusted", message)
        case 53, 54, 58, 59, 66, 77, 80, 82:
            // SSL_ENGINE_*, SSL_CERTPROBLEM, SSL_CIPHER, SSL_CACERT_BADFILE, SSL_CRL_BADFILE
            return configuration(stage, "our TLS settings do not work", message)
        case 1, 3, 4, 27, 43, 48:
            // UNSUPPORTED_PROTOCOL, URL_MALFORMAT, NOT_BUILT_IN, OUT_OF_MEMORY, BAD_FUNCTION_ARGUMENT,
            // UNKNOWN_OPTION
            return configuration(stage, "libcurl cannot use the relay's settings", message)
        case 28: return FailureMap.failure(stage, .timedOut, cause: message)
        case 42: return FailureMap.failure(stage, .aborted)
        case 8, 23: return FailureMap.failure(stage, reply == nil ? .malformed : .unexpected, cause: message)
        default: return FailureMap.failure(stage, .lost, cause: message)
        }
    }

    /// A failure that only somebody with an editor can mend.
    static func configuration(_ stage: SMTPStage, _ what: String, _ cause: String = "") -> DeliveryFailure {
        let verdict = FailureMap.Verdict.configuration
        return DeliveryFailure(
            stage: stage,
            scope: verdict.scope,
            remedy: verdict.remedy,
            detail: cause.isEmpty ? what : "\(what): \(cause)"
        )
    }
}
