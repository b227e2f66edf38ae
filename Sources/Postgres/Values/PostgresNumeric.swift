// SPDX-License-Identifier: Apache-2.0

/// A decimal number, exact: `unscaled` · 10^-`scale`, as `numeric`. It never passes through floating point.
///
/// Up to 18 digits behind or before the point; larger ones, NaN and the infinities are refused when read.
public struct PostgresNumeric: Sendable, Hashable {
    public let unscaled: Int64
    /// How many of the digits stand behind the point: 0 to 18.
    public let scale: Int

    public static let scales = 0...18

    public init(unscaled: Int64, scale: Int) {
        precondition(Self.scales.contains(scale), "a scale is from 0 to 18")
        self.unscaled = unscaled
        self.scale = scale
    }

    /// The same number with so many digits behind the point; nil when it has more, or becomes too large.
    public func rescaled(to scale: Int) -> PostgresNumeric? {
        guard Self.scales.contains(scale) else { return nil }
        var value = unscaled
        var current = self.scale
        while current < scale {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
            current += 1
        }
        while current > scale {
            guard value % 10 == 0 else { return nil }
            value /= 10
            current -= 1
        }
        return PostgresNumeric(unscaled: value, scale: scale)
    }
}

extension PostgresNumeric: PostgresArrayElement {
    public static var postgresType: PostgresType { .numeric }
    public static var postgresArrayType: PostgresType { .numericArray }

    /// Writes digits of base 10,000, the most significant first, `weight` of them and one before the point.
    public func encode(into bytes: inout [UInt8]) {
        var fraction = scale
        var magnitude = UInt128(unscaled.magnitude)
        while fraction % 4 != 0 {
            magnitude *= 10
            fraction += 1
        }
        var digits: [Int16] = []
        while magnitude > 0 {
            digits.append(Int16(magnitude % 10_000))
            magnitude /= 10_000
        }
        bytes.append(bigEndian: Int16(digits.count))
        bytes.append(bigEndian: Int16(digits.isEmpty ? 0 : digits.count - 1 - fraction / 4))
        bytes.append(bigEndian: unscaled < 0 ? UInt16(0x4000) : 0)
        bytes.append(bigEndian: Int16(scale))
        for digit in digits.reversed() { bytes.append(bigEndian: digit) }
    }
}

extension PostgresNumeric: PostgresDecodable {
    public init(decoding value: PostgresValue) throws(PostgresError) {
        try value.require(.numeric, for: Self.self)
        let count = Int(try value.integer(as: Int16.self))
        let weight = Int(try value.integer(at: 2, as: Int16.self))
        let sign = try value.integer(at: 4, as: UInt16.self)
        let scale = Int(try value.integer(at: 6, as: Int16.self))
        let outOfRange = PostgresError(.decoding, message: "a numeric that 18 digits do not hold")
        guard sign == 0 || sign == 0x4000, (0...20).contains(count), Self.scales.contains(scale),
            (-6...6).contains(weight)
        else { throw outOfRange }
        var magnitude: UInt128 = 0
        for index in 0..<count {
            let digit = try value.integer(at: 8 + 2 * index, as: Int16.self)
            guard (0..<10_000).contains(digit), magnitude < UInt128(1) << 100 else { throw outOfRange }
            magnitude = magnitude * 10_000 + UInt128(digit)
        }
        // The digits end at 10^(4 · (weight + 1 - count)); they are to end at 10^-scale.
        var shift = 4 * (weight + 1 - count) + scale
        while shift > 0, magnitude > 0 {
            guard magnitude < UInt128(1) << 100 else { throw outOfRange }
            magnitude *= 10
            shift -= 1
        }
        while shift < 0 {
            guard magnitude % 10 == 0 else { throw outOfRange }
            magnitude /= 10
            shift += 1
        }
        guard let unsigned = Int64(exactly: magnitude) else { throw outOfRange }
        self.init(unscaled: sign == 0 ? unsigned : -unsigned, scale: scale)
    }
}

extension PostgresNumeric: CustomStringConvertible {
    /// The number with a point and all its digits: `1299.90`.
    public var description: String {
        let digits = String(unscaled.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let sign = unscaled < 0 ? "-" : ""
        return scale == 0 ? sign + padded : "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
    }
}
