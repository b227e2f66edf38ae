// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Postgres

@Suite struct `What a pool decides` {
    private let start = ContinuousClock.now
    private let lease = Lease(number: 1)

    private func configuration(_ change: (inout PostgresConfiguration) -> Void = { _ in }) throws
        -> PostgresConfiguration
    {
        var configuration = try PostgresConfiguration(url: "postgres://localhost/x")
        configuration.maximumConnectionCount = 3
        configuration.readsPerConnection = 4
        configuration.writesPerConnection = 2
        change(&configuration)
        return configuration
    }

    /// A pool with so many open connections.
    private func pool(
        of count: Int, _ change: (inout PostgresConfiguration) -> Void = { _ in }
    ) throws -> PoolState {
        var state = PoolState(try configuration(change), now: start)
        for id in 0..<count {
            #expect(state.openings(waiting: 1, at: start) >= 1 || state.opening > 0)
            state.opened(id, at: start, jitter: 0)
        }
        return state
    }

    @Test func `the minimum is opened at once, more when statements wait, never beyond the maximum`() throws {
        var state = PoolState(try configuration { $0.minimumConnectionCount = 2 }, now: start)
        #expect(state.openings(waiting: 0, at: start) == 2)
        #expect(state.openings(waiting: 0, at: start) == 0)
        state.opened(0, at: start, jitter: 0)
        state.opened(1, at: start, jitter: 0)
        #expect(state.openings(waiting: 100, at: start) == 1)
        #expect(state.openings(waiting: 100, at: start) == 0)
    }

    @Test func `reads share connections up to a depth, those that come together go together`() throws {
        var state = try pool(of: 2)
        #expect(state.place(.read, at: start) == 0)
        state.sent(.read, on: 0, at: start)
        #expect(state.place(.read, after: (0, 1), at: start) == 0)
        #expect(state.place(.read, at: start) == 1)
        for id in [0, 0, 0, 1, 1, 1, 1] { state.sent(.read, on: id, at: start) }
        #expect(state.place(.read, at: start) == nil)
        state.answered(on: 1, at: start)
        #expect(state.place(.read, after: (0, 1), at: start) == 1)
    }

    @Test func `a write goes where nothing else is, waits a moment for a new connection, then shares`() throws {
        var state = try pool(of: 1)
        state.sent(.write, on: 0, at: start)
        #expect(state.place(.write, at: start) == nil)
        #expect(state.openings(waiting: 2, at: start) == 2)
        #expect(state.place(.write, at: start) == nil)
        #expect(state.place(.write, waited: .milliseconds(60), at: start) == 0)
        state.opened(1, at: start, jitter: 0)
        #expect(state.place(.write, at: start) == 1)
        state.openingFailed(at: start, jitter: 0)
        state.sent(.write, on: 1, at: start)
        #expect(state.place(.write, at: start) == 0, "when no more can be had, they share")
    }

    @Test func `nothing goes behind a statement that takes long`() throws {
        var state = try pool(of: 1)
        state.sent(.read, on: 0, at: start)
        #expect(state.place(.read, at: start + PoolState.stall) == 0)
        #expect(state.place(.read, at: start + PoolState.stall + .milliseconds(1)) == nil)
        state.sent(.read, on: 0, at: start)
        state.answered(on: 0, at: start + .seconds(1))
        #expect(state.place(.read, at: start + .seconds(1)) == 0)
    }

    @Test func `reads that wait for one another on every connection have another one opened`() throws {
        var state = try pool(of: 1)
        state.sent(.read, on: 0, at: start)
        state.sent(.read, on: 0, at: start)
        #expect(state.openings(waiting: 0, at: start + .milliseconds(1)) == 0)
        #expect(state.openings(waiting: 0, at: start + .milliseconds(4)) == 1)
        state.opened(1, at: start + .milliseconds(4), jitter: 0)
        #expect(state.openings(waiting: 0, at: start + .milliseconds(5)) == 0)
    }

    @Test func `a transaction has its connection for itself until it ends`() throws {
        var state = try pool(of: 1)
        #expect(state.place(.begin(lease), at: start) == 0)
        state.sent(.begin(lease), on: 0, at: start)
        state.answered(on: 0, at: start)
        #expect(state.place(.read, at: start) == nil && state.place(.begin(Lease(number: 2)), at: start) == nil)
        #expect(state.place(.within(lease), at: start + .seconds(1)) == 0)
        #expect(state.place(.within(Lease(number: 2)), at: start) == nil)
        state.endLease(on: 0)
        #expect(state.place(.read, at: start) == 0 && state.place(.within(lease), at: start) == nil)
    }

    @Test func `a server that is away is tried again one connection at a time, at intervals that grow to 800 ms`()
        throws
    {
        var state = PoolState(try configuration(), now: start)
        var now = start
        var intervals: [Duration] = []
        for _ in 0..<12 {
            #expect(state.openings(waiting: 50, at: now) == (state.failures == 0 ? 3 : 1))
            while state.opening > 0 { state.openingFailed(at: now, jitter: 1) }
            #expect(state.openings(waiting: 50, at: now) == 0)
            let next = try #require(state.nextOpening(after: now))
            intervals.append(next - now)
            now = next
        }
        #expect(intervals == intervals.sorted() && intervals.last == .milliseconds(800))
        #expect(state.openings(waiting: 50, at: now) == 1)
        state.opened(9, at: now, jitter: 0)
        #expect(state.openings(waiting: 50, at: now) == 2)
    }

    @Test func `a connection is replaced when it is old, once what it has is answered`() throws {
        var state = try pool(of: 1) { $0.maximumConnectionAge = .seconds(100) }
        state.sent(.read, on: 0, at: start)
        let later = start + .seconds(100)
        #expect(state.closings(at: start + .seconds(99)) == [])
        #expect(state.closings(at: later) == [])
        #expect(state.place(.read, at: later) == nil)
        #expect(state.openings(waiting: 0, at: later) == 1, "before the old one is gone")
        state.opened(1, at: later, jitter: 0)
        #expect(state.openings(waiting: 0, at: later) == 0, "and no more than one")
        state.answered(on: 0, at: later)
        #expect(state.closings(at: later) == [0])
    }

    @Test func `connections without work are closed down to the minimum`() throws {
        var state = try pool(of: 3) { $0.idleTimeout = .seconds(10) }
        state.sent(.read, on: 1, at: start)
        #expect(state.closings(at: start + .seconds(9)) == [])
        #expect(Set(state.closings(at: start + .seconds(10))) == [0, 2])
    }

    @Test func `once it closes, what is leased may finish, and nothing else begins`() throws {
        var state = try pool(of: 2)
        state.sent(.begin(lease), on: 0, at: start)
        state.answered(on: 0, at: start)
        state.close()
        #expect(state.closings(at: start) == [1])
        #expect(state.place(.read, at: start) == nil && state.place(.end(lease), at: start) == 0)
        #expect(state.openings(waiting: 5, at: start) == 0)
    }
}
