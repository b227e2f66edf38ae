// SPDX-License-Identifier: Apache-2.0

import Products
import Testing

@Suite struct `The rules of products` {
    private func problems(name: String = "a", description: String = "", cents: Int64 = 1) -> [String] {
        do throws(ProductError) {
            _ = try ProductDraft(name: name, description: description, price: Money(cents: cents))
            return []
        } catch .invalid(let problems) {
            return problems.map(\.pointer)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `bound the fields, all reported at once`() {
        #expect(problems() == [])
        #expect(
            problems(name: String(repeating: "𝒳", count: 100), description: String(repeating: "𝒳", count: 500)) == [])
        #expect(
            problems(name: "", description: String(repeating: "d", count: 501), cents: 0) == [
                "/name", "/description", "/price",
            ])
        #expect(problems(name: String(repeating: "a", count: 101)) == ["/name"])
        #expect(problems(cents: -1) == ["/price"])
        #expect(problems(cents: Money.maximum.cents + 1) == ["/price"])
    }

    @Test func `allow of the control characters only newline and tab`() {
        for value in (0...0x9f) where value < 0x20 || value >= 0x7f {
            let text = "a" + String(UnicodeScalar(UInt8(value)))
            #expect(problems(name: text).isEmpty == (value == 9 || value == 10), "\(value)")
            #expect(problems(description: text).isEmpty == (value == 9 || value == 10), "\(value)")
        }
        #expect(problems(name: "\u{2028}\u{200f}\u{feff}") == [])
    }

    @Test func `bring limits and offsets into range`() {
        for limit in [Int.min, -1, 0, 101, .max] { #expect(ProductQuery(limit: limit).limit == 20) }
        for limit in [1, 20, 100] { #expect(ProductQuery(limit: limit).limit == limit) }
        #expect(ProductQuery(start: .offset(-1)).start == .offset(0))
    }

    @Test func `want at least one change`() {
        #expect(throws: ProductError.self) { try ProductChanges() }
        #expect(throws: ProductError.self) { try ProductChanges(name: "") }
    }
}
