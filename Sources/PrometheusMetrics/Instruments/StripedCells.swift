// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Some numbers that many threads add to without waiting for each other.
///
/// There are eight copies of each number, on cache lines of their own; a thread adds to the copy that its identity
/// leads to, and a reader adds the copies up. What threads add is never lost, whichever copy it goes to.
final class StripedCells: @unchecked Sendable {
    // Unchecked: the pointer never changes, and what it points to are atomics, initialised before anyone sees it and
    // deallocated behind the last reference.
    private let cells: UnsafeMutablePointer<Atomic<UInt64>>
    private let cellsPerStripe: Int

    private static let stripeCount = 8
    private static let cacheLine = 64

    /// - Parameter count: How many numbers.
    init(count: Int) {
        let cellsPerLine = Self.cacheLine / MemoryLayout<UInt64>.stride
        cellsPerStripe = (count + cellsPerLine - 1) / cellsPerLine * cellsPerLine
        let total = cellsPerStripe * Self.stripeCount
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: total * MemoryLayout<Atomic<UInt64>>.stride, alignment: Self.cacheLine)
        cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: total)
        for index in 0..<total { (cells + index).initialize(to: Atomic(0)) }
    }

    deinit { cells.deallocate() }

    /// Adds to an integer.
    func add(_ value: UInt64, to cell: Int) { stripe[cell].wrappingAdd(value, ordering: .relaxed) }

    /// Adds to a floating-point number.
    func add(_ value: Double, to cell: Int) { Self.add(value, to: stripe, cell) }

    /// Adds one to an integer, and to a floating-point number.
    func add(one counted: Int, _ value: Double, to cell: Int) {
        let stripe = stripe
        stripe[counted].wrappingAdd(1, ordering: .relaxed)
        Self.add(value, to: stripe, cell)
    }

    /// The sum of an integer's copies.
    func integer(_ cell: Int) -> UInt64 {
        (0..<Self.stripeCount).reduce(0) { $0 &+ cells[$1 * cellsPerStripe + cell].load(ordering: .relaxed) }
    }

    /// The sum of a floating-point number's copies.
    func number(_ cell: Int) -> Double {
        (0..<Self.stripeCount).reduce(0) {
            $0 + Double(bitPattern: cells[$1 * cellsPerStripe + cell].load(ordering: .relaxed))
        }
    }

    /// Sets a number to zero. What is added at the same time may stay or go.
    func reset(_ cell: Int) {
        for stripe in 0..<Self.stripeCount { cells[stripe * cellsPerStripe + cell].store(0, ordering: .relaxed) }
    }

    private static func add(_ value: Double, to stripe: UnsafeMutablePointer<Atomic<UInt64>>, _ cell: Int) {
        var current = stripe[cell].load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: current) + value).bitPattern
            let (exchanged, original) = stripe[cell].weakCompareExchange(
                expected: current, desired: sum, ordering: .relaxed)
            if exchanged { return }
            current = original
        }
    }

    /// The copies of the running thread.
    private var stripe: UnsafeMutablePointer<Atomic<UInt64>> {
        #if canImport(Glibc)
        let identity = UInt64(pthread_self())
        #else
        let identity = UInt64(UInt(bitPattern: pthread_self()))
        #endif
        // Threads' addresses differ in their middle bits; Fibonacci hashing brings those to the top (Knuth, volume 3,
        // 6.4).
        let index = Int(truncatingIfNeeded: ((identity >> 6) &* 0x9e37_79b9_7f4a_7c15) >> 61)
        return cells + index * cellsPerStripe
    }
}
