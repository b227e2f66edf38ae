// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting

/// What is done to a cluster for a moment.
enum CacheFault: String, CaseIterable {
    case none, killPubSub, killConnections, stopReplica, stopRedis, sleepingRedis, killReplica, exitAfterBegin,
        exitAfterCommit, flush, flushScripts, oldDump, outOfMemory, cutReplica, silenceReplica, killRedis, slowFills,
        longTransactions, slowEnds, evictions, slowFillsAndEvictions, slowEndsAndCut

    /// Whether requests may be refused meanwhile, other than by a cache: those of a process that was stopped.
    var mayRefuse: Bool { self == .stopReplica }

    /// Brings it on, and takes it away again.
    func happen(to cluster: CacheCluster) async throws {
        let victim = Int.random(in: 0..<CacheCluster.replicaCount)
        let moment = Duration.milliseconds(Int.random(in: 300...1500))
        let redis = cluster.redis
        switch self {
        case .none: try await Task.sleep(for: moment)
        case .killPubSub: try await redis.execute("CLIENT", "KILL", "TYPE", "pubsub")
        case .killConnections: try await redis.execute("CLIENT", "KILL", "TYPE", "normal")
        case .stopReplica:
            cluster.signal(victim, SIGSTOP)
            try await Task.sleep(for: moment)
            cluster.signal(victim, SIGCONT)
            try await Task.sleep(for: .milliseconds(500))
        case .stopRedis:
            redis.kill(SIGSTOP)
            try await Task.sleep(for: moment)
            redis.kill(SIGCONT)
        case .sleepingRedis: try await redis.execute("DEBUG", "SLEEP", "0.5")
        case .killReplica:
            cluster.signal(victim, SIGKILL)
            try await Task.sleep(for: .milliseconds(300))
        case .exitAfterBegin, .exitAfterCommit:
            let point = self == .exitAfterBegin ? "afterBegin" : "afterCommit"
            try cluster.setPoints("\(point) exit 0.2\n", of: victim)
            try await Task.sleep(for: moment)
            try cluster.setPoints("", of: victim)
            // Not before the keys are open again that it left closed.
            try await Task.sleep(for: .milliseconds(1200))
        case .flush: for _ in 0..<5 { try await redis.execute("FLUSHALL") }
        case .flushScripts: try await redis.execute("SCRIPT", "FLUSH")
        case .oldDump:
            try await redis.execute("SAVE")
            try await Task.sleep(for: moment)
            try await redis.stop(SIGKILL)
            try await redis.start()
        case .outOfMemory:
            try await redis.execute("CONFIG", "SET", "maxmemory", "1mb")
            try await Task.sleep(for: moment)
            try await redis.execute("CONFIG", "SET", "maxmemory", "0")
        case .cutReplica, .silenceReplica:
            cluster.proxies[victim].set(self == .cutReplica ? .closed : .silent)
            try await Task.sleep(for: moment * 2)
            cluster.proxies[victim].set(.open)
        case .killRedis:
            try await redis.stop(SIGKILL)
            try await Task.sleep(for: moment)
            try await redis.start()
        case .slowFills: try await pause("beforeFill pause 0.3 800\n", cluster)
        case .longTransactions: try await pause("afterBegin pause 0.2 1600\n", cluster)
        case .slowEnds: try await pause("afterCommit pause 0.2 900\n", cluster)
        case .evictions: try await redis.execute("EVAL", Self.eviction, "0")
        case .slowFillsAndEvictions:
            try cluster.setPoints("beforeFill pause 0.6 800\n")
            for _ in 0..<40 {
                try await redis.execute("FLUSHALL")
                try await Task.sleep(for: .milliseconds(100))
            }
            try cluster.setPoints("")
            try await Task.sleep(for: .milliseconds(1000))
        case .slowEndsAndCut:
            for other in 0..<CacheCluster.replicaCount where other != victim {
                try cluster.setPoints("afterCommit pause 0.6 900\n", of: other)
            }
            cluster.proxies[victim].set(.closed)
            try await Task.sleep(for: .milliseconds(4000))
            cluster.proxies[victim].set(.open)
            try cluster.setPoints("")
        }
    }

    private func pause(_ points: String, _ cluster: CacheCluster) async throws {
        try cluster.setPoints(points)
        try await Task.sleep(for: .milliseconds(2000))
        try cluster.setPoints("")
        try await Task.sleep(for: .milliseconds(1600))
    }

    /// Removes every second key, closed ones included, as a server does that runs out of memory.
    private static let eviction =
        "for i, k in ipairs(redis.call('KEYS', '*')) do if i % 2 == 0 then redis.call('DEL', k) end end"
}
