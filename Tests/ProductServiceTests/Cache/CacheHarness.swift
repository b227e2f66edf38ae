// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Synchronization
import Testing

/// Readers and writers of few products on several replicas, who check all that they read against what was acknowledged.
final class CacheHarness: Sendable {
    let cluster: CacheCluster
    let history: CacheHistory
    private let stopped = StopFlag()
    /// The products that are there, one in each slot, and some that are gone.
    private let slots: Mutex<[String]>
    private let gone = Mutex<[String]>([])
    private let errors = Mutex<[String: Int]>([:])
    /// Whether answers of 5xx are what a fault is expected to bring: of a process that is stopped in its tracks.
    let expectsRefusals = Atomic(false)

    private static let readerCount = 12
    private static let writerCount = 4

    /// How long a writer rests between writes, at most.
    private let rest: Duration

    /// How many products there are at a time.
    private let slotCount: Int

    /// Whether all writers write for a moment, and then rest for a longer one: what they have broken shows then.
    private let writesInBursts: Bool

    init(
        _ cluster: CacheCluster, slotCount: Int = 12, rest: Duration = .milliseconds(30), writesInBursts: Bool = false
    ) {
        self.cluster = cluster
        self.slotCount = slotCount
        self.rest = rest
        self.writesInBursts = writesInBursts
        history = CacheHistory()
        slots = Mutex([])
    }

    private init(resuming other: CacheHarness) {
        cluster = other.cluster
        rest = other.rest
        slotCount = other.slotCount
        writesInBursts = other.writesInBursts
        history = other.history
        slots = Mutex(other.slots.withLock { $0 })
    }

    /// Another over the same products and the same history.
    func resumed() -> CacheHarness { CacheHarness(resuming: self) }

    /// Statuses that no fault explains, and how often they came.
    var unexplained: [String: Int] { errors.withLock { $0 } }

    func stop() { stopped.raise() }

    func seed() async throws {
        guard let (service, name) = cluster.replica(0) else { return }
        for _ in 0..<slotCount {
            let answer = try await service.client.create()
            let id: String = try answer.member("id")
            acknowledge(answer, of: id, by: name)
            slots.withLock { $0.append(id) }
        }
    }

    /// Reads and writes until it is stopped.
    func run() async {
        await withTaskGroup { group in
            for _ in 0..<Self.readerCount { group.addTask { await self.client { try await self.read($0) } } }
            for _ in 0..<(writesInBursts ? 3 : 1) * Self.writerCount {
                group.addTask { await self.client { try await self.write($0) } }
            }
        }
    }

    /// A client's connection to one replica.
    struct Session {
        let connection: HTTPConnection
        let replica: CacheHistory.Replica
    }

    private func client(_ body: (Session) async throws -> Void) async {
        var sessions: [Int: Session] = [:]
        while !stopped.isRaised {
            let index = Int.random(in: 0..<CacheCluster.replicaCount)
            guard let (service, name) = cluster.replica(index) else {
                try? await Task.sleep(for: .milliseconds(5))
                continue
            }
            do {
                if sessions[index]?.replica != name {
                    await sessions[index]?.connection.close()
                    sessions[index] = Session(
                        connection: try await .connect(to: service.client.port, limit: .seconds(8)), replica: name)
                }
                guard let session = sessions[index] else { continue }
                try await body(session)
            } catch {
                await sessions[index]?.connection.close()
                sessions[index] = nil
            }
        }
        for session in sessions.values { await session.connection.close() }
    }

    private func send(
        _ session: Session, _ method: String, _ target: String, json: String? = nil
    ) async throws -> HTTPMessage.Response {
        try await session.connection.send(ServiceClient.request(method, target, json: json))
        let answer = try await session.connection.receive()
        if answer.status >= 500, !expectsRefusals.load(ordering: .relaxed) {
            errors.withLock { $0["\(answer.status) to \(method): \(answer.text.prefix(150))", default: 0] += 1 }
        }
        return answer
    }

    // MARK: - Reading

    private func read(_ session: Session) async throws {
        switch Int.random(in: 0..<20) {
        case 0: try await readList(session)
        case 1:
            guard let id = gone.withLock({ $0.suffix(20).randomElement() }) else { return }
            try await readOne(id, session)
        default:
            guard let id = slots.withLock({ $0.randomElement() }) else { return }
            try await readOne(id, session)
        }
    }

    private func readOne(_ id: String, _ session: Session) async throws {
        let start = ContinuousClock.now
        let answer = try await send(session, "GET", "\(ServiceClient.products)/\(id)")
        guard answer.status == 200 || answer.status == 404 else { return }
        let status = answer.header("Cache-Status") ?? ""
        let version = answer.status == 200 ? try answer.member("version", as: Int.self) : nil
        history.read(
            id, version: version, startedAt: start, from: session.replica,
            CacheHistory.Source(cacheStatus: status), status: status)
    }

