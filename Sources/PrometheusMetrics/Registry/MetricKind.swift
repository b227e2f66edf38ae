// SPDX-License-Identifier: Apache-2.0

/// What sort of metric it is.
public enum MetricKind: Sendable, Hashable {
    /// Only becomes more.
    case counter
    /// Goes up and down.
    case gauge
    /// Counts values by buckets.
    case histogram
    /// Says something in its labels, and is always 1.
    case info

    var suffix: String? {
        switch self {
        case .counter: "_total"
        case .info: "_info"
        case .gauge, .histogram: nil
        }
    }
}
