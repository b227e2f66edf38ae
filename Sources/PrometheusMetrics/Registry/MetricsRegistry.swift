// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// All metrics of a process, by name.
///
/// ```swift
/// let registry = MetricsRegistry()
/// let requests = registry.counter("http_requests_total", "Requests answered.", labels: ["method"])
/// let gets = requests.with("GET")
/// gets.add()
/// print(String(decoding: registry.exposition(as: .text), as: UTF8.self))
/// ```
///
/// Asking for a metric that is there already gives that one. Asking for another under a name that is taken gives one
/// that works and is never shown: the first stays, the clash is counted in `metrics_name_clashes_total`, and told once.
/// Each metric has a limited number of label sets; what comes behind that is counted together under
/// `otel_metric_overflow="true"`. Thread-safe.
public final class MetricsRegistry: Sendable {
    /// How many label sets a metric has unless told otherwise.
    public static let defaultLabelSetLimit = 2000

    private let labelSetLimit: Int
    private let onClash: @Sendable (_ name: String) -> Void
    private let state = Mutex(State())

    private struct State {
        var families: [String: any ExposedFamily] = [:]
        /// Every name of a sample, and the metric it is of.
        var claimed: [String: String] = [:]
        /// The families in the order they are written; nil when some have come since.
        var sorted: [any ExposedFamily]?
        var clashes: Set<String> = []
        var clashCount: UInt64 = 0
    }

    /// - Parameters:
    ///   - labelSetLimit: How many label sets a metric may have.
    ///   - onClash: Told of each name that two different metrics want, once.
    public init(
        labelSetLimit: Int = defaultLabelSetLimit, onClash: @escaping @Sendable (_ name: String) -> Void = { _ in }
    ) {
        self.labelSetLimit = labelSetLimit
        self.onClash = onClash
        observe(.gauge, "metrics_series", "Series of this process, those that are read at the scrape left out.") {
            [weak self] in [MetricReading(Double(self?.seriesCount ?? 0))]
        }
        observe(
            .counter, "metrics_dropped_label_sets_total", "Label sets for which a metric had no room.",
            labels: ["metric"]
        ) { [weak self] in
            self?.families.filter { $0.droppedCount > 0 }.map {
                MetricReading(Double($0.droppedCount), labels: $0.name.base)
            } ?? []
        }
        observe(.counter, "metrics_name_clashes_total", "Metrics not shown, as another has their name.") {
            [weak self] in [MetricReading(Double(self?.state.withLock { $0.clashCount } ?? 0))]
        }
    }

    // MARK: - Metrics

    /// A counter without labels.
    public func counter(_ name: String, _ help: String) -> Counter { counter(name, help, labels: []).with() }

    /// A counter with labels. Its samples' name ends in `_total`, whether `name` does or not.
    public func counter(_ name: String, _ help: String, labels: [String]) -> MetricVector<Counter> {
        vector(family(name, .counter, help, labels: labels) { Counter() }, labels)
    }

    /// A gauge without labels.
    public func gauge(_ name: String, _ help: String) -> Gauge { gauge(name, help, labels: []).with() }

    /// A gauge with labels.
    public func gauge(_ name: String, _ help: String, labels: [String]) -> MetricVector<Gauge> {
        vector(family(name, .gauge, help, labels: labels) { Gauge() }, labels)
    }

    /// A histogram without labels.
    public func histogram(_ name: String, _ help: String, bounds: [Double]) -> Histogram {
        histogram(name, help, labels: [], bounds: bounds).with()
    }

    /// A histogram with labels.
    ///
    /// - Parameter bounds: The buckets' upper bounds; at most 64, the infinite one left out.
    public func histogram(
        _ name: String, _ help: String, labels: [String], bounds: [Double] = Histogram.durationBounds
    ) -> MetricVector<Histogram> {
        let bounds = HistogramBounds(bounds)
        return vector(
            family(name, .histogram, help, labels: labels, bounds: bounds) { Histogram(bounds: bounds) }, labels)
    }

