// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Room for one exemplar for each bucket, written and read without waiting.
///
/// Each slot has a sequence number, odd while someone writes: whoever finds it odd does not write, and whoever reads
/// takes only what lay still meanwhile (a sequence lock; Lameter, "Effective Synchronization on Linux/NUMA Systems",
/// 2005).
final class ExemplarSlots: @unchecked Sendable {
    // Unchecked: the pointer never changes, and what it points to are atomics, initialised before anyone sees it and
    // deallocated behind the last reference.
    private let words: UnsafeMutablePointer<Atomic<UInt64>>
    private let count: Int

    /// The sequence number, and the five fields of an exemplar.
    private static let wordsPerSlot = 6

    init(count: Int) {
        self.count = count
        words = .allocate(capacity: count * Self.wordsPerSlot)
        for index in 0..<(count * Self.wordsPerSlot) { (words + index).initialize(to: Atomic(0)) }
    }

    deinit { words.deallocate() }

    /// Keeps an exemplar, unless another is being kept there at this moment.
    func set(_ exemplar: Exemplar, at index: Int) {
        let slot = words + index * Self.wordsPerSlot
        let sequence = slot[0].load(ordering: .relaxed)
        guard sequence & 1 == 0,
            slot[0].compareExchange(expected: sequence, desired: sequence &+ 1, ordering: .acquiring).exchanged
        else { return }
        // Nothing of what follows may be seen before the number is odd.
        atomicMemoryFence(ordering: .releasing)
        slot[1].store(exemplar.traceIDHigh, ordering: .relaxed)
        slot[2].store(exemplar.traceIDLow, ordering: .relaxed)
        slot[3].store(exemplar.spanID, ordering: .relaxed)
        slot[4].store(exemplar.value.bitPattern, ordering: .relaxed)
        slot[5].store(exemplar.timestamp, ordering: .relaxed)
        slot[0].store(sequence &+ 2, ordering: .releasing)
    }

    /// The exemplar kept last; nil when there is none, or it is being changed.
    func read(at index: Int) -> Exemplar? {
        let slot = words + index * Self.wordsPerSlot
        let sequence = slot[0].load(ordering: .acquiring)
        guard sequence != 0, sequence & 1 == 0 else { return nil }
        let exemplar = Exemplar(
            traceIDHigh: slot[1].load(ordering: .relaxed), traceIDLow: slot[2].load(ordering: .relaxed),
            spanID: slot[3].load(ordering: .relaxed), value: Double(bitPattern: slot[4].load(ordering: .relaxed)),
            timestamp: slot[5].load(ordering: .relaxed))
        atomicMemoryFence(ordering: .acquiring)
        return slot[0].load(ordering: .relaxed) == sequence ? exemplar : nil
    }
}
