// SPDX-License-Identifier: Apache-2.0

import RateLimiting
import RawStructuredFieldValues
import Testing

@Suite struct `Rate limit fields` {
    /// Parsed by another implementation of RFC 9651's predecessor, RFC 8941, in which these lists are the same.
    private func item(_ text: String) throws -> (name: String, parameters: [String: Int]) {
        var parser = StructuredFieldValueParser(Array(text.utf8))
        let list = try parser.parseListFieldValue()
        try #require(list.count == 1)
        guard case .item(let item) = list[0], case .string(let name) = item.rfc9651BareItem else {
            throw UnexpectedItem()
        }
        var parameters: [String: Int] = [:]
        for (key, value) in item.rfc9651Parameters {
            if case .integer(let number) = value { parameters[key] = Int(number) }
        }
        return (name, parameters)
    }

    private struct UnexpectedItem: Error {}

    private func value(_ fields: RateLimitFields, _ decision: RateLimitDecision) -> String {
        var bytes: [UInt8] = []
        fields.appendValue(for: decision, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `L6: tell the limit and how things stand`() throws {
        let limit = try #require(RateLimit(100, per: .seconds(1), burst: 200))
        let fields = RateLimitFields(name: "caller", limit: limit)
        #expect(fields.policy == #""caller";q=200;w=2"#)
        var bucket = TokenBucket(limit, at: 0)
        #expect(value(fields, bucket.take(1, at: 0, limit: limit)) == #""caller";r=199;t=1"#)
        _ = bucket.take(199, at: 0, limit: limit)
        let refused = bucket.take(1, at: 0, limit: limit)
        #expect(value(fields, refused) == #""caller";r=0;t=1"#)
        #expect(RateLimitFields.retryAfter(refused) == 1)
    }

    @Test(arguments: [
        (100, Duration.seconds(1), 200), (1, .seconds(86_400), 1), (1_000_000_000, .seconds(1), 10),
        (3, .seconds(7), 2),
        (0, .seconds(1), 3),
    ])
    func `L6: are lists, and Retry-After is not before t`(count: Int, period: Duration, burst: Int) throws {
        let limit = try #require(RateLimit(count, per: period, burst: burst))
        let fields = RateLimitFields(name: "by-address_1", limit: limit)
        let policy = try item(fields.policy)
        #expect(policy.name == "by-address_1" && policy.parameters["q"] == burst)
        #expect((policy.parameters["w"] == nil) == (count == 0))
        var bucket = TokenBucket(limit, at: 0)
        for _ in 0..<(burst + 2) {
            let decision = bucket.take(1, at: 0, limit: limit)
            let current = try item(value(fields, decision))
            #expect(current.name == "by-address_1" && current.parameters["r"] == decision.remaining)
            if !decision.isAllowed {
                #expect(RateLimitFields.retryAfter(decision) >= current.parameters["t"] ?? 0)
            }
        }
    }
}
