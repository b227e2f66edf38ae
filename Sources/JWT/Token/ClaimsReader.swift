// SPDX-License-Identifier: Apache-2.0

/// Reads the claims of a token whose signature is right, and checks them (RFC 7519 section 4.1).
struct ClaimsReader {
    private let policy: TokenPolicy

    private var subject: String?
    private var scope = ""
    private var expiresAt: Int64?
    private var notBefore: Int64?
    private var issuedAt: Int64?
    private var issuer: JSONText?
    private var isForAudience = false
    /// Whether a claim that is looked at here has the wrong form.
    private var isWrong = false

    private init(policy: TokenPolicy) { self.policy = policy }

    /// Returns the claims when all that are needed are there and in order.
    static func read(
        _ bytes: UnsafeMutableBufferPointer<UInt8>, policy: TokenPolicy, at now: Int64
    ) throws(TokenError) -> TokenClaims {
        var reader = ClaimsReader(policy: policy)
        do throws(JSONScanner.Failure) {
            try JSONScanner.scan(bytes) { (scanner) throws(JSONScanner.Failure) in
                try scanner.object { (scanner, name) throws(JSONScanner.Failure) in
                    try reader.read(name, from: &scanner)
                }
            }
        } catch {
            throw TokenError(error == .type ? .claim : .malformed)
        }
        return try reader.checked(at: now)
    }

    private mutating func read(_ name: JSONText, from scanner: inout JSONScanner) throws(JSONScanner.Failure) {
        if name.equals("exp") {
            expiresAt = try date(from: &scanner)
        } else if name.equals("nbf") {
            notBefore = try date(from: &scanner)
        } else if name.equals("iat") {
            issuedAt = try date(from: &scanner)
        } else if name.equals("sub") {
            let text = try scanner.string()
            guard TokenClaims.isClean(subject: text.bytes) else { return isWrong = true }
            subject = text.string
        } else if name.equals("iss") {
            issuer = try scanner.string()
        } else if name.equals("aud") {
            try readAudience(from: &scanner)
        } else if name.equals("scope") {
            addScope(try scanner.string())
        } else if name.equals("scp") {
            try readScopes(from: &scanner)
        } else {
            try scanner.skipValue()
        }
    }

    /// A NumericDate that is a whole number, as nearly all are; not negative.
    private mutating func date(from scanner: inout JSONScanner) throws(JSONScanner.Failure) -> Int64 {
        let date = try scanner.integer()
        if date < 0 { isWrong = true }
        return date
    }

    private mutating func readScopes(from scanner: inout JSONScanner) throws(JSONScanner.Failure) {
        var reader = self
        try scanner.array { (scanner) throws(JSONScanner.Failure) in
            let name = try scanner.string()
            if name.bytes.isEmpty || name.bytes.contains(UInt8(ascii: " ")) { reader.isWrong = true }
            reader.addScope(name)
        }
        self = reader
    }

    private mutating func readAudience(from scanner: inout JSONScanner) throws(JSONScanner.Failure) {
        guard scanner.isAtArray else { return note(audience: try scanner.string()) }
        var reader = self
        try scanner.array { (scanner) throws(JSONScanner.Failure) in reader.note(audience: try scanner.string()) }
        self = reader
    }

    private mutating func note(audience: JSONText) {
        if let expected = policy.audience, audience.equals(expected.utf8) { isForAudience = true }
    }

    private mutating func addScope(_ text: JSONText) {
        guard TokenClaims.isScope(text.bytes) else { return isWrong = true }
        scope = scope.isEmpty || text.bytes.isEmpty ? scope + text.string : "\(scope) \(text.string)"
    }

    private func checked(at now: Int64) throws(TokenError) -> TokenClaims {
        guard !isWrong, let expiresAt, let subject else { throw TokenError(.claim) }
        if now >= expiresAt + policy.leeway { throw TokenError(.expired) }
        if let notBefore, notBefore > now + policy.leeway { throw TokenError(.early) }
        if let issuedAt, issuedAt > now + policy.leeway { throw TokenError(.early) }
        let begin = issuedAt ?? now + policy.leeway
        if expiresAt - begin > policy.maximumLifetime { throw TokenError(.lifetime) }
        if let expected = policy.issuer, !(issuer?.equals(expected.utf8) ?? false) { throw TokenError(.issuer) }
        if policy.audience != nil, !isForAudience { throw TokenError(.audience) }
        return TokenClaims(
            subject: subject, scope: scope, expiresAt: expiresAt, notBefore: notBefore, issuedAt: issuedAt,
            issuer: policy.issuer ?? issuer?.string)
    }
}
