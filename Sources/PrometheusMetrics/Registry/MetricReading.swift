// SPDX-License-Identifier: Apache-2.0

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
