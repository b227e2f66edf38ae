// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A number that goes up and down.
///
/// Changing it takes no lock and no allocation. Thread-safe.
public final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    init() {}

    /// What it stands at.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    /// Sets it.
    public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    /// Adds to it, or takes away from it.
    public func add(_ amount: Double) {
        var current = bits.load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: current) + amount).bitPattern
            let (exchanged, original) = bits.weakCompareExchange(expected: current, desired: sum, ordering: .relaxed)
            if exchanged { return }
            current = original
        }
    }
}

extension Gauge: ExposedInstrument {
    func write(to writer: inout ExpositionWriter, name: MetricName, labels: String) {
        writer.sample(name.base, labels: labels, value)
    }
}
