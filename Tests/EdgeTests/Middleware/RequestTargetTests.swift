// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Edge

@Suite struct `Request targets` {
    @Test(arguments: [
        ("/", "/"), ("/a/b?c=d&e=%2F", "/a/b?c=d&e=%2F"), ("/a/", "/a/"), ("/%41%c3%a4", "/%41%c3%a4"),
        ("/a?b//c/../d", "/a?b//c/../d"),
        ("http://a", "/"), ("HTTPS://a.b:80/c?d", "/c?d"), ("http://[::1]:8080?q", "/?q"), ("/...", "/..."),
        ("/.a", "/.a"), ("*", "*"),
    ])
    func `that are right are read`(target: String, expected: String) {
        #expect(RequestTarget(target, allowsAsterisk: true)?.originForm == expected)
    }

    @Test(arguments: [
        "", "a", "//", "//a", "/a//b", "/.", "/..", "/a/../b", "/%2e", "/%2E%2e/a", "/.%2e", "/%", "/%4", "/%zz",
        "/%ff", "/%c0%80", "/a#b",
        "/a b", "/a\u{7f}", "/\u{e4}", "ftp://a/b", "http://", "http:///a", "http://a b/", "http://user@a/",
        "http://a//b", "/?%", "/%2",
    ])
    func `that are wrong are refused`(target: String) {
        #expect(RequestTarget(target, allowsAsterisk: true) == nil)
    }

    @Test func `an asterisk is for OPTIONS`() { #expect(RequestTarget("*", allowsAsterisk: false) == nil) }

    @Test(arguments: [
        ("/a/{b}/c", "/a/x/c", true), ("/a/{b}/c", "/a/x/c/", true), ("/a/{b}/c", "/a/x", false),
        ("/a/{b}/c", "/a/x/d", false), ("/a", "/a/b", false), ("/a", "/", false), ("/", "/", true),
        ("/a/{b}", "/a/", false),
    ])
    func `are of a route when every part fits`(template: String, path: String, fits: Bool) {
        #expect(RouteTemplate(template, methods: [.get], access: .anyone).matches(path: path) == fits)
    }
}
