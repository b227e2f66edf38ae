// SPDX-License-Identifier: Apache-2.0

/// The upper bounds of a histogram's buckets, and their labels.
struct HistogramBounds: Sendable, Hashable {
    /// Ascending, finite, without the last, which is infinite.
    let values: [Double]
    /// `le="0.5"` and so on, the infinite one included.
    let labels: [String]

    /// - Parameter bounds: Sorted, freed of doubles and of what is not finite, and cut at 64.
    init(_ bounds: [Double]) {
        values = Array(Set(bounds.filter(\.isFinite)).sorted().prefix(64))
        labels = (values + [.infinity]).map { "le=\"\(ExpositionWriter.text(of: $0))\"" }
    }
}
