// SPDX-License-Identifier: Apache-2.0

public import CoreMetrics

/// Takes the metrics of libraries that use swift-metrics into a registry.
///
/// ```swift
/// MetricsSystem.bootstrap(PrometheusMetricsFactory(registry: registry))
/// ```
///
/// Names become Prometheus' own: what they may not have becomes `_`; counters end in `_total`, timers in `_seconds`. A
/// recorder that aggregates is a histogram, one that does not a gauge. Series stay until the end of the process, as a
/// counter that vanishes and comes back looks like a restart; their number is limited by the registry. Thread-safe.
public struct PrometheusMetricsFactory: MetricsFactory {
    private let registry: MetricsRegistry
    private let timerBounds: HistogramBounds
    private let recorderBounds: HistogramBounds
    private let boundsByName: [String: HistogramBounds]

    /// Upper bounds for values of which nothing is known.
    public static let recorderBounds: [Double] = [
        1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 100_000, 1_000_000,
    ]

    /// - Parameters:
    ///   - timerBounds: The buckets of timers, in seconds.
    ///   - recorderBounds: The buckets of recorders.
    ///   - boundsByName: The buckets of single timers and recorders, by the name they are made with.
    public init(
        registry: MetricsRegistry, timerBounds: [Double] = Histogram.durationBounds,
        recorderBounds: [Double] = recorderBounds, boundsByName: [String: [Double]] = [:]
    ) {
        self.registry = registry
        self.timerBounds = HistogramBounds(timerBounds)
        self.recorderBounds = HistogramBounds(recorderBounds)
        self.boundsByName = boundsByName.mapValues { HistogramBounds($0) }
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, .counter, dimensions) { Counter() }
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, .counter, dimensions) { FloatingPointCounter() }
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, .gauge, dimensions) { Gauge() }
    }

    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if !aggregate { return series(label, .gauge, dimensions) { Gauge() } as Gauge }
        let bounds = boundsByName[label] ?? recorderBounds
        return series(label, .histogram, dimensions, bounds: bounds) { Histogram(bounds: bounds) } as Histogram
    }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let bounds = boundsByName[label] ?? timerBounds
        let name = label.hasSuffix("_seconds") || label.hasSuffix(".seconds") ? label : "\(label)_seconds"
        return series(name, .histogram, dimensions, bounds: bounds) { Histogram(bounds: bounds) }
    }

    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func series<Instrument: ExposedInstrument>(
        _ label: String, _ kind: MetricKind, _ dimensions: [(String, String)], bounds: HistogramBounds? = nil,
        _ makeInstrument: @escaping @Sendable () -> Instrument
    ) -> Instrument {
        let help = "Of a library that is used here."
        return registry.family(label, kind, help, labels: nil, bounds: bounds, makeInstrument)
            .series(Labels.text(of: dimensions))
    }
}

extension Counter: CounterHandler {
    public func increment(by amount: Int64) { if amount > 0 { add(UInt64(amount)) } }
}

extension FloatingPointCounter: FloatingPointCounterHandler {
    public func increment(by amount: Double) { add(amount) }
}

extension Gauge: MeterHandler, RecorderHandler {
    // Disfavoured, so that a number written out, set(1), is the other's.
    @_disfavoredOverload public func set(_ value: Int64) { set(Double(value)) }
    public func increment(by amount: Double) { add(amount) }
    public func decrement(by amount: Double) { add(-amount) }
    @_disfavoredOverload public func record(_ value: Int64) { set(Double(value)) }
    public func record(_ value: Double) { set(value) }
}

extension Histogram: RecorderHandler, TimerHandler {
    @_disfavoredOverload public func record(_ value: Int64) { observe(Double(value)) }
    public func record(_ value: Double) { observe(value) }
    /// A clock that was set back must not lessen the sum.
    public func recordNanoseconds(_ duration: Int64) { observe(Double(max(0, duration)) * 1e-9) }
}
