// SPDX-License-Identifier: Apache-2.0

import JWT
import Testing

@Suite struct `Claims of tokens` {
    private func refusal(
        _ members: String, policy: TokenPolicy = TokenPolicy(), now: Int64 = TokenFixtures.now
    ) throws -> TokenError.Code? {
        try TokenFixtures.refusal(of: TokenFixtures.token(claims: "{\(members)}"), policy: policy, now: now)
    }

    @Test(arguments: [
        "", #""exp":"1800000600","#, #""exp":1800000600.0,"#, #""exp":1800000600.5,"#, #""exp":18e8,"#, #""exp":-1,"#,
        #""exp":9223372036854775808,"#, #""exp":99999999999999999999,"#, #""exp":null,"#, #""exp":true,"#,
        #""exp":[1800000600],"#,
    ])
    func `T12: exp must be a whole number of seconds`(expiry: String) throws {
        #expect(try refusal(#"\#(expiry)"sub":"ada""#) == .claim)
    }

    @Test(arguments: [#""exp":1e400,"#, #""exp":NaN,"#, #""exp":01800000600,"#, #""exp":+1,"#, #""exp":,"#])
    func `T12: exp that is no JSON is refused`(expiry: String) throws {
        #expect(try refusal(#"\#(expiry)"sub":"ada""#) != nil)
    }

    /// The clocks may differ by 30 seconds.
    @Test(arguments: [(0, true), (29, true), (30, false), (31, false), (-1, true)] as [(Int64, Bool)])
    func `T12: a token is valid until half a minute behind exp`(secondsLater: Int64, isValid: Bool) throws {
        let refusal = try refusal(#""sub":"ada","exp":1800000000"#, now: 1_800_000_000 + secondsLater)
        #expect(refusal == (isValid ? nil : .expired))
    }

    @Test(arguments: ["nbf", "iat"])
    func `T13: a token is valid from half a minute before nbf and iat`(claim: String) throws {
        for (ahead, isValid) in [(0, true), (30, true), (31, false), (10_000, false)] as [(Int64, Bool)] {
            let refusal = try refusal(#""sub":"ada","exp":1800020000,"\#(claim)":\#(TokenFixtures.now + ahead)"#)
            #expect(refusal == (isValid ? nil : .early))
        }
        for value in ["\"1\"", "1.5", "-5", "null", "[]"] {
            #expect(try refusal(#""sub":"ada","exp":1800000600,"\#(claim)":\#(value)"#) == .claim)
        }
    }

    @Test func `T13: a token must not be valid for too long`() throws {
        let policy = TokenPolicy(maximumLifetime: 3600)
        #expect(try refusal(#""sub":"a","iat":1800000000,"exp":1800003600"#, policy: policy) == nil)
        #expect(try refusal(#""sub":"a","iat":1800000000,"exp":1800003601"#, policy: policy) == .lifetime)
        #expect(try refusal(#""sub":"a","exp":1800003600"#, policy: policy) == nil)
        #expect(try refusal(#""sub":"a","exp":1800003631"#, policy: policy) == .lifetime)
        #expect(try refusal(#""sub":"a","exp":9007199254740991"#, policy: policy) == .lifetime)
    }

    @Test(arguments: [
        (#""aud":"shop","#, true), (#""aud":["other","shop"],"#, true), (#""aud":["shop"],"#, true), ("", false),
        (#""aud":"other","#, false), (#""aud":["other"],"#, false), (#""aud":[],"#, false), (#""aud":"","#, false),
        (#""aud":"shop ","#, false), (#""aud":"SHOP","#, false), (#""aud":[["shop"]],"#, false), (#""aud":1,"#, false),
        (#""aud":{"shop":1},"#, false), (#""aud":["shop",1],"#, false), (#""aud":null,"#, false),
    ])
    func `T14: only a token for this service is taken`(audience: String, isValid: Bool) throws {
        let refusal = try refusal(#"\#(audience)"sub":"ada","exp":1800000600"#, policy: TokenPolicy(audience: "shop"))
        #expect(isValid ? refusal == nil : refusal == .audience || refusal == .claim)
    }

    @Test func `T14: ten thousand audiences are too long`() throws {
        let many = Array(repeating: #""shop""#, count: 10_000).joined(separator: ",")
        let policy = TokenPolicy(audience: "shop")
        #expect(try refusal(#""aud":[\#(many)],"sub":"ada","exp":1800000600"#, policy: policy) == .size)
    }

    @Test func `T14: only the issuer's tokens are taken`() throws {
        let policy = TokenPolicy(issuer: "https://id.example")
        for (issuer, isValid) in [
            (#""iss":"https://id.example","#, true), ("", false), (#""iss":"https://id.example/","#, false),
            (#""iss":"HTTPS://id.example","#, false), (#""iss":["https://id.example"],"#, false), (#""iss":1,"#, false),
        ] {
            let refusal = try refusal(#"\#(issuer)"sub":"ada","exp":1800000600"#, policy: policy)
            #expect(isValid ? refusal == nil : refusal == .issuer || refusal == .claim)
        }
    }

    @Test(arguments: [
        "", #""sub":"","#, #""sub":null,"#, #""sub":1,"#, #""sub":["ada"],"#, #""sub":"a\nb","#, #""sub":"a\u0000","#,
        #""sub":"\u001b[31m","#, #""sub":"a\u007f","#, #""sub":"a\u0085b","#, #""sub":"a\u2028b","#,
        #""sub":"\#(String(repeating: "s", count: 256))","#, #""sub":"\#(String(repeating: "é", count: 128))","#,
        #""sub":"\ud800","#,
    ])
    func `T16: the subject must be there, short and clean`(subject: String) throws {
        let refusal = try refusal(#"\#(subject)"exp":1800000600"#)
        #expect(refusal == .claim || refusal == .malformed)
    }

    @Test(arguments: ["a", "auth0|123", "spiffe://shop/web", "Ådå Łóvelace 😀", String(repeating: "s", count: 255)])
    func `T16: any other subject is taken as it is`(subject: String) throws {
        let token = TokenFixtures.token(claims: #"{"sub":"\#(subject)","exp":1800000600}"#)
        let claims = try TokenVerifier().verify(token, with: TokenFixtures.keys, at: TokenFixtures.now)
        #expect(claims.subject == subject && claims.scope.isEmpty)
    }

    @Test(arguments: [
        (#"\ud83d\ude00"#, "\u{1f600}"), (#"\uDBFF\uDFFDx"#, "\u{10fffd}x"), (#"a\u00e9\/b"#, "a\u{e9}/b"),
        (#"\u0041d\u0061"#, "Ada"), (#"\"a\\b\""#, #""a\b""#),
    ])
    func `T16: escapes in a subject are resolved`(text: String, subject: String) throws {
        let token = TokenFixtures.token(claims: #"{"sub":"\#(text)","exp":1800000600}"#)
        #expect(try TokenVerifier().verify(token, with: TokenFixtures.keys, at: TokenFixtures.now).subject == subject)
    }

    @Test(arguments: [#"\ud83d"#, #"\ude00"#, #"\ud83dx"#, #"\ud83d\ud83d"#, #"\u12"#, #"\u00g0"#, #"\x"#, #"\"#])
    func `T16: broken escapes are refused`(text: String) throws {
        #expect(try refusal(#""sub":"\#(text)","exp":1800000600"#) == .malformed)
    }

    @Test(arguments: [
        (#""scope":"products:read","#, "products:read"), (#""scope":"a b","#, "a b"), (#""scp":["a","b"],"#, "a b"),
        (#""scope":"","#, ""), ("", ""), (#""scp":[],"#, ""), (#""scope":"a","scp":["b"],"#, "a b"),
        (#""scp":["b"],"scope":"","#, "b"),
    ])
    func `T16: the scope is a text or a list`(member: String, scope: String) throws {
        let token = TokenFixtures.token(claims: #"{\#(member)"sub":"ada","exp":1800000600}"#)
        let claims = try TokenVerifier().verify(token, with: TokenFixtures.keys, at: TokenFixtures.now)
        #expect(claims.scope == scope)
    }

    @Test(arguments: [
        #""scope":["a"]"#, #""scope":1"#, #""scope":null"#, #""scope":"a  b""#, #""scope":" a""#, #""scope":"a ""#,
        #""scope":"a\tb""#, #""scope":"a\"b""#, #""scope":"é""#, #""scp":"a""#, #""scp":["a b"]"#, #""scp":[""]"#,
        #""scp":[1]"#, #""scp":{}"#,
    ])
    func `T16: a scope of another form is refused`(member: String) throws {
        #expect(try refusal(#"\#(member),"sub":"ada","exp":1800000600"#) == .claim)
    }

    @Test func `T9: a claim that stands twice is refused, whatever comes first`() throws {
        for claim in ["exp", "sub", "aud", "scope", "iss", "other"] {
            for (first, second) in [("1", "2"), ("\"a\"", "\"b\""), ("1800000600", "1800000600")] {
                let members = #""\#(claim)":\#(first),"x":0,"\#(claim)":\#(second)"#
                let refusal = try refusal(#"\#(members)"#)
                #expect(refusal == .malformed || refusal == .claim)
            }
        }
        #expect(try refusal(#""sub":"ada","exp":1800000600,"\u0073ub":"eve""#) == .malformed)
    }

    @Test func `a scope allows what it names and nothing else`() {
        let claims = TokenClaims(subject: "ada", scope: "products:read products:write", expiresAt: 0)
        #expect(claims.allows("products:read") && claims.allows("products:write"))
        for other in ["products", "products:rea", "products:read ", "read", "", "products:read products:write"] {
            #expect(!claims.allows(other))
        }
        #expect(!TokenClaims(subject: "ada", expiresAt: 0).allows(""))
    }
}
