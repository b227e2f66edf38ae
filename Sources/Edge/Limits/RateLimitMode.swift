// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What comes of a request that is over its limit. May be changed at any time. Thread-safe.
public final class RateLimitMode: Sendable {
    /// The modes.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// It is refused.
        case enforce
        /// It is served, and counted and logged as one that would have been refused.
        case shadow
        /// Nothing is counted or limited.
        case off
    }

    private let value: Atomic<Int>

    public init(_ mode: Mode) { value = Atomic(Self.number(of: mode)) }

    /// The mode in force.
    public var mode: Mode {
        get { Mode.allCases[value.load(ordering: .relaxed)] }
        set { value.store(Self.number(of: newValue), ordering: .relaxed) }
    }

    private static func number(of mode: Mode) -> Int { Mode.allCases.firstIndex(of: mode) ?? 0 }
}
