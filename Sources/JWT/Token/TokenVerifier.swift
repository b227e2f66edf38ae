// SPDX-License-Identifier: Apache-2.0

/// Verifies tokens: JWS compact serialisation, signed with HS256, and nothing else.
///
/// ```swift
/// let keys = try KeySetFile(path: "/etc/keys/keys.json", format: .jwkSet)
/// let verifier = TokenVerifier(policy: TokenPolicy(issuer: "https://id.example", audience: "shop"))
/// let claims = try verifier.verify(token, with: keys.keys, at: Int64(time(nil)))
/// guard claims.allows("products:read") else { return forbidden }
/// ```
///
/// Every part is read strictly and every check made, in this order: size, form, header, key, signature, claims. Claims
/// are not even decoded before the signature is known to be right. The time taken depends on the token's length and not
/// on where its signature goes wrong. Thread-safe.
///
/// Source: RFC 7515, RFC 7518 section 3.2, RFC 7519; best practice: RFC 8725.
public struct TokenVerifier: Sendable {
    private let policy: TokenPolicy

    public init(policy: TokenPolicy = TokenPolicy()) { self.policy = policy }

    /// Returns what the token says, when all of it is in order.
    ///
    /// - Parameters:
    ///   - token: The compact serialisation, without `Bearer` and without space around it.
    ///   - keys: The key named by `kid` is tried, or the only one when the token names none; never another.
    ///   - now: Seconds since 1970, by the wall clock.
    /// - Throws: ``TokenError``.
    public func verify(
        _ token: some StringProtocol, with keys: KeySet, at now: Int64
    ) throws(TokenError) -> TokenClaims {
        let outcome =
            token.utf8.withContiguousStorageIfAvailable { result(of: $0, keys, now) }
            ?? Array(token.utf8).withUnsafeBufferPointer { result(of: $0, keys, now) }
        return try outcome.get()
    }

    /// The same of a token that lies in memory as bytes, for as long as the call takes.
    ///
    /// - Throws: ``TokenError``.
    public func verify(
        _ token: UnsafeBufferPointer<UInt8>, with keys: KeySet, at now: Int64
    ) throws(TokenError) -> TokenClaims {
        try result(of: token, keys, now).get()
    }

    private func result(
        of token: UnsafeBufferPointer<UInt8>, _ keys: KeySet, _ now: Int64
    ) -> Result<TokenClaims, TokenError> {
        guard token.count <= TokenPolicy.maximumTokenByteCount else { return .failure(TokenError(.size)) }
        // Most tokens are short, and the stack has room for them.
        if token.count <= 1024 {
            return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1024) { scratch in
                Result { () throws(TokenError) in try verify(token, keys, now, scratch) }
            }
        }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: token.count) { scratch in
            Result { () throws(TokenError) in try verify(token, keys, now, scratch) }
        }
    }

    /// - Parameter scratch: As long as the token, or longer.
    private func verify(
        _ token: UnsafeBufferPointer<UInt8>, _ keys: KeySet, _ now: Int64,
        _ scratch: UnsafeMutableBufferPointer<UInt8>
    ) throws(TokenError) -> TokenClaims {
        guard let parts = TokenParts(token) else { throw TokenError(.malformed) }
        let header = try TokenHeader(reading: Self.decode(parts.header, into: scratch))
        guard let key = keys.key(withID: header.keyID) else { throw TokenError(.key) }
        let signature = try Self.decode(parts.signature, into: scratch)
        guard
            key.authenticator.isValid(
                tag: UnsafeRawBufferPointer(signature), for: UnsafeRawBufferPointer(parts.signedPart))
        else { throw TokenError(.signature) }
        return try ClaimsReader.read(try Self.decode(parts.payload, into: scratch), policy: policy, at: now)
    }

    private static func decode(
        _ text: UnsafeBufferPointer<UInt8>, into scratch: UnsafeMutableBufferPointer<UInt8>
    ) throws(TokenError) -> UnsafeMutableBufferPointer<UInt8> {
        let bytes = UnsafeMutableBufferPointer(rebasing: scratch[..<Base64URL.decodedByteCount(of: text.count)])
        guard Base64URL.decode(text, into: bytes) else { throw TokenError(.malformed) }
        return bytes
    }
}
