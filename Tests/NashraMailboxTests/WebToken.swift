// SPDX-License-Identifier: Apache-2.0
//
// An access token as Dovecot checks it: a JSON Web Token signed with HS256, by openssl.
import Foundation
import NashraTestKit

/// Makes a token for one of Dovecot's users, good until `expires` in seconds since 1970.
func webToken(for user: String, expires: Int) throws -> String {
    let head = encoded(Data(#"{"alg":"HS256","typ":"JWT"}"#.utf8))
    let claims = encoded(Data(#"{"sub":"\#(user)","iat":1700000000,"exp":\#(expires)}"#.utf8))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    let key = DovecotInstance.tokenKey.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    process.arguments = ["dgst", "-sha256", "-mac", "HMAC", "-macopt", "hexkey:\(key)", "-binary"]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data("\(head).\(claims)".utf8))
    try input.fileHandleForWriting.close()
    let signature = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return "\(head).\(claims).\(encoded(signature))"
}

private func encoded(_ data: Data) -> String {
    data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
}
