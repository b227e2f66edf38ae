// SPDX-License-Identifier: Apache-2.0

/// What a token's header says: which key to try, and nothing else that would be believed.
///
/// Keys, certificates and addresses of either (`jwk`, `jku`, `x5u`, `x5c`) are never looked at (RFC 8725 section 3.10).
struct TokenHeader {
    /// Good as long as the bytes that the header was read from are not used again: the key is looked up at once.
    private(set) var keyID: JSONText?

    private var isHS256 = false
    private var isOtherType = false
    private var asksForMore = false

    /// Reads the header, and refuses what is not asked for here: RFC 7515 section 4, RFC 8725 sections 3.1 and 3.11.
    init(reading bytes: UnsafeMutableBufferPointer<UInt8>) throws(TokenError) {
        do throws(JSONScanner.Failure) {
            self = try JSONScanner.scan(bytes, maximumNameCount: Self.maximumNameCount) {
                (scanner) throws(JSONScanner.Failure) in
                var header = TokenHeader()
                try scanner.object { (scanner, name) throws(JSONScanner.Failure) in
                    try header.read(name, from: &scanner)
                }
                return header
            }
        } catch {
            throw TokenError(.malformed)
        }
        guard isHS256 else { throw TokenError(.algorithm) }
        if asksForMore { throw TokenError(.critical) }
        if isOtherType { throw TokenError(.type) }
    }

    /// Enough for every parameter that is registered, and few enough to be compared by anyone who asks.
    private static let maximumNameCount = 24

    private init() {}

    private mutating func read(_ name: JSONText, from scanner: inout JSONScanner) throws(JSONScanner.Failure) {
        if name.equals("alg") {
            guard scanner.isAtString else { return try scanner.skipValue() }
            isHS256 = try scanner.string().equals("HS256")
        } else if name.equals("kid") {
            keyID = try scanner.string()
        } else if name.equals("typ") {
            let type = try scanner.string()
            isOtherType = !Self.types.contains { type.equalsIgnoringCase($0) }
        } else if Self.texts.contains(where: name.equals) {
            _ = try scanner.string()
        } else if name.equals("jwk") {
            try scanner.object { (scanner, _) throws(JSONScanner.Failure) in try scanner.skipValue() }
        } else if name.equals("x5c") {
            try scanner.array { (scanner) throws(JSONScanner.Failure) in _ = try scanner.string() }
        } else {
            if name.equals("crit") || name.equals("b64") { asksForMore = true }
            try scanner.skipValue()
        }
    }

    /// Parameters that are not looked at, but must be texts, as RFC 7515 section 4.1 says of them.
    private static let texts: [StaticString] = ["cty", "jku", "x5u", "x5t", "x5t#S256"]

    /// RFC 7519 section 5.1, RFC 9068 section 2.1; media types, so the case of letters means nothing.
    private static let types: [StaticString] = ["jwt", "at+jwt", "application/at+jwt", "application/jwt"]
}
