// SPDX-License-Identifier: Apache-2.0

/// A metric with labels: one instrument for each set of their values.
///
/// Getting an instrument takes a lock and looks it up: get it once and keep it. Thread-safe.
public struct MetricVector<Instrument: AnyObject & Sendable>: Sendable {
    private let resolve: @Sendable ([String]) -> Instrument

    init(_ resolve: @escaping @Sendable ([String]) -> Instrument) { self.resolve = resolve }

    /// The instrument of these values, in the order of the labels' names.
    ///
    /// When the metric has as many label sets as it may have, this is the one that counts all others together.
    public func with(_ values: String...) -> Instrument { resolve(values) }
}
