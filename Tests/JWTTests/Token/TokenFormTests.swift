// SPDX-License-Identifier: Apache-2.0

import JWT
import ProductsTesting
import Testing

@Suite struct `The form of tokens` {
    /// RFC 7515 appendix A.1. It has no subject, so its claims are not enough; but its signature is right.
    @Test func `the signature of the published example is right`() throws {
        let key = try #require(
            Base64URL.decode(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow".utf8))
        let keys = try KeySet(rawKey: key)
        let signedPart =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let token = signedPart + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        #expect(TokenFixtures.sign(signedPart, key: key) == token)
        #expect(try TokenFixtures.refusal(of: token, keys: keys, now: 1_300_819_300) == .claim)
        let forged = token.replacing(".dBj", with: ".dBk")
        #expect(try TokenFixtures.refusal(of: forged, keys: keys, now: 1_300_819_300) == .signature)
    }

    @Test(arguments: [31, 32, 33, 63, 64, 65, 100, 200])
    func `T4: keys of every length around the block verify, and short ones are none`(length: Int) throws {
        let key = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 1) }
        let token = TokenFixtures.token(key: key)
        if length < KeySet.minimumKeyByteCount {
            let error = try #require(throws: KeySetError.self) { try KeySet(rawKey: key) }
            #expect(error.code == .weakKey && error.message.contains("31 bytes"))
        } else {
            #expect(try TokenFixtures.refusal(of: token, keys: try KeySet(rawKey: key)) == nil)
        }
    }

    @Test func `T5: a signature that is cut, lengthened, empty or zero is refused`() throws {
        let token = TokenFixtures.token()
        let dot = try #require(token.lastIndex(of: "."))
        let signedPart = token.prefix(upTo: dot)
        let tag = HMACSHA256(key: TokenFixtures.key).tag(for: signedPart.utf8)
        for wrong in [
            Array(tag.prefix(16)), Array(tag.prefix(31)), tag + [0], tag + tag, [0], [UInt8](repeating: 0, count: 32),
        ] {
            let forged = "\(signedPart).\(Base64URL.encode(wrong))"
            #expect(try TokenFixtures.refusal(of: forged) == .signature)
        }
        #expect(try TokenFixtures.refusal(of: "\(signedPart).") == .malformed)
        for bit in 0..<256 {
            var wrong = tag
            wrong[bit / 8] ^= 1 << (bit % 8)
            #expect(try TokenFixtures.refusal(of: "\(signedPart).\(Base64URL.encode(wrong))") == .signature)
        }
    }

    @Test func `T6: other base64 is refused in each part`() throws {
        let parts = TokenFixtures.token().split(separator: ".").map(String.init)
        for index in 0..<3 {
            for insertion in ["=", "==", "+", "/", " ", "\r\n", "\n", "?", "#", "\0", "é", "%20", "A"] {
                for isAtEnd in [true, false] {
                    var wrong = parts
                    wrong[index] = isAtEnd ? wrong[index] + insertion : insertion + wrong[index]
                    #expect(try TokenFixtures.refusal(of: wrong.joined(separator: ".")) != nil)
                }
            }
        }
        // Of the four texts that differ in the two unused bits of the last character, one is a signature.
        let token = TokenFixtures.token()
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let character = try #require(token.last)
        let last = try #require(alphabet.firstIndex(of: character))
        #expect(last % 4 == 0)
        for bits in 1...3 {
            #expect(try TokenFixtures.refusal(of: token.dropLast() + "\(alphabet[last + bits])") == .malformed)
        }
    }

    @Test func `T7: anything but three parts is refused`() throws {
        let token = TokenFixtures.token()
        let parts = token.split(separator: ".").map(String.init)
        for wrong in [
            "", ".", "..", "...", parts[0], "\(parts[0]).\(parts[1])", "\(token).", ".\(token)", "\(token).\(parts[2])",
            "\(parts[0])..\(parts[2])", ".\(parts[1]).\(parts[2])", "\(token).\(parts[0]).\(parts[1])",
            #"{"payload":"\#(parts[1])","signatures":[{"protected":"\#(parts[0])","signature":"\#(parts[2])"}]}"#,
        ] {
            #expect(try TokenFixtures.refusal(of: wrong) == .malformed)
        }
    }

    @Test func `T17: what is not one strict JSON object is refused`() throws {
        for claims in [
            "", "null", "[]", "1", #""text""#, "{", "{}{}", TokenFixtures.claims + "x", "[\(TokenFixtures.claims)]",
            String(TokenFixtures.claims.dropLast()) + ",}", "\u{feff}" + TokenFixtures.claims,
            #"{"sub":"a","exp":1800000600,"d":\#(String(repeating: "[", count: 1000))\#(String(repeating: "]", count: 1000))}"#,
            TokenFixtures.claims.replacing("\"", with: "'"),
        ] {
            let refusal = try TokenFixtures.refusal(of: TokenFixtures.token(claims: claims))
            #expect(refusal == .malformed || refusal == .claim)
            #expect(try TokenFixtures.refusal(of: TokenFixtures.token(header: claims)) != nil)
        }
        let wide = TokenFixtures.claims.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] }
        #expect(
            try TokenFixtures.refusal(of: TokenFixtures.token(header: Array(TokenFixtures.header.utf8), claims: wide))
                != nil)
        let notUTF8 = Array(#"{"sub":""#.utf8) + [0xff, 0xfe] + Array(#"","exp":1800000600}"#.utf8)
        #expect(
            try TokenFixtures.refusal(
                of: TokenFixtures.token(header: Array(TokenFixtures.header.utf8), claims: notUTF8))
                == .malformed)
    }

    @Test func `T17: a long token is refused before it is looked at, and one within the limit is read`() throws {
        let long = String(TokenFixtures.claims.dropLast()) + #","x":"\#(String(repeating: "x", count: 1 << 20))"}"#
        #expect(try TokenFixtures.refusal(of: TokenFixtures.token(claims: long)) == .size)
        let fitting = String(TokenFixtures.claims.dropLast()) + #","x":"\#(String(repeating: "x", count: 5000))"}"#
        #expect(try TokenFixtures.refusal(of: TokenFixtures.token(claims: fitting)) == nil)
    }

    @Test func `a token that was changed in one place is refused`() throws {
        let token = Array(TokenFixtures.token().utf8)
        var random = SeededGenerator(seed: 1)
        for index in token.indices {
            var wrong = token
            repeat { wrong[index] = .random(in: 0x20...0x7e, using: &random) } while wrong[index] == token[index]
            #expect(try TokenFixtures.refusal(of: String(decoding: wrong, as: UTF8.self)) != nil)
        }
        for length in 0..<token.count {
            #expect(try TokenFixtures.refusal(of: String(decoding: token.prefix(length), as: UTF8.self)) != nil)
        }
    }
}
