// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import NIOCore
import NIOPosix
import ProductAPI
import ProductStorage
import Products
import Redis
import ServiceLifecycle
import Synchronization

/// Measures the cache at the repository. Prints ratios and shares; see `Benchmarks/load/measure-redis`.
///
/// usage: CacheBenchmark hits REDIS_URL     one caller: hits in the process beside hits in Redis
///        CacheBenchmark near COUNT         nothing but COUNT hits in the process, to count what they allocate
///        CacheBenchmark memory             1,000,000 products offered to 64 MiB; a scan beside a hot set
@main
struct CacheBenchmark {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch (arguments.first, arguments.dropFirst().first) {
        case ("hits", let url?): try await measureHits(url)
        case ("near", let count?): try await hitNear(Int(count) ?? 0)
        case ("memory", nil): try await measureMemory()
        default: fail("usage: CacheBenchmark hits REDIS_URL | near COUNT | memory")
        }
    }

    private static func fail(_ message: String) -> Never {
        FileHandle.standardError.write(Data("CacheBenchmark: \(message)\n".utf8))
        exit(1)
    }

    private static let logger = Logger(label: "bench")

    private static func id(_ number: Int) -> ProductID {
        ProductID(high: 0x0198_f1b4_0000_7000, low: 0x8000_0000_0000_0000 | UInt64(number))
    }

    /// Runs on an event loop, as the service's handlers do.
    private static func onLoop<Value: Sendable>(
        _ eventLoop: any EventLoop, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await Task(executorPreference: LoopExecutor(eventLoop: eventLoop)) { try await body() }.value
    }

    /// Nanoseconds for each read.
    private static func time(_ cache: CachedProductRepository, _ count: Int) async throws -> Double {
        let id = id(1)
        let start = NIODeadline.now()
        for _ in 0..<count { _ = try await cache.product(withID: id) }
        return Double((NIODeadline.now() - start).nanoseconds) / Double(count)
    }

    private static func measureHits(_ url: String) async throws {
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        var configuration = try RedisConfiguration(url: url)
        configuration.commandTimeout = .seconds(1)
        let redis = try RedisClient(configuration, eventLoopGroup: eventLoop)
        var policy = CachePolicy()
        let stores = (near: GeneratedStore(), far: GeneratedStore())
        let near = CachedProductRepository(stores.near, redis: redis, policy: policy, logger: logger)
        policy.nearByteCount = 0
        let far = CachedProductRepository(stores.far, redis: redis, policy: policy, logger: logger)
        let running = [near, far].map { cache in Task { try? await cache.run() } }
        guard await redis.waitUntilConnected(within: .seconds(5)) else { fail("no Redis at \(url)") }
        try await Task.sleep(for: .seconds(1))
        var rounds: [(near: Double, far: Double)] = []
        for _ in 0..<5 {
            rounds.append(
                try await onLoop(eventLoop) {
                    _ = try await time(near, 10)
                    _ = try await time(far, 10)
                    return (try await time(near, 1_000_000), try await time(far, 20_000))
                })
        }
        let reads = stores.near.reads.load(ordering: .relaxed) + stores.far.reads.load(ordering: .relaxed)
        if reads > 100 { fail("\(reads) reads were no hits") }
        let ratios = rounds.map { $0.far / $0.near }.sorted()
        print(
            "a hit in the process beside one in Redis, one caller: \(round(ratios[2])) times as fast (\(round(ratios[0]))..\(round(ratios[4])))"
        )
        for task in running { task.cancel() }
        await redis.close()
    }

    private static func hitNear(_ count: Int) async throws {
        let cache = CachedProductRepository(GeneratedStore(), redis: nil, logger: logger)
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let made = try await onLoop(eventLoop) {
            _ = try await time(cache, 10)
            let before = allocationCount()
            _ = try await time(cache, count)
            return allocationCount() - before
        }
        print("allocations for each of \(count) hits in the process: \(Double(made) / Double(count))")
    }

    /// How often the process has allocated memory, as the counter says that is preloaded.
    private static func allocationCount() -> Int {
        guard let symbol = dlsym(nil, "allocation_count") else { fail("preload the counter of allocations") }
        return Int(unsafeBitCast(symbol, to: (@convention(c) () -> UInt).self)())
    }

    private static func measureMemory() async throws {
        let store = GeneratedStore()
        let policy = CachePolicy()
        _ = try await store.product(withID: id(0))
        let before = try residentByteCount()
        let cache = CachedProductRepository(
            store, redis: nil, policy: policy, encode: ProductDocument.encoded, logger: logger)
        for number in 0..<1_000_000 { _ = try await cache.product(withID: id(number)) }
        let grown = Double(try residentByteCount() - before) / Double(policy.nearByteCount)
        print("memory for 1,000,000 products offered: \(percent(grown)) of CACHE_NEAR_BYTES")

        let hot = 1_000_000..<1_020_000
        for _ in 0..<5 { for number in hot { _ = try await cache.product(withID: id(number)) } }
        for number in 2_000_000..<3_000_000 { _ = try await cache.product(withID: id(number)) }
        let reads = store.reads.load(ordering: .relaxed)
        for number in hot { _ = try await cache.product(withID: id(number)) }
        let missed = store.reads.load(ordering: .relaxed) - reads
        print(
            "hits of a hot set of \(hot.count) after a scan of 1,000,000 others: \(percent(1 - Double(missed) / Double(hot.count)))"
        )
    }

    private static func percent(_ share: Double) -> String { "\(Int((share * 1000).rounded()) / 10)%" }

    private static func residentByteCount() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS") } ?? ""
        return 1024 * (line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0)
    }
}

/// Runs tasks on an event loop.
private final class LoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
