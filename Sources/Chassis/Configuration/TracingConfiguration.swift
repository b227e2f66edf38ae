// SPDX-License-Identifier: Apache-2.0

/// Which traces are recorded, and where to.
package struct TracingConfiguration: Sendable {
    /// Where the spans of recorded traces go.
    package enum Sink: String, Sendable, Hashable {
        /// Nowhere: traces are passed on, and name the examples of metrics.
        case none
        /// To the log, a line for each span.
        case log
    }

    /// The share of the traces that begin here: 0 to 1.
    package var samplingRatio: Double
    package var sink: Sink

    package init(reading reader: inout ConfigurationReader) {
        samplingRatio = reader.value(Self.ratioKey, as: Self.ratioKind)
        sink = reader.value(Self.sinkKey, as: Self.sinkKind)
    }

    package static let keys = [ratioKey, sinkKey]

    private static let ratioKey = ConfigurationKey(
        "trace.sampling.ratio", default: "0.01",
        "The share of the traces that begin here and are recorded, from 0 to 1; callers decide about theirs.")
    private static let sinkKey = ConfigurationKey(
        "trace.sink", default: "none", "Where recorded spans go: none, or log for development.")

    private static var ratioKind: ConfigurationValueKind<Double> {
        ConfigurationValueKind(requirement: "a number from 0 to 1") { text in
            Double(text).flatMap { (0...1).contains($0) ? $0 : nil }
        }
    }

    private static var sinkKind: ConfigurationValueKind<Sink> {
        ConfigurationValueKind(requirement: "none or log") { Sink(rawValue: $0) }
    }
}
