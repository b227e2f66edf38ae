// SPDX-License-Identifier: Apache-2.0

import JWT
import Testing

@Suite struct `base64url` {
    /// RFC 4648 section 10, without the padding, and RFC 7515 appendix C.
    @Test(
        arguments: [
            ([], ""), ([0x66], "Zg"), ([0x66, 0x6f], "Zm8"), ([0x66, 0x6f, 0x6f], "Zm9v"),
            ([0x66, 0x6f, 0x6f, 0x62], "Zm9vYg"),
            ([3, 236, 255, 224, 193], "A-z_4ME"),
        ] as [([UInt8], String)])
    func `gives the published texts`(bytes: [UInt8], text: String) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text.utf8) == bytes)
    }

    @Test func `decodes exactly what it encodes`() {
        // Of all texts of two and three characters, those that decode are those that their bytes encode to.
        let characters = Array("AZaz09-_+/= \n".utf8)
        for first in characters {
            for second in characters {
                for text in [[first, second]] + characters.map({ [first, second, $0] }) {
                    if let bytes = Base64URL.decode(text) {
                        #expect(Base64URL.encode(bytes) == String(decoding: text, as: UTF8.self))
                    }
                }
            }
        }
        for length in 0...50 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 97) }
            #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
        }
    }

    @Test(arguments: ["A", "Zg==", "Zh", "Zm9", "Z+", "Z/", "Z g", "Zg\n", "Zé", "AAAAA", "Zg\u{0}A"])
    func `refuses padding, other alphabets, loose bits and impossible lengths`(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
