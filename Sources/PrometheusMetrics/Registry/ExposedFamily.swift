// SPDX-License-Identifier: Apache-2.0

/// A metric with all its series.
protocol ExposedFamily: AnyObject, Sendable {
    var name: MetricName { get }
    var help: String { get }
    /// How many series it has.
    var seriesCount: Int { get }
    /// How often a label set found no room.
    var droppedCount: UInt64 { get }
    /// Writes the samples of all series, in order.
    func writeSamples(to writer: inout ExpositionWriter)
}
