// SPDX-License-Identifier: Apache-2.0

/// Encodes and decodes base64url without padding, strictly.
///
/// Decoding accepts exactly what encoding makes: no padding, no white space, no other alphabet, and no set bits after
/// the last whole byte, so that every byte string has one encoding only.
///
/// Source: RFC 4648 section 5, with the canonical form of section 3.5; RFC 7515 appendix C.
public enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let invalid: UInt8 = 0xff
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// Returns the encoding of `bytes`: four characters for three bytes, rounded up.
    public static func encode(_ bytes: [UInt8]) -> String {
        var characters: [UInt8] = []
        characters.reserveCapacity((bytes.count * 4 + 2) / 3)
        var accumulator: UInt32 = 0
        var bitCount = 0
        for byte in bytes {
            accumulator = accumulator << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                characters.append(alphabet[Int(accumulator >> bitCount & 0x3f)])
            }
        }
        if bitCount > 0 { characters.append(alphabet[Int(accumulator << (6 - bitCount) & 0x3f)]) }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Returns the bytes `text` encodes, or nil when it is not the canonical encoding of any.
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var accumulator: UInt32 = 0
        var bitCount = 0
        for character in text {
            let value = values[Int(character)]
            guard value != invalid else { return nil }
            accumulator = accumulator << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: accumulator >> bitCount))
            }
        }
        let leftover = accumulator & (1 << bitCount - 1)
        return leftover == 0 ? bytes : nil
    }
}
