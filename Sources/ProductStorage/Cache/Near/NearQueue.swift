// SPDX-License-Identifier: Apache-2.0

/// Entries in the order in which they came, linked through themselves: any can be taken out at once.
struct NearQueue<Key: Hashable & Sendable, Value: Sendable> {
    typealias Entry = NearEntry<Key, Value>

    private unowned(unsafe) var newest: Entry?
    private(set) unowned(unsafe) var oldest: Entry?
    /// What its entries take, in bytes.
    private(set) var byteCount = 0

    mutating func append(_ entry: Entry) {
        entry.newer = nil
        entry.older = newest
        newest?.newer = entry
        newest = entry
        if oldest == nil { oldest = entry }
        byteCount += entry.cost
    }

    mutating func remove(_ entry: Entry) {
        if let newer = entry.newer { newer.older = entry.older } else { newest = entry.older }
        if let older = entry.older { older.newer = entry.newer } else { oldest = entry.newer }
        entry.newer = nil
        entry.older = nil
        byteCount -= entry.cost
    }
}
