// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import Redis

/// Reads of one value of 512 bytes through the client, as many callers at once as told, on one event loop as a service's
/// handlers are. Prints commands per second.
///
/// usage: RedisBenchmark URL SECONDS CALLERS
@main
struct RedisBenchmark {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count == 3, let seconds = Int(arguments[1]), let callers = Int(arguments[2]) else {
            fatalError("usage: RedisBenchmark URL SECONDS CALLERS")
        }
        var configuration = try RedisConfiguration(url: arguments[0])
        configuration.commandTimeout = .seconds(1)
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let redis = try RedisClient(configuration, eventLoopGroup: eventLoop)
        guard await redis.waitUntilConnected(within: .seconds(5)) else { fatalError("no connection") }
        try await redis.set("bench", to: [UInt8](repeating: 0x78, count: 512))
        let executor = LoopExecutor(eventLoop: eventLoop)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            let end = NIODeadline.now() + .seconds(Int64(seconds))
            for _ in 0..<callers {
                group.addTask(executorPreference: executor) {
                    var count = 0
                    while NIODeadline.now() < end {
                        guard try await redis.get("bench")?.count == 512 else { fatalError("no value") }
                        count += 1
                    }
                    return count
                }
            }
            var sum = 0
            for try await count in group { sum += count }
            return sum
        }
        print(count / seconds)
        await redis.close()
    }
}

/// Runs tasks on an event loop, as the edge does with handlers.
private final class LoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
