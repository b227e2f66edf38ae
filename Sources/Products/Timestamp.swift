// SPDX-License-Identifier: Apache-2.0

/// A point in time: whole seconds of UTC since 1970, leap seconds not counted (POSIX time).
package struct Timestamp: Sendable, Hashable, Comparable {
    package let secondsSinceEpoch: Int64

    package init(secondsSinceEpoch: Int64) { self.secondsSinceEpoch = secondsSinceEpoch }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.secondsSinceEpoch < right.secondsSinceEpoch
    }

    package func advanced(bySeconds seconds: Int64) -> Timestamp {
        Timestamp(secondsSinceEpoch: secondsSinceEpoch + seconds)
    }
}
