// SPDX-License-Identifier: Apache-2.0

/// The header fields that tell a client of its limit (draft-ietf-httpapi-ratelimit-headers-10, section 3; lists of RFC
/// 9651).
public struct RateLimitFields: Sendable, Hashable {
    /// The name of the field that tells the limit itself.
    public static let policyHeaderName = "RateLimit-Policy"
    /// The name of the field that tells how things stand.
    public static let headerName = "RateLimit"

    /// The name of the policy, in both fields and in problem documents.
    public let name: String
    /// The value of `RateLimit-Policy`: the burst, and the seconds in which it comes back, such as
    /// `"caller";q=200;w=2`.
    public let policy: String

    private let begin: [UInt8]

    /// - Parameter name: Letters, digits, `-` and `_`.
    public init(name: String, limit: RateLimit) {
        precondition(
            name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            }, "the name of a policy has letters, digits, - and _ only")
        self.name = name
        let window = limit.timeToFill.map { ";w=\(max(1, Self.seconds($0)))" } ?? ""
        policy = "\"\(name)\";q=\(limit.burst)\(window)"
        begin = Array("\"\(name)\";r=".utf8)
    }

    /// Appends the value of `RateLimit`: what is left, and in how many seconds it is all there again; for a request
    /// that was refused, in how many seconds there is enough. Such as `"caller";r=199;t=1`.
    public func appendValue(for decision: RateLimitDecision, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: begin)
        Self.append(decision.isAllowed ? decision.remaining : 0, to: &bytes)
        guard let wait = decision.isAllowed ? decision.fullAfter : decision.retryAfter else { return }
        bytes.append(UInt8(ascii: ";"))
        bytes.append(UInt8(ascii: "t"))
        bytes.append(UInt8(ascii: "="))
        Self.append(Self.seconds(wait), to: &bytes)
    }

    /// The value of `Retry-After` (RFC 9110 section 10.2.3): whole seconds, rounded up, at least 1; a day when what was
    /// asked for never comes.
    public static func retryAfter(_ decision: RateLimitDecision) -> Int {
        decision.retryAfter.map { max(1, seconds($0)) } ?? 86_400
    }

    /// Rounded up.
    private static func seconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(seconds) + (attoseconds > 0 ? 1 : 0)
    }

    private static func append(_ number: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
