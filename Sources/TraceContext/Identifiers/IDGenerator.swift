// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Makes ids that do not repeat within the process and are spread evenly, without asking the system each time.
///
/// A counter through the finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), from a random start; the two
/// halves of a trace id come from two such sequences. Good for telling traces apart, not for secrets. Thread-safe.
public final class IDGenerator: Sendable {
    private let counter: Atomic<UInt64>
    private let highSeed: UInt64

    /// Starts at a random place.
    public convenience init() { self.init(seed: .random(in: .min ... .max), highSeed: .random(in: .min ... .max)) }

    /// Starts at a place of its own, for tests that must repeat.
    public init(seed: UInt64, highSeed: UInt64) {
        counter = Atomic(seed)
        self.highSeed = highSeed
    }

    /// A new trace id. Its last seven bytes are random in the sense of ``TraceFlags/random``.
    public func traceID() -> TraceID {
        while true {
            let step = next()
            if let id = TraceID(high: Self.scattered(step ^ highSeed), low: Self.scattered(step)) { return id }
        }
    }

    /// A new span id.
    public func spanID() -> SpanID {
        while true {
            if let id = SpanID(Self.scattered(next())) { return id }
        }
    }

    private func next() -> UInt64 { counter.wrappingAdd(0x9e37_79b9_7f4a_7c15, ordering: .relaxed).newValue }

    private static func scattered(_ number: UInt64) -> UInt64 {
        var mixed = number
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
