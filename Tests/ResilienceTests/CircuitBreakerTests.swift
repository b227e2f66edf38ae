// SPDX-License-Identifier: Apache-2.0

import Resilience
import Testing

@Suite struct `A circuit breaker` {
    private var limits: CircuitBreaker.Limits {
        var limits = CircuitBreaker.Limits()
        limits.consecutiveFailureCount = 3
        limits.minimumCallCount = 10
        return limits
    }

    @Test func `opens after some failures in a row, and a success in between begins the row anew`() {
        var breaker = CircuitBreaker(limits)
        for _ in 0..<2 { breaker.failed(at: .zero) }
        breaker.succeeded(at: .zero)
        for _ in 0..<2 { breaker.failed(at: .zero) }
        #expect(breaker.admit(at: .zero) == .pass)
        breaker.failed(at: .zero)
        #expect(!breaker.isClosed)
        #expect(breaker.admit(at: .zero) == .refuse)
    }

    @Test func `opens on a share of failures among enough calls of one window`() {
        var breaker = CircuitBreaker(limits)
        for number in 0..<9 { number % 2 == 0 ? breaker.failed(at: .zero) : breaker.succeeded(at: .zero) }
        #expect(breaker.isClosed)
        breaker.failed(at: .zero)
        #expect(!breaker.isClosed)

        var slow = CircuitBreaker(limits)
        for number in 0..<40 {
            let now = Duration.milliseconds(300 * number)
            number % 2 == 0 ? slow.failed(at: now) : slow.succeeded(at: now)
        }
        #expect(slow.isClosed, "four calls in each window")
    }

    @Test func `lets one probe through when its time is up, and closes when that succeeds`() {
        var breaker = CircuitBreaker(limits)
        for _ in 0..<3 { breaker.failed(at: .zero) }
        #expect(breaker.admit(at: .milliseconds(70)) == .refuse, "a quarter less than 100 ms at most")
        #expect(breaker.admit(at: .milliseconds(100)) == .probe)
        #expect(breaker.admit(at: .milliseconds(101)) == .refuse)
        breaker.succeeded(at: .milliseconds(102))
        #expect(breaker.isClosed)
        #expect(breaker.admit(at: .milliseconds(103)) == .pass)
    }

    @Test func `stays open longer after each probe that fails, up to its limit`() {
        var breaker = CircuitBreaker(limits)
        for _ in 0..<3 { breaker.failed(at: .zero) }
        var now = Duration.milliseconds(100)
        for expected in [200, 400, 800, 1000, 1000] {
            #expect(breaker.admit(at: now) == .probe)
            breaker.failed(at: now)
            #expect(breaker.admit(at: now + .milliseconds(expected * 3 / 4 - 1)) == .refuse)
            now += .milliseconds(expected)
        }
    }

    @Test func `lets another probe through when the first is never heard of again`() {
        var breaker = CircuitBreaker(limits)
        for _ in 0..<3 { breaker.failed(at: .zero) }
        #expect(breaker.admit(at: .milliseconds(100)) == .probe)
        #expect(breaker.admit(at: .milliseconds(1099)) == .refuse)
        #expect(breaker.admit(at: .milliseconds(1100)) == .probe)
    }
}
