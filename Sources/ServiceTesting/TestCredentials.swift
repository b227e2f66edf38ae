// SPDX-License-Identifier: Apache-2.0

import Foundation
import JWT

/// The key and the tokens of a test run: made anew in each, so that none stands in the sources.
package enum TestCredentials {
    /// A key for `JWT_SECRET`.
    package static let secret = Base64URL.encode((0..<48).map { _ in UInt8.random(in: 0...255) })

    /// What a service under test is started with unless its test says otherwise: the key, and no limits on rates, as
    /// tests send as fast as they can.
    package static let environment = [
        "JWT_SECRET": secret, "RATE_LIMIT_RATE": "off", "RATE_LIMIT_ADDRESS_RATE": "off",
    ]

    /// The value of `Authorization` of a caller that may do everything.
    package static let authorization = "Bearer \(token())"

    /// The same as a line of a request.
    package static let line = "Authorization: \(authorization)\r\n"

    /// A token with a header of a test's own, and the right signature.
    package static func sign(header: String) -> String {
        let claims = #"{"sub":"tester","scope":"products:read","exp":\#(Int64(time(nil)) + 600)}"#
        let signed = "\(Base64URL.encode(Array(header.utf8))).\(Base64URL.encode(Array(claims.utf8)))"
        return "\(signed).\(Base64URL.encode(HMACSHA256(key: Array(secret.utf8)).tag(for: signed.utf8)))"
    }

    /// A token, valid for an hour unless told otherwise.
    ///
    /// - Parameter tellsIssue: Whether it says when it was issued.
    package static func token(
        subject: String = "tester", scope: String = "products:read products:write", expiresIn seconds: Int64 = 3600,
        tellsIssue: Bool = true
    ) -> String {
        do {
            let now = Int64(time(nil))
            let claims = TokenClaims(
                subject: subject, scope: scope, expiresAt: now + seconds,
                issuedAt: tellsIssue ? min(now, now + seconds) : nil)
            return try TokenSigner(keys: try KeySet(rawKey: Array(secret.utf8))).sign(claims)
        } catch {
            preconditionFailure("the tests' own key and claims are in order: \(error)")
        }
    }
}
