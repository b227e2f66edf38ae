// SPDX-License-Identifier: Apache-2.0

#if DEBUG
import Foundation
import ProductStorage
import Redis

/// How tests of the cache's protocol take parts of it away, and hold replicas up or end them in the midst of it. Not in
/// builds for use.
///
/// `CACHE_TEST_WITHOUT` names a protection that is left out; `CACHE_TEST_LEASE` and `CACHE_TEST_QUARANTINE` are times
/// in milliseconds; `CACHE_TEST_POINTS` is a file, read at each point, with lines such as `beforeFill pause 0.1 700`
/// (with a probability of 0.1, for up to 700 ms) or `afterCommit exit 0.01`.
struct CacheTestSettings {
    private let environment = ProcessInfo.processInfo.environment

    private static let protections: [String: CachePolicy.Protections] = [
        "quarantine": .quarantine, "leaseTokens": .leaseTokens, "generations": .generations, "proofs": .proofs,
        "poison": .poison, "joins": .joins, "outbox": .outbox,
    ]

    func apply(to policy: inout CachePolicy) {
        if let name = environment["CACHE_TEST_WITHOUT"] {
            guard let protection = Self.protections[name] else { preconditionFailure("no protection \(name)") }
            policy.protections.remove(protection)
        }
        if let time = milliseconds("CACHE_TEST_LEASE") { policy.leaseLifetime = time }
        if let time = milliseconds("CACHE_TEST_QUARANTINE") { policy.quarantineLifetime = time }
        if let path = environment["CACHE_TEST_POINTS"] {
            policy.testPoint = { point in await Self.reached(point, path) }
        }
    }

    func apply(to redis: inout RedisConfiguration) {
        if let time = milliseconds("CACHE_TEST_COMMAND_TIMEOUT") { redis.commandTimeout = time }
    }

    private func milliseconds(_ name: String) -> Duration? {
        environment[name].flatMap { Int64($0) }.map { .milliseconds($0) }
    }

    private static func reached(_ point: TestPoint, _ path: String) async {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count >= 3, words[0] == point.rawValue, let probability = Double(words[2]),
                Double.random(in: 0..<1) < probability
            else { continue }
            if words[1] == "exit" { kill(getpid(), SIGKILL) }
            let limit = words.count > 3 ? Double(words[3]) ?? 0 : 0
            try? await Task.sleep(for: .milliseconds(Int64(Double.random(in: 0...limit))))
        }
    }
}
#endif
