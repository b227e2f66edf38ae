// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Redis

@Suite struct `The URL of a server` {
    @Test func `has a host, and a port and a database unless they are the usual ones`() throws {
        let short = try RedisURL("redis://cache")
        #expect(short.host == "cache" && short.port == 6379 && short.database == 0)
        #expect(short.user == nil && short.password == nil && !short.isEncrypted)
        let long = try RedisURL("rediss://ada:p%40ss%3a%2F@10.0.0.1:6380/12?cacert=/etc/ca.pem")
        #expect(long.host == "10.0.0.1" && long.port == 6380 && long.database == 12 && long.isEncrypted)
        #expect(long.user == "ada" && long.password == "p@ss:/" && long.trustedCertificatesPath == "/etc/ca.pem")
        let six = try RedisURL("redis://:secret@[::1]:7000/")
        #expect(six.host == "::1" && six.port == 7000 && six.user == nil && six.password == "secret")
    }

    @Test(arguments: [
        "", "redis:", "http://cache", "redis://", "redis://:6379", "redis://cache:", "redis://cache:0",
        "redis://cache:65536", "redis://cache:+1", "redis://cache/x", "redis://cache/-1", "redis://cache/1/2",
        "redis://ada:@cache", "redis://ada:%zz@cache", "redis://ada:%ff@cache", "redis://cache?db=1",
        "redis://cache?cacert=/ca", "rediss://cache?cacert=", "redis://ca che", "redis://[::1", "redis://[::1]x",
    ])
    func `is refused, without a word of it, when it is none`(url: String) {
        let error = #expect(throws: RedisError.self) { try RedisURL(url) }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains("%zz") == false)
    }
}
