// SPDX-License-Identifier: Apache-2.0

import JWT
import Testing

@Suite struct `Key sets` {
    private static let good = Base64URL.encode([UInt8](repeating: 5, count: 32))

    private func code(of text: String) -> KeySetError.Code? {
        do throws(KeySetError) {
            _ = try KeySet(jwkSet: Array(text.utf8))
            return nil
        } catch {
            #expect(!error.message.contains(Self.good) && !error.message.isEmpty)
            return error.code
        }
    }

    @Test func `keys of the type oct are read, and others left out`() throws {
        let keys = try KeySet(
            jwkSet: Array(
                """
                {"keys": [
                    {"kty": "RSA", "kid": "r", "n": "AQAB", "e": "AQAB"},
                    {"kty": "oct", "kid": "a", "k": "\(Self.good)", "alg": "HS256", "use": "sig"},
                    {"kty": "oct", "kid": "b", "k": "\(Self.good)", "key_ops": ["sign", "verify"], "note": {"x": [1]}}
                ], "generated": "2026-11-23"}
                """.utf8))
        #expect(keys.keyIDs == ["a", "b"] && keys.count == 2)
    }

    @Test(
        arguments: [
            ("", .malformed), ("[]", .malformed), ("{}", .malformed), (#"{"keys":{}}"#, .malformed),
            (#"{"keys":[]}"#, .noKey), (#"{"keys":[{"kty":"RSA","kid":"r"}]}"#, .noKey),
            (#"{"keys":[{"kty":"oct","kid":"a"}]}"#, .malformed),
            (#"{"keys":[{"kty":"oct","kid":"a","k":"AAAA"}]}"#, .weakKey),
            (#"{"keys":[{"kty":"oct","kid":"a","k":""}]}"#, .malformed),
            (#"{"keys":[{"kty":"oct","kid":"a","k":"\#(good)="}]}"#, .malformed),
            (#"{"keys":[{"kty":"oct","kid":1,"k":"\#(good)"}]}"#, .malformed),
            (#"{"keys":[{"kty":"oct","kid":"","k":"\#(good)"}]}"#, .malformed),
            (#"{"keys":[{"kty":"oct","kid":"a","k":"\#(good)","alg":"HS512"}]}"#, .malformed),
            (#"{"keys":[{"kty":"oct","kid":"a","k":"\#(good)","use":"enc"}]}"#, .malformed),
            (#"{"keys":[{"kty":"oct","kid":"a","k":"\#(good)","key_ops":["sign"]}]}"#, .malformed),
            (#"{"keys":[{"kty":"oct","k":"\#(good)"},{"kty":"oct","kid":"b","k":"\#(good)"}]}"#, .ambiguousKey),
            (
                #"{"keys":[{"kty":"oct","kid":"b","k":"\#(good)"},{"kty":"oct","kid":"b","k":"\#(good)"}]}"#,
                .ambiguousKey
            ),
            (#"{"keys":[{"kty":"oct","kid":"b","k":"\#(good)","k":"\#(good)"}]}"#, .malformed),
        ] as [(String, KeySetError.Code)])
    func `T4: a set that is not in order is none`(text: String, code: KeySetError.Code) {
        #expect(self.code(of: text) == code)
    }

    @Test func `keys and text are bounded`() {
        let many = (0..<65).map { #"{"kty":"oct","kid":"\#($0)","k":"\#(Self.good)"}"# }.joined(separator: ",")
        #expect(code(of: #"{"keys":[\#(many)]}"#) == .malformed)
        #expect(code(of: String(repeating: " ", count: 70_000)) == .malformed)
        #expect(throws: KeySetError.self) { try KeySet(rawKey: [UInt8](repeating: 1, count: 5000)) }
        #expect(throws: KeySetError.self) { try KeySet(rawKey: []) }
    }

    @Test func `a set never shows its keys`() throws {
        let keys = try KeySet(rawKey: Array("a very secret key of 32 bytes or more".utf8))
        var dumped = ""
        dump(keys, to: &dumped)
        #expect(!dumped.contains("state") && !"\(keys)".contains("SIMD") && !dumped.contains("secret"))
    }
}
