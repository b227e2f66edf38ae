// SPDX-License-Identifier: Apache-2.0

/// Counts values by the buckets they fall into, and adds them up.
///
/// Observing takes no lock and no allocation, and at most one step for each bucket. Thread-safe.
public final class Histogram: Sendable {
    /// Upper bounds that suit the duration of requests, in seconds.
    public static let durationBounds = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ]

    private let bounds: HistogramBounds
    private let cells: StripedCells
    private let exemplars: ExemplarSlots

    private var sumCell: Int { bounds.values.count + 1 }

    init(bounds: HistogramBounds) {
        self.bounds = bounds
        // A count for each bound, one for what is above all of them, and the sum.
        cells = StripedCells(count: bounds.values.count + 2)
        exemplars = ExemplarSlots(count: bounds.values.count + 1)
    }

    /// Counts a value. What is infinite or no number is left out: it would spoil the sum for good.
    public func observe(_ value: Double) {
        guard value.isFinite else { return }
        cells.add(one: bucket(of: value), value, to: sumCell)
    }

    /// Counts a length of time, in seconds.
    public func observe(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18)
    }

    /// Counts a value, if it is finite, and keeps it as the example of its bucket: OpenMetrics' exemplar.
    ///
    /// When two threads bring an example for one bucket at once, one of them is kept.
    public func observe(_ value: Double, exemplar: @autoclosure () -> Exemplar) {
        guard value.isFinite else { return }
        let bucket = bucket(of: value)
        cells.add(one: bucket, value, to: sumCell)
        exemplars.set(exemplar(), at: bucket)
    }

    /// How many values were counted.
    public var count: UInt64 { (0...bounds.values.count).reduce(0) { $0 + cells.integer($1) } }

    /// The sum of the values that were counted.
    public var sum: Double { cells.number(sumCell) }

    /// The first bucket that a value is not above of (`le`).
    private func bucket(of value: Double) -> Int {
        bounds.values.withUnsafeBufferPointer { bounds in
            var index = 0
            while index < bounds.count, value > bounds[index] { index += 1 }
            return index
        }
    }
}

extension Histogram: ExposedInstrument {
    func write(to writer: inout ExpositionWriter, name: MetricName, labels: String) {
        var total: UInt64 = 0
        for index in 0...bounds.values.count {
            total += cells.integer(index)
            writer.bucket(
                name.bucketSample, labels: labels, bound: bounds.labels[index], total,
                exemplar: exemplars.read(at: index))
        }
        writer.sample(name.sumSample, labels: labels, sum)
        // Of the same reading as the last bucket, which it must equal.
        writer.sample(name.countSample, labels: labels, total)
    }
}
