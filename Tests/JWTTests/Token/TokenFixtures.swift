// SPDX-License-Identifier: Apache-2.0

import JWT

/// Tokens made by hand, so that they may be wrong in any way.
enum TokenFixtures {
    static let now: Int64 = 1_800_000_000
    static let key = Array("0123456789abcdef0123456789abcdef".utf8)
    static let header = #"{"alg":"HS256","typ":"JWT"}"#
    static let claims = #"{"sub":"ada","scope":"products:read","exp":1800000600,"iat":1799999900}"#

    static var keys: KeySet { get throws { try KeySet(rawKey: key) } }

    /// A token of these texts, with the right signature.
    static func token(header: String = header, claims: String = claims, key: [UInt8] = key) -> String {
        token(header: Array(header.utf8), claims: Array(claims.utf8), key: key)
    }

    static func token(header: [UInt8], claims: [UInt8], key: [UInt8] = key) -> String {
        sign("\(Base64URL.encode(header)).\(Base64URL.encode(claims))", key: key)
    }

    static func sign(_ signedPart: String, key: [UInt8] = key) -> String {
        "\(signedPart).\(Base64URL.encode(HMACSHA256(key: key).tag(for: signedPart.utf8)))"
    }

    /// What becomes of a token: nil when it is taken.
    static func refusal(
        of token: String, policy: TokenPolicy = TokenPolicy(), keys: KeySet? = nil, now: Int64 = now
    ) throws -> TokenError.Code? {
        let keys = try keys ?? self.keys
        do throws(TokenError) {
            _ = try TokenVerifier(policy: policy).verify(token, with: keys, at: now)
            return nil
        } catch {
            return error.code
        }
    }
}
