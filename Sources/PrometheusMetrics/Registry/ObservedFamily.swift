// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A metric whose values are asked for when it is written. Thread-safe.
final class ObservedFamily: ExposedFamily {
    let name: MetricName
    let help: String
    let labelNames: [String]
    private let limit: Int
    private let readers: Mutex<[@Sendable () -> [MetricReading]]>
    private let dropped = Atomic<UInt64>(0)

    init(
        name: MetricName, help: String, labelNames: [String], limit: Int,
        read: @escaping @Sendable () -> [MetricReading]
    ) {
        self.name = name
        self.help = help
        self.labelNames = labelNames
        self.limit = limit
        readers = Mutex([read])
    }

    /// Asks someone else, too.
    func add(_ read: @escaping @Sendable () -> [MetricReading]) { readers.withLock { $0.append(read) } }

    var seriesCount: Int { 0 }
    var droppedCount: UInt64 { dropped.load(ordering: .relaxed) }

    func writeSamples(to writer: inout ExpositionWriter) {
        let sample =
            switch name.kind {
            case .counter: name.counterSample
            case .info: name.infoSample
            case .gauge, .histogram: name.base
            }
        var values: [String: Double] = [:]
        for reading in readers.withLock({ $0 }).flatMap({ $0() }) {
            let labels = Labels.text(of: zip(labelNames, reading.labelValues))
            // Of two that are read for one label set the first counts, as with everything that wants one place.
            if values[labels] != nil { continue }
            if values.count < limit { values[labels] = reading.value } else { dropped.add(1, ordering: .relaxed) }
        }
        for (labels, value) in values.sorted(by: { $0.key < $1.key }) { writer.sample(sample, labels: labels, value) }
    }
}
