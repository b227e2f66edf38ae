// SPDX-License-Identifier: Apache-2.0

import Products
import Testing

@Suite struct `Amounts of money` {
    @Test(
        arguments: [
            ("0.01", 1), ("1", 100), ("1.5", 150), ("1299.99", 129_999), ("1e2", 10_000), ("1E-2", 1), ("12.340", 1234),
            ("0", 0), ("-0.00", 0),
            ("9999999999.99", 999_999_999_999), ("00012", 1200),
        ] as [(String, Int64)])
    func `is read by value`(text: String, cents: Int64) throws {
        #expect(try Money(decimal: text).cents == cents)
    }

    @Test(
        arguments: [
            ("", .notANumber), ("abc", .notANumber), ("1.", .notANumber), (".5", .notANumber), ("1e", .notANumber),
            ("1,5", .notANumber),
            ("1.2.3", .notANumber), ("--1", .notANumber), ("+1", .notANumber), ("-1", .negative), ("-0.01", .negative),
            ("0.001", .tooManyDecimals),
            ("1e-400", .tooManyDecimals), ("123456789012345e-5", .tooManyDecimals), ("1e400", .tooLarge),
            ("10000000000", .tooLarge), ("1e99999999999999999999", .tooLarge),
        ] as [(String, Money.ParseError)])
    func `refuses what is no amount`(text: String, error: Money.ParseError) {
        #expect(throws: error) { try Money(decimal: text) }
    }

    @Test func `is written with both decimals, and read back the same`() throws {
        for cents: Int64 in [0, 1, 9, 10, 99, 100, 101, 129_999, 999_999_999_999] {
            let money = Money(cents: cents)
            #expect(try Money(decimal: money.description) == money)
        }
        #expect(Money(cents: 5).description == "0.05" && Money(cents: 1_000).description == "10.00")
    }
}
