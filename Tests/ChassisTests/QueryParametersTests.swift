// SPDX-License-Identifier: Apache-2.0

import Chassis
import Testing

@Suite struct `Query parameters` {
    @Test func `are decoded as forms are encoded`() throws {
        let parameters = try QueryParameters("a=1&b=x+y%20z&a=2&c&d=&%C3%A4=%F0%9F%98%80&&e=1=2")
        #expect(parameters.all("a") == ["1", "2"] && parameters.all("b") == ["x y z"])
        #expect(parameters.all("c") == [""] && parameters.all("d") == [""] && parameters.all("ä") == ["😀"])
        #expect(parameters.all("e") == ["1=2"] && parameters.all("none").isEmpty)
        #expect(parameters.names == ["a", "b", "c", "d", "ä", "e"])
        #expect(try QueryParameters(nil).names.isEmpty && QueryParameters("").names.isEmpty)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "a=%ff", "a=%00", "%=1", "a=%c0%80", "a=%ed%a0%80", "a=%+1"])
    func `with broken encodings are refused`(query: String) {
        #expect(throws: QueryParameters.ParseError.self) { try QueryParameters(query) }
    }
}
