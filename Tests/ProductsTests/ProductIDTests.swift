// SPDX-License-Identifier: Apache-2.0

import Foundation
import Products
import ProductsTesting
import Testing

@Suite struct `Product ids` {
    @Test func `are read as another implementation reads them`() {
        for _ in 0..<1000 {
            let uuid = UUID().uuidString
            #expect(ProductID(uuid)?.description == uuid.lowercased())
            #expect(ProductID(uuid.lowercased()) == ProductID(uuid))
        }
    }

    @Test func `ascend in the order they are made, through a clock that stands, steps back and runs over`() {
        let clock = ManualWallClock()
        let generator = ProductIDGenerator(clock: clock)
        var ids: [String] = []
        for number in 0..<20_000 {
            if number == 10_000 { clock.advance(bySeconds: -3600) }
            if number == 15_000 { clock.advance(bySeconds: 7200) }
            ids.append(generator.next().description)
        }
        #expect(ids == ids.sorted() && Set(ids).count == ids.count)
    }

    @Test func `carry the time, version 7 and the variant of RFC 9562`() throws {
        let id = ProductIDGenerator(clock: ManualWallClock(secondsSinceEpoch: 1_700_000_000)).next().description
        let digits = id.replacing("-", with: "")
        #expect(try #require(UInt64(digits.prefix(12), radix: 16)) == 1_700_000_000_000)
        #expect(Array(digits)[12] == "7" && "89ab".contains(Array(digits)[16]))
    }
}