    private func readList(_ session: Session) async throws {
        let expected = slots.withLock { $0 }
        let start = ContinuousClock.now
        let answer = try await send(session, "GET", "\(ServiceClient.products)?limit=100")
        guard answer.status == 200 else { return }
        let status = "list, " + (answer.header("Cache-Status") ?? "")
        let source = CacheHistory.Source(cacheStatus: status)
        var versions: [String: Int] = [:]
        let products: [[String: Any]] = try answer.member("products")
        for product in products {
            if let id = product["id"] as? String { versions[id] = product["version"] as? Int }
        }
        for id in Set(expected).union(versions.keys) {
            history.read(id, version: versions[id], startedAt: start, from: session.replica, source, status: status)
        }
    }

    // MARK: - Writing

    private static let burst = (length: 0.4, interval: 2.0)

    private func write(_ session: Session) async throws {
        let phase = ProcessInfo.processInfo.systemUptime.truncatingRemainder(dividingBy: Self.burst.interval)
        if writesInBursts, phase > Self.burst.length { return try await Task.sleep(for: .milliseconds(20)) }
        let slot = Int.random(in: 0..<slotCount)
        let id = slots.withLock { $0[slot] }
        let target = "\(ServiceClient.products)/\(id)"
        if Int.random(in: 0..<12) > 0 {
            let answer = try await send(session, "PATCH", target, json: #"{"price":\#(Int.random(in: 1...9999))}"#)
            if answer.status == 200 { acknowledge(answer, of: id, by: session.replica) }
        } else {
            history.deletionBegan(of: id)
            let answer = try await send(session, "DELETE", target)
            if answer.status == 204 { acknowledge(answer, of: id, by: session.replica) }
            gone.withLock { $0.append(id) }
            let created = try await send(
                session, "POST", ServiceClient.products, json: ServiceClient.laptop)
            guard created.status == 201 else { return }
            let next: String = try created.member("id")
            acknowledge(created, of: next, by: session.replica)
            slots.withLock { $0[slot] = next }
        }
        // Some peace between writes, so that the caches are used at all.
        try await Task.sleep(for: rest * Double.random(in: 0...1))
    }

    private func acknowledge(_ answer: HTTPMessage.Response, of id: String, by replica: CacheHistory.Replica) {
        let version = answer.status == 204 ? nil : try? answer.member("version", as: Int.self)
        history.acknowledged(
            CacheHistory.Write(
                version: version, acknowledgedAt: .now, replica: replica,
                isUnheard: answer.header("Cache-Status")?.contains("outbox") ?? false),
            of: id)
    }

    // MARK: - At rest

    /// With nothing under way, all replicas, Redis and the store agree, and nothing waits (I4); and the near caches are
    /// within their memory (I8).
    func expectAgreement() async throws {
        try await cluster.waitUntilCalm()
        try await wait(for: "an empty outbox and open keys", within: .seconds(15)) {
            let notes = try await self.cluster.postgres.execute("select count(*) from cache_outbox")
            let kinds = try await self.cluster.cachedVersions().values
            return notes == "0\n" && !kinds.contains { $0.hasPrefix("Q") || $0.hasPrefix("I") }
        }
        let stored = try await cluster.storedVersions()
        for (id, value) in try await cluster.cachedVersions() {
            if value.hasPrefix("V"), Int(value.dropFirst(), radix: 16) != stored[id] {
                history.violate("at rest Redis holds \(value) of \(id), the store \(stored[id] ?? 0)")
            }
            if value.hasPrefix("N"), stored[id] != nil {
                history.violate("at rest Redis knows nothing of \(id), the store version \(stored[id] ?? 0)")
            }
        }
        let ids = Set(stored.keys).union(gone.withLock { $0.suffix(20) })
        for index in 0..<CacheCluster.replicaCount {
            guard let (service, name) = cluster.replica(index) else { continue }
            for id in ids {
                for _ in 0..<2 {
                    let answer = try await service.client.send("GET", "\(ServiceClient.products)/\(id)")
                    let version = answer.status == 200 ? try answer.member("version", as: Int.self) : nil
                    if version != stored[id] {
                        history.violate(
                            "at rest replica \(name) answers \(version ?? 0) of \(id), the store holds \(stored[id] ?? 0) [\(answer.header("Cache-Status") ?? "")]"
                        )
                    }
                }
            }
            let bytes = try await service.metrics()["cache_near_bytes"] ?? 0
            if Int(bytes) > CacheCluster.nearByteCount { history.violate("a near cache of \(bytes) bytes") }
        }
    }
}
