// SPDX-License-Identifier: Apache-2.0

package import Edge
package import RateLimiting

/// How much callers and addresses may ask for.
package struct RateLimitConfiguration: Sendable {
    /// Nil when callers are not limited.
    package var caller: RateLimit?
    /// Nil when addresses are not limited.
    package var address: RateLimit?
    package var mode: RateLimitMode.Mode
    /// How many callers, and how many addresses, are remembered: some 50 bytes each.
    package var maximumKeyCount: Int
    /// Whether replicas that share a Redis share the callers' limit.
    package var isShared: Bool
    package var proxies: TrustedProxies

    package init(reading reader: inout ConfigurationReader) {
        caller = Self.limit(rate: Self.rateKey, burst: Self.burstKey, &reader)
        address = Self.limit(rate: Self.addressRateKey, burst: Self.addressBurstKey, &reader)
        mode = reader.value(Self.modeKey, as: Self.modeKind)
        maximumKeyCount = reader.value(Self.maximumKeysKey, as: .count(in: 100...10_000_000))
        isShared = reader.value(Self.sharedKey, as: .onOff)
        proxies = TrustedProxies(
            reader.optional(Self.proxiesKey, as: Self.rangesKind) ?? [],
            header: reader.value(Self.proxyHeaderKey, as: Self.headerKind))
    }

    private static func limit(
        rate: ConfigurationKey, burst: ConfigurationKey, _ reader: inout ConfigurationReader
    ) -> RateLimit? {
        let burstCount = reader.value(burst, as: .count(in: 1...1_000_000))
        guard case .some(let (count, period)) = reader.value(rate, as: rateKind) else { return nil }
        guard let limit = RateLimit(count, per: period, burst: burstCount) else {
            reader.note("is too slow for a burst of \(burstCount): lower \(burst.environmentName)", about: rate)
            return nil
        }
        return limit
    }

    package static let keys = [
        rateKey, burstKey, addressRateKey, addressBurstKey, modeKey, maximumKeysKey, sharedKey, proxiesKey,
        proxyHeaderKey,
    ]

    private static let rateKey = ConfigurationKey(
        "rate.limit.rate", default: "100/s",
        "How many requests a caller may make: a number per s, m, h or d, such as 100/s; or off.")
    private static let burstKey = ConfigurationKey(
        "rate.limit.burst", default: "200", "How many requests a caller may make at once.")
    private static let addressRateKey = ConfigurationKey(
        "rate.limit.address.rate", default: "1000/s",
        "How many requests may come from one address (IPv6: one /64), before tokens are looked at; or off.")
    private static let addressBurstKey = ConfigurationKey(
        "rate.limit.address.burst", default: "2000", "How many requests may come from one address at once.")
    private static let modeKey = ConfigurationKey(
        "rate.limit.mode", default: "enforce",
        "enforce, shadow (count and log, refuse nothing) or off; taken over from the file while the service runs.")
    private static let maximumKeysKey = ConfigurationKey(
        "rate.limit.max.keys", default: "100000",
        "How many callers, and how many addresses, are remembered: some 50 bytes each.")
    private static let sharedKey = ConfigurationKey(
        "rate.limit.shared", default: "on",
        "on: replicas with a REDIS_URL limit callers together, for a round trip each; off: each by itself. While Redis is away each goes by its own buckets."
    )
    private static let proxiesKey = ConfigurationKey(
        "trusted.proxies", default: nil,
        "Addresses or ranges (10.0.0.0/8), comma-separated, of proxies that are believed about the client's address. Behind a balancer or an ingress set it: else all clients behind it share one address, and its limit."
    )
    private static let proxyHeaderKey = ConfigurationKey(
        "trusted.proxy.header", default: "x-forwarded-for",
        "The header that the trusted proxies write: x-forwarded-for or forwarded.")

    /// The inner nil is `off`.
    private static var rateKind: ConfigurationValueKind<(Int, Duration)?> {
        ConfigurationValueKind(requirement: "a number of requests per s, m, h or d, such as 100/s, or off") { text in
            if text == "off" { return .some(nil) }
            let periods: [Substring: Duration] = [
                "s": .seconds(1), "m": .seconds(60), "h": .seconds(3600), "d": .seconds(86_400),
            ]
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000_000).contains(count),
                let period = periods[parts[1]]
            else { return nil }
            return (count, period)
        }
    }

    private static var modeKind: ConfigurationValueKind<RateLimitMode.Mode> {
        ConfigurationValueKind(requirement: "enforce, shadow or off") { RateLimitMode.Mode(rawValue: $0) }
    }

    private static var headerKind: ConfigurationValueKind<TrustedProxies.Header> {
        ConfigurationValueKind(requirement: "x-forwarded-for or forwarded") { TrustedProxies.Header(rawValue: $0) }
    }

    private static var rangesKind: ConfigurationValueKind<[AddressRange]> {
        ConfigurationValueKind(
            requirement: "addresses or ranges such as 10.0.0.0/8, comma-separated, without bits behind the prefix"
        ) { text in
            let parts = text.split(separator: ",").map { $0.filter { $0 != " " } }
            let ranges = parts.compactMap { AddressRange($0) }
            return !ranges.isEmpty && ranges.count == parts.count ? ranges : nil
        }
    }
}
