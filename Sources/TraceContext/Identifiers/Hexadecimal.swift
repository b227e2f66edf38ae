// SPDX-License-Identifier: Apache-2.0

/// Hexadecimal numbers in lower case, the only case that trace context has.
enum Hexadecimal {
    /// Reads sixteen digits or fewer; nil when a byte is no digit, or an upper-case one.
    static func parse(_ digits: some Sequence<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: value = value << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(digit - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }

    static func append(_ value: UInt64, digitCount: Int, to bytes: inout [UInt8]) {
        for position in stride(from: 4 * (digitCount - 1), through: 0, by: -4) {
            bytes.append(digit(value >> UInt64(position)))
        }
    }

    /// Sixteen digits.
    static func write(_ value: UInt64, to bytes: UnsafeMutableBufferPointer<UInt8>, at offset: Int) {
        for position in 0..<16 { bytes[offset + position] = digit(value >> UInt64(60 - 4 * position)) }
    }

    private static func digit(_ value: UInt64) -> UInt8 {
        let nibble = UInt8(truncatingIfNeeded: value & 0xf)
        return nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10
    }
}
