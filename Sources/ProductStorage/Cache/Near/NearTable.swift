// SPDX-License-Identifier: Apache-2.0

/// Finds entries by their keys: open addressing with linear probing. Owns its entries.
struct NearTable<Key: Hashable & Sendable, Value: Sendable> {
    typealias Entry = NearEntry<Key, Value>

    private(set) var count = 0
    /// A power of two in number, at most three quarters of them taken.
    private var places: [Entry?]

    init() { places = Array(repeating: nil, count: Self.minimumPlaceCount) }

    private static var minimumPlaceCount: Int { 16 }

    /// What the table itself takes, in bytes.
    var byteCount: Int { places.count * MemoryLayout<Entry?>.stride }

    /// How many places there are: a measure of how many entries there may be.
    var placeCount: Int { places.count }

    func entry(for key: Key, hash: Int) -> Entry? {
        var place = hash & (places.count - 1)
        while let entry = places[place] {
            if entry.hash == hash, entry.key == key { return entry }
            place = (place + 1) & (places.count - 1)
        }
        return nil
    }

    /// Adds an entry whose key has none.
    mutating func insert(_ entry: Entry) {
        if (count + 1) * 4 > places.count * 3 { resize(to: places.count * 2) }
        put(entry)
        count += 1
    }

    private mutating func put(_ entry: Entry) {
        var place = entry.hash & (places.count - 1)
        while places[place] != nil { place = (place + 1) & (places.count - 1) }
        places[place] = entry
    }

    mutating func remove(_ entry: Entry) {
        let mask = places.count - 1
        var hole = entry.hash & mask
        while places[hole] !== entry { hole = (hole + 1) & mask }
        // What stands behind it moves up, unless it would then stand before the place it belongs to.
        var next = hole
        while true {
            next = (next + 1) & mask
            guard let moved = places[next] else { break }
            let home = moved.hash & mask
            if (next - home) & mask >= (next - hole) & mask {
                places[hole] = moved
                hole = next
            }
        }
        places[hole] = nil
        count -= 1
    }

    private mutating func resize(to placeCount: Int) {
        let old = places
        places = Array(repeating: nil, count: placeCount)
        for case let entry? in old { put(entry) }
    }
}
