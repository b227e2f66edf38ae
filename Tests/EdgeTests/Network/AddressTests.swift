// SPDX-License-Identifier: Apache-2.0

import Edge
import Testing

@Suite struct `Addresses` {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8::1", "2001:db8::1"), ("::", "::"),
        ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::1", "::1"),
    ])
    func `are read in their usual notations`(text: String, shown: String) {
        #expect(IPAddress(text)?.description == shown)
    }

    @Test(arguments: [
        "", "unknown", "192.0.2", "192.0.2.256", "192.0.2.1:80", "[::1]", "::1%eth0", "1.2.3.4 ", "0x7f.1",
        "192.0.2.1\0",
        ":::", "12345::", String(repeating: "1", count: 100), "localhost",
    ])
    func `are nothing else`(text: String) { #expect(IPAddress(text) == nil) }

    @Test func `of IPv6 count by their network of 64 bits`() throws {
        let first = try #require(IPAddress("2001:db8::1"))
        let same = try #require(IPAddress("2001:db8::ffff:ffff:ffff:ffff"))
        let other = try #require(IPAddress("2001:db8:0:1::1"))
        #expect(first.network == same.network && first.network != other.network)
        #expect(IPAddress("192.0.2.1")?.network != IPAddress("192.0.2.2")?.network)
        #expect(IPAddress("192.0.2.1")?.network == IPAddress("::ffff:192.0.2.1")?.network)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("0.0.0.0/0", "192.0.2.1", true),
        ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "192.0.2.1", true), ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.2", false), ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::/32", "2001:db9::", false), ("10.0.0.0/8", "::ffff:10.1.1.1", true),
        ("192.0.2.4/31", "192.0.2.5", true),
    ])
    func `are in a range, or not`(range: String, address: String, isIn: Bool) throws {
        let address = try #require(IPAddress(address))
        #expect(AddressRange(range)?.contains(address) == isIn)
    }

    @Test(arguments: [
        "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/", "/8", "10.0.0.0/8/8", "x/8", "::1/129",
        "",
    ])
    func `that a range is not`(text: String) { #expect(AddressRange(text) == nil) }
}
