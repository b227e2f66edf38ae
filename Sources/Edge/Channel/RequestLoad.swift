// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a server has taken on: the requests that responders work for, and the bodies that are held in memory.
/// Thread-safe.
///
/// A request counts from when it is handed to the responder, complete, until that has ended, answered or not: clients
/// that are slow to send take no place. Their bodies count from the first byte.
public final class RequestLoad: Sendable {
    private let limit: Int
    private let readLimit: Int
    private let byteLimit: Int
    private let current = Atomic(0)
    private let heldByteCount = Atomic(0)

    /// - Parameters:
    ///   - limit: How many requests may be worked on at once. Reads take at most four fifths of the places, so that a
    ///     flood of them leaves room for writes.
    ///   - byteLimit: How many bytes of bodies may be held.
    public init(limit: Int = .max, byteLimit: Int = .max) {
        self.limit = limit
        readLimit = limit - limit / 5
        self.byteLimit = byteLimit
    }

    /// How many requests are being worked on.
    public var count: Int { current.load(ordering: .relaxed) }

    /// Whether no more should be let in.
    ///
    /// - Parameter isRead: Whether what wants in only reads.
    public func isFull(isRead: Bool) -> Bool { count >= (isRead ? readLimit : limit) }

    /// Takes a place. Returns false when there is none, unless the limit may be exceeded.
    func begin(isRead: Bool, exceeding: Bool) -> Bool {
        if current.add(1, ordering: .relaxed).newValue <= (isRead ? readLimit : limit) || exceeding { return true }
        end()
        return false
    }

    func end() { current.subtract(1, ordering: .relaxed) }

    /// Takes memory for some of a body. Returns false when there is none left.
    func hold(byteCount: Int) -> Bool {
        if heldByteCount.add(byteCount, ordering: .relaxed).newValue <= byteLimit { return true }
        release(byteCount: byteCount)
        return false
    }

    func release(byteCount: Int) {
        if byteCount > 0 { heldByteCount.subtract(byteCount, ordering: .relaxed) }
    }
}
