// SPDX-License-Identifier: Apache-2.0

/// Counts what only becomes more, in fractions: seconds, say.
///
/// Adding takes no lock and no allocation. Thread-safe.
public final class FloatingPointCounter: Sendable {
    private let cells = StripedCells(count: 1)

    init() {}

    /// Adds to it. What is negative or no number is left out.
    public func add(_ amount: Double) { if amount > 0, amount.isFinite { cells.add(amount, to: 0) } }

    /// What it stands at.
    public var value: Double { cells.number(0) }

    /// Sets it to zero, which a reader of the metric takes for a restart.
    public func reset() { cells.reset(0) }
}

extension FloatingPointCounter: ExposedInstrument {
    func write(to writer: inout ExpositionWriter, name: MetricName, labels: String) {
        writer.sample(name.counterSample, labels: labels, value)
    }
}
