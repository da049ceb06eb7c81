// SPDX-License-Identifier: Apache-2.0
//
// A certificate made at start and forgotten at the end, signed by itself.
// Makes keys; writes nothing. The key never leaves the process.
// Rules: RFC 5280.
import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import X509

/// A self-signed certificate and its key.
struct ThrowawayCertificate {
    /// The certificate, for those who shall trust it.
    let pem: String
    private let keyPEM: String

    /// Makes one; `now` decides when it is valid.
    static func make(_ kind: SinkOptions.Certificate, now: Date = Date()) throws -> ThrowawayCertificate {
        let key = P256.Signing.PrivateKey()
        let hour: TimeInterval = 3600
        let isExpired = kind == .expired
        let name = try DistinguishedName { CommonName("Nashra sink, throw-away") }
        let names: [GeneralName] =
            kind == .wrongHost
            ? [.dnsName("wrong.example")]
            : [
                .dnsName("localhost"), .ipAddress(ASN1OctetString(contentBytes: [127, 0, 0, 1])),
                .ipAddress(ASN1OctetString(contentBytes: [UInt8](repeating: 0, count: 15) + [1])),
            ]
        let certificate = try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: .init(key.publicKey),
            notValidBefore: now - (isExpired ? 72 * hour : hour),
            notValidAfter: now + (isExpired ? -24 * hour : 720 * hour),
            issuer: name,
            subject: name,
            signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                SubjectAlternativeNames(names)
            },
            issuerPrivateKey: .init(key)
        )
        return ThrowawayCertificate(
            pem: try certificate.serializeAsPEM().pemString + "\n",
            keyPEM: key.pemRepresentation
        )
    }

    /// What a server needs to show it; TLS 1.2 at least.
    func context() throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(pem.utf8)).map(
            NIOSSLCertificateSource.certificate
        )
        let key = try NIOSSLPrivateKey(bytes: Array(keyPEM.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain,
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        return try NIOSSLContext(configuration: configuration)
    }
}
