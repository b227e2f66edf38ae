// SPDX-License-Identifier: Apache-2.0

import JWT
import Testing

@Suite struct `Headers of tokens` {
    @Test func `the plain one is taken`() throws {
        #expect(try TokenFixtures.refusal(of: TokenFixtures.token()) == nil)
    }

    /// T1, T2: each with the right HS256 signature.
    @Test(arguments: [
        #""none""#, #""None""#, #""nOnE""#, #""NONE""#, #""""#, "null", #"["HS256"]"#, #""HS256 ""#, #"" HS256""#,
        #""hs256""#, #""Hs256""#, "256", "true", #"{"alg":"HS256"}"#, #""HS384""#, #""HS512""#, #""RS256""#,
        #""ES256""#, #""PS256""#, #""EdDSA""#, #""HS256\u0000""#, #""A128KW""#,
    ])
    func `T1, T2: another algorithm is refused`(algorithm: String) throws {
        let token = TokenFixtures.token(header: #"{"alg":\#(algorithm),"typ":"JWT"}"#)
        #expect(try TokenFixtures.refusal(of: token) == .algorithm)
    }

    @Test func `T1: no algorithm, and no signature, are refused`() throws {
        #expect(try TokenFixtures.refusal(of: TokenFixtures.token(header: #"{"typ":"JWT"}"#)) == .algorithm)
        let unsigned = "\(Base64URL.encode(Array(#"{"alg":"none"}"#.utf8))).\(Base64URL.encode(Array("{}".utf8)))."
        #expect(try TokenFixtures.refusal(of: unsigned) == .malformed)
    }

    @Test func `an escaped HS256 is HS256`() throws {
        #expect(try TokenFixtures.refusal(of: TokenFixtures.token(header: #"{"alg":"HS\u0032\u00356"}"#)) == nil)
    }

    /// T3: a token signed with the text of a public key as the secret.
    @Test func `T3: a public key is no secret`() throws {
        let publicKey = Array("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n".utf8)
        let token = TokenFixtures.token(header: #"{"alg":"RS256"}"#, key: publicKey)
        #expect(try TokenFixtures.refusal(of: token) == .algorithm)
        #expect(try TokenFixtures.refusal(of: TokenFixtures.token(key: publicKey)) == .signature)
        let error = try #require(throws: KeySetError.self) { try KeySet(rawKey: publicKey) }
        #expect(error.code == .weakKey)
    }

    @Test(arguments: [
        #""crit":["exp"]"#, #""crit":["b64"],"b64":false"#, #""crit":[]"#, #""crit":"x""#, #""crit":["unknown"]"#,
        #""crit":["exp"],"exp":1"#, #""crit":["exp","exp"]"#, #""crit":null"#, #""b64":false"#, #""\u0063rit":["x"]"#,
    ])
    func `T8: what must be understood is not`(member: String) throws {
        let token = TokenFixtures.token(header: #"{"alg":"HS256",\#(member)}"#)
        #expect(try TokenFixtures.refusal(of: token) == .critical)
    }

    @Test(arguments: [
        #"{"alg":"HS256","alg":"none"}"#, #"{"alg":"none","alg":"HS256"}"#, #"{"alg":"HS256","\u0061lg":"HS256"}"#,
        #"{"\u0061lg":"none","alg":"HS256"}"#, #"{"alg":"HS256","kid":"a","kid":"b"}"#,
        #"{"alg":"HS256","x":{"a":1,"a":2}}"#,
    ])
    func `T9: a name that stands twice is refused`(header: String) throws {
        #expect(try TokenFixtures.refusal(of: TokenFixtures.token(header: header)) == .malformed)
    }

    /// The keys are there and the signatures are theirs; they are simply not looked at.
    @Test func `T10: keys that a header brings are not used`() throws {
        let own = Array("fedcba9876543210fedcba9876543210".utf8)
        let key = #"{"kty":"oct","k":"\#(Base64URL.encode(own))"}"#
        for member in [
            #""jwk":\#(key)"#, #""jku":"http://127.0.0.1:1/keys""#, #""x5u":"http://127.0.0.1:1/""#, #""x5c":["AAAA"]"#,
            #""x5t":"AAAA""#, #""jwk":\#(key),"kid":"x""#,
        ] {
            let header = #"{"alg":"HS256",\#(member)}"#
            let refusal = try TokenFixtures.refusal(of: TokenFixtures.token(header: header, key: own))
            #expect(refusal == .signature || refusal == .key)
        }
        #expect(try TokenFixtures.refusal(of: TokenFixtures.token(header: #"{"alg":"HS256","jwk":\#(key)}"#)) == nil)
    }

    @Test(arguments: [
        #""unknown""#, #""../../dev/null""#, #""' OR 1=1""#, #""first\u0000""#, #""FIRST""#, #""""#,
        #""\#(String(repeating: "k", count: 5000))""#,
    ])
    func `T11: an unknown kid never falls back`(id: String) throws {
        let token = TokenFixtures.token(header: #"{"alg":"HS256","kid":\#(id)}"#)
        let one = try KeySet(rawKey: TokenFixtures.key, id: "first")
        #expect(try TokenFixtures.refusal(of: token, keys: one) == .key)
        // Nor does one fall back to a key without an id.
        #expect(try TokenFixtures.refusal(of: token) == .key)
    }

    @Test(arguments: ["1", #"["first"]"#, "null", "true", #"{"a":"first"}"#])
    func `T11: a kid that is no string is refused`(id: String) throws {
        let token = TokenFixtures.token(header: #"{"alg":"HS256","kid":\#(id)}"#)
        let keys = try KeySet(rawKey: TokenFixtures.key, id: "first")
        #expect(try TokenFixtures.refusal(of: token, keys: keys) == .malformed)
    }

    @Test func `T11: without a kid the only key is meant, and of several none`() throws {
        let encoded = Base64URL.encode(TokenFixtures.key)
        let other = Base64URL.encode([UInt8](repeating: 7, count: 32))
        let one = try KeySet(jwkSet: Array(#"{"keys":[{"kty":"oct","kid":"a","k":"\#(encoded)"}]}"#.utf8))
        let two = try KeySet(
            jwkSet: Array(
                #"{"keys":[{"kty":"oct","kid":"a","k":"\#(encoded)"},{"kty":"oct","kid":"b","k":"\#(other)"}]}"#.utf8))
        #expect(try TokenFixtures.refusal(of: TokenFixtures.token(), keys: one) == nil)
        #expect(try TokenFixtures.refusal(of: TokenFixtures.token(), keys: two) == .key)
        let named = TokenFixtures.token(header: #"{"alg":"HS256","kid":"a"}"#)
        #expect(try TokenFixtures.refusal(of: named, keys: two) == nil)
        let misnamed = TokenFixtures.token(header: #"{"alg":"HS256","kid":"b"}"#)
        #expect(try TokenFixtures.refusal(of: misnamed, keys: two) == .signature)
    }

    @Test(arguments: ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "application/jwt"])
    func `T15: types of access tokens are taken`(type: String) throws {
        #expect(try TokenFixtures.refusal(of: TokenFixtures.token(header: #"{"alg":"HS256","typ":"\#(type)"}"#)) == nil)
    }

    @Test(arguments: ["JOSE", "dpop+jwt", "logout+jwt", "secevent+jwt", "", "JWT ", "application/json"])
    func `T15: other types are refused`(type: String) throws {
        let token = TokenFixtures.token(header: #"{"alg":"HS256","typ":"\#(type)"}"#)
        #expect(try TokenFixtures.refusal(of: token) == .type)
    }
}
