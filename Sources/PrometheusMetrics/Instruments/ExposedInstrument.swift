// SPDX-License-Identifier: Apache-2.0

/// What can be written as samples of a series.
protocol ExposedInstrument: AnyObject, Sendable {
    /// Writes the samples of one series.
    ///
    /// - Parameter labels: As they stand between the braces, without any of the instrument's own.
    func write(to writer: inout ExpositionWriter, name: MetricName, labels: String)
}
