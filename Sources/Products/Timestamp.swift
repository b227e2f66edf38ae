// SPDX-License-Identifier: Apache-2.0

/// A point in time: whole seconds of UTC since 1970, leap seconds not counted (POSIX time).
package struct Timestamp: Sendable, Hashable, Comparable {
    package let secondsSinceEpoch: Int64

    package init(secondsSinceEpoch: Int64) { self.secondsSinceEpoch = secondsSinceEpoch }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.secondsSinceEpoch < right.secondsSinceEpoch
    }

    /// The last second of the year 9999, behind which dates cannot be written.
    package static let maximum = Timestamp(secondsSinceEpoch: 253_402_300_799)

    /// Wraps around at the ends of the range, which no clock comes near.
    package func advanced(bySeconds seconds: Int64) -> Timestamp {
        Timestamp(secondsSinceEpoch: secondsSinceEpoch &+ seconds)
    }
}
