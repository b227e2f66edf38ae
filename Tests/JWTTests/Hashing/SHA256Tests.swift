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

    /// NIST CAVP, SHA Test Vectors for Hashing Byte-Oriented Messages, SHA256ShortMsg.rsp.
    @Test(
        arguments: [
            ([0xd3], "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"),
            ([0x11, 0xaf], "5ca7133fa735326081558ac312c620eeca9970d1e70a4b95533d956f072d1f98"),
            ([0xb4, 0x19, 0x0e], "dff2e73091f6c05e528896c4c831b9448653dc2ff043528f6769437bc7b975c2"),
            ([0x74, 0xba, 0x25, 0x21], "b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e"),
            ([0xc2, 0x99, 0x20, 0x96, 0x82], "f0887fe961c9cd3beab957e8222494abb969b1ce4c6557976df8b0f6d20e9166"),
            ([0xe1, 0xdc, 0x72, 0x4d, 0x56, 0x21], "eca0a060b489636225b4fa64d267dabbe44273067ac679f20820bddc6b6a90ac"),
            (
                [0x06, 0xe0, 0x76, 0xf5, 0xa4, 0x42, 0xd5],
                "3fd877e27450e6bbd5d74bb82f9870c64c66e109418baa8e6bbcff355e287926"
            ),
        ] as [([UInt8], String)])
    func `gives the digests of the test suite`(message: [UInt8], digest: String) {
        #expect(hexadecimal(JWT.SHA256.digest(of: message)) == digest)
    }

    @Test func `gives the published digest of a million letters`() {
        let digest = JWT.SHA256.digest(of: repeatElement(UInt8(ascii: "a"), count: 1_000_000))
        #expect(hexadecimal(digest) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    /// By the processor's instructions, where it has them, and in Swift.
    @Test(arguments: [JWT.SHA256.Implementation.fastest, .portable])
    func `agrees with another implementation for every length around the blocks`(
        implementation: JWT.SHA256.Implementation
    ) {
        for length in 0...300 {
            let message = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ length) }
            var hasher = JWT.SHA256(implementation: implementation)
            hasher.update(message)
            #expect(hasher.finalized() == Array(Crypto.SHA256.hash(data: message)))
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
