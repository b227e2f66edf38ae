// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A metric whose values are asked for when it is written. Thread-safe.
final class ObservedFamily: ExposedFamily {
    let name: MetricName
    let help: String
    let labelNames: [String]
    private let limit: Int
    private let readers: Mutex<[@Sendable () -> [MetricReading]]>

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
    var droppedCount: UInt64 { 0 }

    func writeSamples(to writer: inout ExpositionWriter) {
        let sample =
            switch name.kind {
            case .counter: name.counterSample
            case .info: name.infoSample
            case .gauge, .histogram: name.base
            }
        let readings = readers.withLock { $0 }.flatMap { $0() }.prefix(limit).map {
            (Labels.text(of: zip(labelNames, $0.labelValues)), $0.value)
        }
        for (labels, value) in readings.sorted(by: { $0.0 < $1.0 }) { writer.sample(sample, labels: labels, value) }
    }
}

/// A value that was read.
public struct MetricReading: Sendable, Hashable {
    /// The values of the metric's labels, in the order of their names.
    public var labelValues: [String]
    public var value: Double

    public init(_ value: Double, labels labelValues: String...) {
        self.labelValues = labelValues
        self.value = value
    }
}
