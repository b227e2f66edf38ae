// SPDX-License-Identifier: Apache-2.0

/// Signs tokens with HS256. Thread-safe.
///
/// Source: RFC 7515 section 7.1, RFC 7519.
public struct TokenSigner: Sendable {
    private let key: KeySet.Key

    /// - Parameters:
    ///   - keys: The set that has the key.
    ///   - keyID: The key's id; the first of the set when nil.
    /// - Throws: ``KeySetError`` when no key has that id.
    public init(keys: KeySet, keyID: String? = nil) throws(KeySetError) {
        guard let key = keyID.map({ id in keys.keys.first { $0.id == id } }) ?? keys.keys.first else {
            let known = keys.keyIDs.isEmpty ? "the key has no kid: leave it out" : keys.keyIDs.joined(separator: ", ")
            throw KeySetError(.noKey, "no key has the kid '\(keyID?.prefix(40) ?? "")'; there are: \(known)")
        }
        self.key = key
    }

    /// Returns the token, in its compact serialisation.
    ///
    /// - Throws: ``TokenError`` when the subject or the scope is none that a verifier takes.
    public func sign(_ claims: TokenClaims) throws(TokenError) -> String {
        guard TokenClaims.isClean(subject: claims.subject.utf8), TokenClaims.isScope(claims.scope.utf8) else {
            throw TokenError(.claim)
        }
        var header = JSONObjectText()
        header.add("alg", "HS256")
        header.add("typ", "JWT")
        if let id = key.id { header.add("kid", id) }
        var payload = JSONObjectText()
        if let issuer = claims.issuer { payload.add("iss", issuer) }
        payload.add("sub", claims.subject)
        if let audience = claims.audience { payload.add("aud", audience) }
        payload.add("exp", claims.expiresAt)
        if let notBefore = claims.notBefore { payload.add("nbf", notBefore) }
        if let issuedAt = claims.issuedAt { payload.add("iat", issuedAt) }
        if !claims.scope.isEmpty { payload.add("scope", claims.scope) }
        let signed = "\(Base64URL.encode(header.bytes)).\(Base64URL.encode(payload.bytes))"
        return "\(signed).\(Base64URL.encode(key.authenticator.tag(for: signed.utf8)))"
    }
}
