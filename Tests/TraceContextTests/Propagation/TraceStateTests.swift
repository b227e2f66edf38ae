// SPDX-License-Identifier: Apache-2.0

import Testing
import TraceContext

@Suite struct `tracestate and baggage` {
    /// Trace Context level 2, section 3.3.1.
    @Test(arguments: [
        "rojo=00f067aa0ba902b7", "congo=t61rcWkgMzE", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "fw529a3039@dt=1",
        "a=b", "0a=b", "a_-*/@z=!~", "a=\(String(repeating: "v", count: 256))", "a=a b  c", "a=1;b",
        "\(String(repeating: "k", count: 256))=v", "a= b",
        (1...32).map { "k\($0)=v" }.joined(separator: ","),
    ])
    func `is passed on as it came`(text: String) { #expect(TraceState(text)?.text == text) }

    @Test(arguments: [
        ("a=1 , b=2", "a=1,b=2"), ("a=1\t,\tb=2", "a=1,b=2"), ("a=1,,b=2", "a=1,b=2"), (" a=1 ", "a=1"),
        ("a=1,", "a=1"), (",a=1", "a=1"), ("a=1, ,b=2", "a=1,b=2"),
    ])
    func `white space and empty members are left out`(text: String, plain: String) {
        #expect(TraceState(text)?.text == plain)
    }

    @Test(arguments: [
        "", " ", ",", "a", "a=", "=a", "a=1=2", "A=1", "a.b=1", "a =1", "@a=1", "_a=1", "a=1,a=2", "a=1,b=2,a=1",
        "a=\u{7f}", "a=é", "é=1", "a=1\0", "a=\(String(repeating: "v", count: 257))",
        "\(String(repeating: "k", count: 257))=v", (1...33).map { "k\($0)=v" }.joined(separator: ","),
        "a=1,b", String(repeating: "x", count: 65_536), "a=1\r\nb=2", "a=1,b=\u{1b}",
    ])
    func `K18: one wrong member drops them all`(text: String) {
        #expect(TraceState(text) == nil)
    }

    @Test(arguments: ["a=1", "userId=alice,serverNode=DF%2028,isProduction=false", "k=v;p=1 , k2=v2"])
    func `baggage is passed on as it came`(text: String) { #expect(Baggage(text)?.text == text) }

    @Test(arguments: [
        "", "a=\u{0}", "a=é", "a=1\r\nb: 2", "a=\u{7f}", String(repeating: "a", count: 8193),
        Array(repeating: "a=1", count: 65).joined(separator: ","),
    ])
    func `K18: baggage over the limits, or of other characters, is dropped`(text: String) {
        #expect(Baggage(text) == nil)
    }

    @Test func `baggage up to the limits is passed on`() {
        #expect(Baggage(String(repeating: "a", count: 8192)) != nil)
        #expect(Baggage(Array(repeating: "a=1", count: 64).joined(separator: ",")) != nil)
    }
}
