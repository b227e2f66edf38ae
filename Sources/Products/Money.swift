// SPDX-License-Identifier: Apache-2.0

/// An amount of money with two decimals, exact: it never passes through floating point.
///
/// From 0.00 to 9999999999.99, the range of PostgreSQL's `numeric(12, 2)`.
package struct Money: Sendable, Hashable {
    /// The amount in hundredths.
    package let cents: Int64

    /// The largest amount: 9999999999.99.
    package static let maximum = Money(cents: 999_999_999_999)

    /// Creates an amount of hundredths.
    package init(cents: Int64) { self.cents = cents }
}

extension Money: Comparable {
    package static func < (left: Money, right: Money) -> Bool { left.cents < right.cents }
}

extension Money {
    /// Why a number is no amount.
    package enum ParseError: Error, Sendable, Equatable {
        case notANumber
        case negative
        case tooManyDecimals
        case tooLarge
    }

    /// Reads a decimal number in JSON's grammar (RFC 8259 section 6), by value: `12.5`, `12.50` and `1.25e1` are one
    /// amount.
    package init(decimal: String) throws(ParseError) {
        var number = try Decimal(decimal)
        number.dropTrailingZeros()
        if number.digits.isEmpty {
            self.init(cents: 0)
            return
        }
        if number.isNegative { throw .negative }
        let exponent = number.exponent + 2
        if exponent < 0 { throw .tooManyDecimals }
        if number.digits.count + exponent > 12 { throw .tooLarge }
        let cents = number.digits.reduce(0) { $0 * 10 + Int64($1) }
        self.init(cents: (0..<exponent).reduce(cents) { cents, _ in cents * 10 })
    }

    /// A decimal number: `digits` · 10^`exponent`.
    private struct Decimal {
        var isNegative = false
        var digits: [UInt8] = []
        var exponent = 0

        init(_ text: String) throws(ParseError) {
            var rest = Substring(text).utf8[...]
            if rest.first == UInt8(ascii: "-") {
                isNegative = true
                rest.removeFirst()
            }
            let integer = Self.takeDigits(&rest)
            var fraction: [UInt8] = []
            if rest.first == UInt8(ascii: ".") {
                rest.removeFirst()
                fraction = Self.takeDigits(&rest)
                if fraction.isEmpty { throw .notANumber }
            }
            if integer.isEmpty { throw .notANumber }
            digits = Array((integer + fraction).drop { $0 == 0 })
            exponent = try Self.takeExponent(&rest) - fraction.count
            if !rest.isEmpty { throw .notANumber }
        }

        mutating func dropTrailingZeros() {
            while digits.last == 0 {
                digits.removeLast()
                exponent += 1
            }
        }

        private static func takeDigits(_ rest: inout Substring.UTF8View.SubSequence) -> [UInt8] {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest.removeFirst(digits.count)
            return digits.map { $0 - UInt8(ascii: "0") }
        }

        /// Reads the exponent, if any. One beyond a thousand counts as a thousand: both are out of range.
        private static func takeExponent(_ rest: inout Substring.UTF8View.SubSequence) throws(ParseError) -> Int {
            guard let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else { return 0 }
            rest.removeFirst()
            let isNegative = rest.first == UInt8(ascii: "-")
            if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
            let digits = takeDigits(&rest)
            if digits.isEmpty { throw .notANumber }
            let magnitude = digits.reduce(0) { min(1000, $0 * 10 + Int($1)) }
            return isNegative ? -magnitude : magnitude
        }
    }
}

extension Money: CustomStringConvertible {
    /// The amount with both decimals and a point: `1299.99`. Also its spelling in JSON.
    package var description: String {
        let fraction = cents % 100
        return "\(cents / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
