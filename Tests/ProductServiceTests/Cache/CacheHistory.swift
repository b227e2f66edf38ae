// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What clients wrote and were told, and whether what they read afterwards was new enough. Thread-safe.
final class CacheHistory: Sendable {
    /// Where the answer to a read came from.
    enum Source: String, Sendable, CaseIterable {
        case near, redis, store

        /// From the answer's `Cache-Status`.
        init(cacheStatus: String?) {
            let status = cacheStatus ?? ""
            if status.contains("near; hit") || status.contains("collapsed") {
                self = .near
            } else {
                self = status.contains("redis; hit") ? .redis : .store
            }
        }
    }

    /// A process that served, until it was killed.
    struct Replica: Sendable, Hashable {
        let index: Int
        let incarnation: Int
    }

    /// A write that was acknowledged.
    struct Write: Sendable {
        /// That of the product behind it; nil when it is gone.
        let version: Int?
        let acknowledgedAt: ContinuousClock.Instant
        let replica: Replica
        /// Whether Redis could not be told before it.
        let isUnheard: Bool
    }

    struct Report: Sendable {
        var reads = 0
        var writes = 0
        var unheardWrites = 0
        var readsBySource: [Source: Int] = [:]
        /// How long ago the newest write that a read did not show had been acknowledged.
        var staleness: [String: Duration] = [:]
        var violations: [String] = []
        var violationCount = 0
    }

    private struct Key {
        var writes: [Write] = []
        /// Since when it may be gone: a deletion has begun.
        var mayBeGoneSince: ContinuousClock.Instant?
    }

    private struct State {
        var keys: [String: Key] = [:]
        var report = Report()
    }

    private let state = Mutex(State())

    /// The bounds of the promise, in the documentation `H` and `P + H`.
    private static let nearBound = Duration.milliseconds(300)
    private static let outboxBound = Duration.milliseconds(800)

    var report: Report { state.withLock { $0.report } }

    func deletionBegan(of id: String) {
        state.withLock { state in
            if state.keys[id]?.mayBeGoneSince == nil { state.keys[id, default: Key()].mayBeGoneSince = .now }
        }
    }

    func acknowledged(_ write: Write, of id: String) {
        state.withLock { state in
            state.keys[id, default: Key()].writes.append(write)
            state.report.writes += 1
            if write.isUnheard { state.report.unheardWrites += 1 }
        }
    }

    /// Notes something that must not be, whatever the bounds.
    func violate(_ text: String) {
        state.withLock { Self.violate(text, &$0.report) }
    }

    private static func violate(_ text: String, _ report: inout Report) {
        report.violationCount += 1
        if report.violations.count < 20 { report.violations.append(text) }
    }

    /// Checks what a read has shown: a version, or nothing.
    func read(
        _ id: String, version: Int?, startedAt start: ContinuousClock.Instant, from replica: Replica, _ source: Source,
        status: String
    ) {
        state.withLock { state in
            state.report.reads += 1
            state.report.readsBySource[source, default: 0] += 1
            guard let key = state.keys[id] else { return }
            for write in key.writes.reversed() {
                guard Self.isNewer(write, than: version, mayBeGone: key.mayBeGoneSince != nil) else {
                    // Acknowledgements of writes at the same time come in any order, but not by much.
                    if write.acknowledgedAt + .seconds(2) < start { return }
                    continue
                }
                let age = start - write.acknowledgedAt
                if age <= .zero { continue }
                let isOwn = write.replica == replica
                let name = "\(source.rawValue), \(isOwn ? "own" : "other's") \(write.isUnheard ? "unheard " : "")write"
                state.report.staleness[name] = max(state.report.staleness[name] ?? .zero, age)
                if age >= Self.bound(for: source, isOwn: isOwn, isUnheard: write.isUnheard) {
                    Self.violate(
                        "\(id): \(version.map { "version \($0)" } ?? "nothing") from replica \(replica), \(source), \(age) after \(write.version.map { "version \($0)" } ?? "its end") was acknowledged by \(write.replica)\(write.isUnheard ? ", unheard" : "") [\(status)]",
                        &state.report)
                }
            }
        }
    }

    private static func isNewer(_ write: Write, than version: Int?, mayBeGone: Bool) -> Bool {
        switch (write.version, version) {
        case (nil, nil): false
        case (nil, _): true
        // Nothing was shown of something that may be gone by now, or should be there.
        case (_, nil): !mayBeGone
        case (let written?, let read?): written > read
        }
    }

    private static func bound(for source: Source, isOwn: Bool, isUnheard: Bool) -> Duration {
        if isOwn || source == .store { return .zero }
        if isUnheard { return outboxBound }
        return source == .near ? nearBound : .zero
    }
}

extension CacheHistory.Replica: CustomStringConvertible {
    var description: String { "\(index).\(incarnation)" }
}
