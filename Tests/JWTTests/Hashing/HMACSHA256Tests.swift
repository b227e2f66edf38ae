// SPDX-License-Identifier: Apache-2.0

import Crypto
import JWT
import ProductsTesting
import Testing

@Suite struct `HMAC-SHA-256` {
    /// RFC 4231, test cases 1, 2, 3, 4, 6 and 7.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            (1...25).map { UInt8($0) }, [UInt8](repeating: 0xcd, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131),
            Array(
                "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."
                    .utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ])
    func `gives the published tags`(key: [UInt8], message: [UInt8], tag: String) {
        #expect(hexadecimal(HMACSHA256(key: key).tag(for: message)) == tag)
    }

    @Test func `agrees with another implementation for keys and messages of every length around the blocks`() {
        for keyLength in [0, 1, 31, 32, 33, 63, 64, 65, 100, 127, 128, 200] {
            let key = (0..<keyLength).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ 3) }
            let authenticator = HMACSHA256(key: key)
            for length in 0...150 {
                let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 13) }
                let expected = HMAC<Crypto.SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key))
                #expect(authenticator.tag(for: message) == Array(expected))
            }
        }
    }

    @Test func `agrees with another implementation on 100,000 random keys and messages`() {
        var random = SeededGenerator(seed: 20_261_123)
        for round in 0..<100_000 {
            let key = (0..<Int.random(in: 0...140, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
            }
            let message = (0..<Int.random(in: 0...70, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let expected = HMAC<Crypto.SHA256>.authenticationCode(for: message, using: SymmetricKey(data: key))
            let tag = HMACSHA256(key: key, implementation: round % 2 == 0 ? .fastest : .portable).tag(for: message)
            if tag != Array(expected) {
                Issue.record("key \(key), message \(message)")
                return
            }
        }
    }

    @Test func `only the whole right tag is valid`() {
        let authenticator = HMACSHA256(key: Array("0123456789abcdef0123456789abcdef".utf8))
        let message = Array("message".utf8)
        let tag = authenticator.tag(for: message)
        #expect(authenticator.isValid(tag: tag, for: message))
        for index in tag.indices {
            for bit in 0..<8 {
                var wrong = tag
                wrong[index] ^= 1 << bit
                #expect(!authenticator.isValid(tag: wrong, for: message))
            }
        }
        for length in [0, 16, 31] { #expect(!authenticator.isValid(tag: tag.prefix(length), for: message)) }
        #expect(!authenticator.isValid(tag: tag + [0], for: message))
        #expect(!authenticator.isValid(tag: tag, for: message + [0]))
    }

    @Test func `never shows its key`() {
        let authenticator = HMACSHA256(key: Array("a very secret key".utf8))
        var dumped = ""
        dump(authenticator, to: &dumped)
        #expect("\(authenticator)" == "HMACSHA256(key: redacted)")
        #expect(!dumped.contains("state"))
    }
}
