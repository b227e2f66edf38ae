// SPDX-License-Identifier: Apache-2.0

/// Counts what only becomes more, in whole numbers.
///
/// Adding takes no lock and no allocation. Thread-safe.
public final class Counter: Sendable {
    private let cells = StripedCells(count: 1)

    init() {}

    /// Adds to it.
    public func add(_ count: UInt64 = 1) { cells.add(count, to: 0) }

    /// What it stands at.
    public var value: UInt64 { cells.integer(0) }

    /// Sets it to zero, which a reader of the metric takes for a restart.
    public func reset() { cells.reset(0) }
}

extension Counter: ExposedInstrument {
    func write(to writer: inout ExpositionWriter, name: MetricName, labels: String) {
        writer.sample(name.counterSample, labels: labels, value)
    }
}