    /// A metric whose values are asked for at each scrape. Under one name several may be asked, each for labels of its
    /// own.
    ///
    /// - Parameters:
    ///   - kind: Any but a histogram.
    ///   - read: Called on the thread that writes; may block shortly, but then holds up the scrape.
    public func observe(
        _ kind: MetricKind, _ name: String, _ help: String, labels: [String] = [],
        read: @escaping @Sendable () -> [MetricReading]
    ) {
        precondition(kind != .histogram, "a histogram is not read at the scrape")
        let family = ObservedFamily(
            name: MetricName(name, kind: kind), help: help, labelNames: labels, limit: labelSetLimit, read: read)
        let registered = register(family) { existing in
            guard let existing = existing as? ObservedFamily, existing.name == family.name,
                existing.labelNames == labels
            else { return nil }
            return existing
        }
        if registered !== family { registered.add(read) }
    }

    /// A metric that says something in its labels, and is always 1.
    public func info(_ name: String, _ help: String, _ values: KeyValuePairs<String, String>) {
        var reading = MetricReading(1)
        reading.labelValues = values.map(\.value)
        observe(.info, name, help, labels: values.map(\.key)) { [reading] in [reading] }
    }

    // MARK: - Families

    /// The family of a name: the one that is there, if it is of the same kind, labels and bounds.
    func family<Instrument: ExposedInstrument>(
        _ name: String, _ kind: MetricKind, _ help: String, labels: [String]?, bounds: HistogramBounds? = nil,
        _ makeInstrument: @escaping @Sendable () -> Instrument
    ) -> MetricFamily<Instrument> {
        let family = MetricFamily(
            name: MetricName(name, kind: kind), help: help, labelNames: labels, bounds: bounds, limit: labelSetLimit,
            makeInstrument: makeInstrument)
        return register(family) { existing in
            guard let existing = existing as? MetricFamily<Instrument>, existing.labelNames == labels,
                existing.bounds == bounds
            else { return nil }
            return existing
        }
    }

    private func vector<Instrument: ExposedInstrument>(
        _ family: MetricFamily<Instrument>, _ labels: [String]
    ) -> MetricVector<Instrument> {
        MetricVector { values in
            precondition(values.count == labels.count, "\(family.name.base) has the labels \(labels)")
            return family.series(Labels.text(of: zip(labels, values)))
        }
    }

    /// Adds a family, or gives the one that is there when `isSame` says that it is the same; otherwise the new one,
    /// unregistered.
    private func register<Family: ExposedFamily>(_ family: Family, _ same: (any ExposedFamily) -> Family?) -> Family {
        let (result, newClash) = state.withLock { state -> (Family, String?) in
            if let existing = state.families[family.name.base].flatMap(same) { return (existing, nil) }
            if let name = family.name.claimed.first(where: { state.claimed[$0] != nil }) {
                state.clashCount += 1
                return (family, state.clashes.count < 100 && state.clashes.insert(name).inserted ? name : nil)
            }
            for name in family.name.claimed { state.claimed[name] = family.name.base }
            state.families[family.name.base] = family
            state.sorted = nil
            return (family, nil)
        }
        if let newClash { onClash(newClash) }
        return result
    }

    // MARK: - Reading

    /// How many series there are, those that are read at the scrape left out.
    public var seriesCount: Int { families.reduce(0) { $0 + $1.seriesCount } }

    private var families: [any ExposedFamily] {
        state.withLock { state in
            if let sorted = state.sorted { return sorted }
            let sorted = state.families.values.sorted { $0.name.base < $1.name.base }
            state.sorted = sorted
            return sorted
        }
    }

    /// All metrics as text. Never holds up whoever changes one; takes time linear in the number of series.
    public func exposition(as format: ExpositionFormat, capacity: Int = 64 << 10) -> [UInt8] {
        var writer = ExpositionWriter(format: format, capacity: capacity)
        for family in families {
            writer.begin(family.name, help: family.help)
            family.writeSamples(to: &writer)
        }
        writer.end()
        return writer.bytes
    }
}
