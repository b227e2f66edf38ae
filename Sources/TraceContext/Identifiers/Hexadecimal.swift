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

    /// Appends sixteen digits, or only the last of them.
    static func append(_ value: UInt64, digitCount: Int = 16, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: digits(of: value)) { bytes.append(contentsOf: $0.suffix(digitCount)) }
    }

    /// Sixteen digits.
    static func write(_ value: UInt64, to bytes: UnsafeMutableBufferPointer<UInt8>, at offset: Int) {
        withUnsafeBytes(of: digits(of: value)) { digits in
            for index in digits.indices { bytes[offset + index] = digits[index] }
        }
    }

    /// Sixteen digits in the order in which they stand in memory.
    private static func digits(of value: UInt64) -> (UInt64, UInt64) {
        (
            digits(of: UInt32(truncatingIfNeeded: value >> 32)).bigEndian,
            digits(of: UInt32(truncatingIfNeeded: value)).bigEndian
        )
    }

    /// Eight digits, a byte each, all at once.
    private static func digits(of value: UInt32) -> UInt64 {
        var spread = UInt64(value)
        spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff
        spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff
        spread = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0f
        let letters = (spread &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return spread &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }
}
