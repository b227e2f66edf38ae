// SPDX-License-Identifier: Apache-2.0

import Foundation
import RateLimiting
import Synchronization

enum LimiterComparisons {
    private final class Locked: Sendable {
        let value = Mutex(0)
    }

    static func all() throws -> [Comparison] {
        guard let limit = RateLimit(100, per: .seconds(1), burst: 200) else { return [] }
        let locked = Locked()
        func lock(_ count: Int) {
            for _ in 0..<count { locked.value.withLock { $0 &+= 1 } }
        }
        let hot = LocalRateLimiter<UInt128>(limit: limit)
        let many = LocalRateLimiter<UInt128>(limit: limit, maximumKeyCount: 150_000)
        let keys = (0..<100_000).map { _ in UInt128.random(in: 0 ... .max) }
        return [
            Comparison(
                name: "take from a bucket, one hot key", peerName: "a Mutex locked and unlocked", bar: 6,
                mostAllocations: 0, peer: lock
            ) { count in
                var now: UInt64 = 0
                for _ in 0..<count {
                    now &+= 1000
                    use(hot.take(1, for: 42, at: now))
                }
            },
            Comparison(
                name: "take from a bucket, 100,000 keys", peerName: "a Mutex locked and unlocked", bar: 15,
                mostAllocations: 0, peer: lock
            ) { count in
                var now: UInt64 = 0
                for index in 0..<count {
                    now &+= 1000
                    use(many.take(1, for: keys[index % keys.count], at: now))
                }
            },
        ]
    }

    /// Offers a million keys, and tells the memory that they leave behind. Returns whether it is what the limiter may
    /// take.
    static func tellMemory() -> Bool {
        guard let limit = RateLimit(100, per: .seconds(1), burst: 200) else { return false }
        let before = residentKibibytes()
        let limiter = LocalRateLimiter<UInt128>(limit: limit)
        for key in 0..<1_000_000 as Range<UInt64> { _ = limiter.take(1, for: UInt128(key) << 64 | 1, at: key * 1000) }
        let after = residentKibibytes()
        // A key of 16 bytes and 17 more, and some for what else the process does.
        let isWithin = after - before <= limiter.maximumKeyCount * 33 / 1024 + 1024
        print(
            "1,000,000 keys offered to a limiter of \(limiter.maximumKeyCount): \(limiter.keyCount) kept, \(after - before) KiB"
        )
        return isWithin
    }

    private static func residentKibibytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        return status.firstMatch(of: /VmRSS:\s+(\d+)/).flatMap { Int($0.1) } ?? 0
    }
}
