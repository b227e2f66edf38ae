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
        let text = Array(text)
        var isValid = false
        let bytes = [UInt8](unsafeUninitializedCapacity: decodedByteCount(of: text.count)) { bytes, count in
            isValid = text.withUnsafeBufferPointer { decode($0, into: bytes) }
            count = isValid ? decodedByteCount(of: text.count) : 0
        }
        return isValid ? bytes : nil
    }

    /// How many bytes a text of so many characters stands for.
    static func decodedByteCount(of characterCount: Int) -> Int { characterCount / 4 * 3 + characterCount % 4 * 3 / 4 }

    /// Writes the bytes `text` encodes; returns false when it is not the canonical encoding of any.
    ///
    /// - Parameter bytes: Room for ``decodedByteCount(of:)`` bytes; what is in it after a failure means nothing.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, into bytes: UnsafeMutableBufferPointer<UInt8>) -> Bool {
        values.withUnsafeBufferPointer { values in
            // Characters that are none of the alphabet leave their mark in `seen`; looked at once, at the end.
            var seen: UInt8 = 0
            var (input, output) = (0, 0)
            while input + 4 <= text.count {
                let (a, b) = (values[Int(text[input])], values[Int(text[input + 1])])
                let (c, d) = (values[Int(text[input + 2])], values[Int(text[input + 3])])
                seen |= a | b | c | d
                bytes[output] = a << 2 | b >> 4
                bytes[output + 1] = b << 4 | c >> 2
                bytes[output + 2] = c << 6 | d
                (input, output) = (input + 4, output + 3)
            }
            var leftover: UInt8 = 0
            switch text.count - input {
            case 0: break
            case 2:
                let (a, b) = (values[Int(text[input])], values[Int(text[input + 1])])
                seen |= a | b
                bytes[output] = a << 2 | b >> 4
                leftover = b << 4
            case 3:
                let (a, b, c) = (values[Int(text[input])], values[Int(text[input + 1])], values[Int(text[input + 2])])
                seen |= a | b | c
                bytes[output] = a << 2 | b >> 4
                bytes[output + 1] = b << 4 | c >> 2
                leftover = c << 6
            default: return false
            }
            return seen < 0x40 && leftover == 0
        }
    }
}
