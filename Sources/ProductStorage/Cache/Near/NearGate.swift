// SPDX-License-Identifier: Apache-2.0

import NIOCore
import Redis
import Synchronization

/// Says whether the near cache may answer: only while every invalidation is proved to have been heard up to a moment
/// ago. Thread-safe, without locks.
///
/// The proof is an answered `PING` on the connection that invalidations come on, counted from when it was sent: so what
/// the near cache answers is never older than the bound, whatever has become of the connection since, and without any
/// clock but this process' own.
final class NearGate: Sendable {
    private let bound: UInt64
    private let isAlwaysOpen: Bool
    /// Which connection's invalidations entries have been under; 0 before the first.
    private let currentEpoch = Atomic<UInt32>(0)
    /// Up to when invalidations have been heard, in nanoseconds of the monotonic clock; 0 for no proof.
    private let provenUpTo = Atomic<UInt64>(0)
    /// A part of the `run_id` of the server that invalidations come from.
    private let server = Atomic<UInt64>(0)

    /// - Parameter isAlwaysOpen: Whether this process is the only one that writes: then there is nothing to hear.
    init(bound: Duration, isAlwaysOpen: Bool) {
        self.bound = bound.wholeNanoseconds
        self.isAlwaysOpen = isAlwaysOpen
    }

    /// The epoch that entries must be of to be served.
    var epoch: UInt32 { currentEpoch.load(ordering: .acquiring) }

    @inline(__always)
    func isOpen(at now: UInt64) -> Bool {
        isAlwaysOpen || now < provenUpTo.load(ordering: .acquiring) &+ bound
    }

    /// How old the last proof is, in seconds; nil when there is none.
    func proofAge(at now: UInt64) -> Double? {
        let proven = provenUpTo.load(ordering: .acquiring)
        return proven == 0 ? nil : Double(now &- min(now, proven)) / 1e9
    }

    /// Whether what was read in a session may be kept: only when invalidations come from the same run of the server.
    func hears(_ session: RedisSession) -> Bool {
        server.load(ordering: .acquiring) == Self.identity(of: session)
    }

    // MARK: - What happens on the connection

    func began(_ session: RedisSession) {
        // What was loaded before this moment may have missed an invalidation.
        currentEpoch.wrappingAdd(1, ordering: .acquiringAndReleasing)
        server.store(Self.identity(of: session), ordering: .releasing)
    }

    func proved(upTo time: NIODeadline) {
        if time.uptimeNanoseconds > provenUpTo.load(ordering: .relaxed) {
            provenUpTo.store(time.uptimeNanoseconds, ordering: .releasing)
        }
    }

    func ended() {
        provenUpTo.store(0, ordering: .releasing)
        server.store(0, ordering: .releasing)
        currentEpoch.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }

    private static func identity(of session: RedisSession) -> UInt64 {
        UInt64(session.runID.prefix(16), radix: 16) ?? 1
    }
}
