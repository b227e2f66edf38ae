// SPDX-License-Identifier: Apache-2.0

/// How many event loops serve.
package struct EventLoopConfiguration: Sendable {
    /// Nil for one for each processor that the process may use, by its control group's quota and its set of processors.
    package var count: Int?

    package init(reading reader: inout ConfigurationReader) {
        count = reader.optional(Self.countKey, as: .count(in: 1...1024))
    }

    package static let keys = [countKey]

    private static let countKey = ConfigurationKey(
        "event.loops", default: nil,
        "How many event loops, each a thread, serve requests; unset: one for each processor that the container may use."
    )
}
