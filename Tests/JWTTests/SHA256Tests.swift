// SPDX-License-Identifier: Apache-2.0

import Crypto
import JWT
import Testing

@Suite struct `SHA-256` {
    /// FIPS 180-2 appendix B and the NIST example values for SHA-256.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
        ),
    ])
    func `gives the published digests`(message: String, digest: String) {
        #expect(hexadecimal(JWT.SHA256.digest(of: message.utf8)) == digest)
    }

    @Test func `gives the published digest of a million letters`() {
        let digest = JWT.SHA256.digest(of: repeatElement(UInt8(ascii: "a"), count: 1_000_000))
        #expect(hexadecimal(digest) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func `agrees with another implementation for every length around the blocks`() {
        for length in 0...300 {
            let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ length) }
            #expect(JWT.SHA256.digest(of: message) == Array(Crypto.SHA256.hash(data: message)))
        }
    }

    @Test func `does not care how the message is cut`() {
        let message = (0..<200).map { UInt8($0) }
        let whole = JWT.SHA256.digest(of: message)
        for cut in 0...200 {
            var hasher = JWT.SHA256()
            hasher.update(message[..<cut])
            _ = hasher.finalized()
            hasher.update(message[cut...])
            #expect(hasher.finalized() == whole)
        }
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
