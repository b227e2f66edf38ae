// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A metric whose series are instruments. Thread-safe.
final class MetricFamily<Instrument: ExposedInstrument>: ExposedFamily {
    let name: MetricName
    let help: String
    /// The label names of every series; nil when each has its own.
    let labelNames: [String]?
    let bounds: HistogramBounds?

    private let makeInstrument: @Sendable () -> Instrument
    private let limit: Int
    private let state = Mutex(State())

    private struct State {
        var series: [String: Instrument] = [:]
        /// The series in the order they are written; nil when some have come since.
        var sorted: [(labels: String, instrument: Instrument)]?
        var droppedCount: UInt64 = 0
    }

    init(
        name: MetricName, help: String, labelNames: [String]?, bounds: HistogramBounds? = nil, limit: Int,
        makeInstrument: @escaping @Sendable () -> Instrument
    ) {
        self.name = name
        self.help = help
        self.labelNames = labelNames
        self.bounds = bounds
        self.limit = limit
        self.makeInstrument = makeInstrument
    }

    /// The series of a label set; that of all others when there are too many.
    func series(_ labels: String) -> Instrument {
        state.withLock { state in
            if let known = state.series[labels] { return known }
            var labels = labels
            if state.series.count >= limit {
                state.droppedCount += 1
                labels = Labels.overflow
                if let known = state.series[labels] { return known }
            }
            let instrument = makeInstrument()
            state.series[labels] = instrument
            state.sorted = nil
            return instrument
        }
    }

    var seriesCount: Int { state.withLock { $0.series.count } }

    var droppedCount: UInt64 { state.withLock { $0.droppedCount } }

    func writeSamples(to writer: inout ExpositionWriter) {
        let sorted = state.withLock { state in
            if let sorted = state.sorted { return sorted }
            let sorted = state.series.map { (labels: $0.key, instrument: $0.value) }.sorted { $0.labels < $1.labels }
            state.sorted = sorted
            return sorted
        }
        for (labels, instrument) in sorted { instrument.write(to: &writer, name: name, labels: labels) }
    }
}
