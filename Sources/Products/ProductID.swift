// SPDX-License-Identifier: Apache-2.0

/// The identity of a product: a UUID (RFC 9562). Ids made here are of version 7; any version is read.
package struct ProductID: Sendable, Hashable {
    /// The first 64 bits of the UUID.
    package let high: UInt64
    /// The last 64 bits.
    package let low: UInt64

    /// Creates an id from the two halves of a UUID, most significant first.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

extension ProductID: LosslessStringConvertible {
    /// Reads the 36 characters of a UUID, in either case (RFC 9562 section 4); nil for anything else.
    package init?(_ description: String) {
        var description = description
        guard let id = description.withUTF8(ProductID.init(utf8:)) else { return nil }
        self = id
    }

    /// The same of characters that lie in memory as UTF-8.
    package init?(utf8 characters: UnsafeBufferPointer<UInt8>) {
        guard characters.count == 36 else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for (position, character) in characters.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard character == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Self.hexadecimalValue(of: character) else { return nil }
            halves.high = halves.high << 4 | halves.low >> 60
            halves.low = halves.low << 4 | digit
        }
        self.init(high: halves.high, low: halves.low)
    }

    /// The canonical spelling: 36 characters, lower case.
    package var description: String {
        String(unsafeUninitializedCapacity: 36) { characters in
            var position = 0
            for nibble in 0..<32 {
                if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                    characters[position] = UInt8(ascii: "-")
                    position += 1
                }
                let half = nibble < 16 ? high : low
                let value = UInt8(truncatingIfNeeded: half >> (60 - nibble % 16 * 4)) & 0xf
                characters[position] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                position += 1
            }
            return 36
        }
    }

    private static func hexadecimalValue(of character: UInt8) -> UInt64? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(character - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(character - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(character - UInt8(ascii: "A") + 10)
        default: nil
        }
    }
}
