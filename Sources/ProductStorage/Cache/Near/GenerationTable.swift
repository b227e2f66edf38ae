// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts the invalidations of each key, keys sharing counters: a load that began before one came must not be kept.
/// Thread-safe, without locks.
final class GenerationTable: Sendable {
    private let cells: [Cell]

    private final class Cell: Sendable {
        let value = Atomic<UInt64>(0)
    }

    /// How many counters there are. Keys that share one invalidate each other's loads: a load more, nothing worse.
    static let count = 4096

    init() { cells = (0..<Self.count).map { _ in Cell() } }

    func generation(of key: some Hashable) -> UInt64 { cell(of: key).value.load(ordering: .acquiring) }

    func advance(_ key: some Hashable) { cell(of: key).value.wrappingAdd(1, ordering: .acquiringAndReleasing) }

    private func cell(of key: some Hashable) -> Cell { cells[key.hashValue & (Self.count - 1)] }
}
