// SPDX-License-Identifier: Apache-2.0

import JWT
import Testing

@Suite struct `Signing tokens` {
    @Test func `what is signed is verified`() throws {
        let keys = try KeySet(rawKey: TokenFixtures.key, id: #"the "first" key"#)
        let claims = TokenClaims(
            subject: #"Ada "the countess" \ Lovelace"#, scope: "products:read products:write",
            expiresAt: TokenFixtures.now + 600, notBefore: TokenFixtures.now, issuedAt: TokenFixtures.now,
            issuer: "https://id.example", audience: "shop")
        let token = try TokenSigner(keys: keys, keyID: #"the "first" key"#).sign(claims)
        let verifier = TokenVerifier(policy: TokenPolicy(issuer: "https://id.example", audience: "shop"))
        var expected = claims
        expected.audience = nil
        #expect(try verifier.verify(token, with: keys, at: TokenFixtures.now) == expected)
    }

    @Test func `a key that is not there, and claims that no verifier takes, are refused`() throws {
        let keys = try KeySet(rawKey: TokenFixtures.key, id: "a")
        #expect(throws: KeySetError.self) { try TokenSigner(keys: keys, keyID: "b") }
        let signer = try TokenSigner(keys: keys)
        #expect(throws: TokenError.self) { try signer.sign(TokenClaims(subject: "a\nb", expiresAt: 1)) }
        #expect(throws: TokenError.self) { try signer.sign(TokenClaims(subject: "a", scope: "a  b", expiresAt: 1)) }
    }
}
