// SPDX-License-Identifier: Apache-2.0

/// Keeps callers from waiting for something that does not answer: after some failures in a row, or a share of failures
/// among many calls, it lets nothing through for a while, then one probe, and all again when that succeeds.
///
/// A value that is told the time: one owner decides where it lives and what guards it.
///
/// Source: Nygard, Release It! (2nd edition), section 5.2.
public struct CircuitBreaker: Sendable {
    /// When a breaker opens, and for how long.
    public struct Limits: Sendable {
        /// How many failures in a row open it; 1 or more.
        public var consecutiveFailureCount = 5
        /// Which share of failures in a ``window`` opens it; above 0 and up to 1.
        public var failureShare = 0.5
        /// How many calls a window must have seen for the share to count.
        public var minimumCallCount = 20
        /// How long a window is.
        public var window = Duration.seconds(1)
        /// How long it stays open, the first time and at most: twice as long after each probe that fails. Up to a
        /// quarter less, by chance, so that many do not probe at once.
        public var openDuration = (first: Duration.milliseconds(100), last: Duration.seconds(1))
        /// How long a probe may go unanswered before another is let through.
        public var probeTimeout = Duration.seconds(1)

        public init() {}
    }

    /// What a caller may do.
    public enum Admission: Sendable, Hashable {
        /// Call, as ever.
        case pass
        /// Call: whether it succeeds decides for all.
        case probe
        /// Not call.
        case refuse
    }

    private enum State {
        case closed
        case open(until: Duration)
        case probing(since: Duration)
    }

    private let limits: Limits
    private var state = State.closed
    private var consecutiveFailureCount = 0
    private var openDuration: Duration
    private var windowStart = Duration.zero
    private var counts = (calls: 0, failures: 0)

    public init(_ limits: Limits = Limits()) {
        self.limits = limits
        openDuration = limits.openDuration.first
    }

    /// Whether calls pass as ever.
    public var isClosed: Bool {
        if case .closed = state { return true }
        return false
    }

    /// Asks whether to call. `now` is the time since any fixed moment, and never goes back.
    public mutating func admit(at now: Duration) -> Admission {
        switch state {
        case .closed:
            return .pass
        case .open(let until):
            guard now >= until else { return .refuse }
        case .probing(let since):
            guard now >= since + limits.probeTimeout else { return .refuse }
        }
        state = .probing(since: now)
        return .probe
    }

    /// Notes a call that was answered.
    public mutating func succeeded(at now: Duration) {
        consecutiveFailureCount = 0
        switch state {
        case .closed:
            count(isFailure: false, at: now)
        case .probing:
            close()
        case .open:
            // Of a call from before it opened: says nothing of now.
            break
        }
    }

    /// Notes a call that failed.
    public mutating func failed(at now: Duration) {
        switch state {
        case .closed:
            consecutiveFailureCount += 1
            count(isFailure: true, at: now)
            let isShareExceeded =
                counts.calls >= limits.minimumCallCount
                && Double(counts.failures) >= limits.failureShare * Double(counts.calls)
            if consecutiveFailureCount >= limits.consecutiveFailureCount || isShareExceeded { open(at: now) }
        case .probing:
            openDuration = min(openDuration * 2, limits.openDuration.last)
            open(at: now)
        case .open:
            break
        }
    }

    /// Begins anew: what is called is another than before.
    public mutating func close() {
        state = .closed
        consecutiveFailureCount = 0
        counts = (0, 0)
        openDuration = limits.openDuration.first
    }

    private mutating func open(at now: Duration) {
        state = .open(until: now + openDuration * Double.random(in: 0.75...1))
    }

    private mutating func count(isFailure: Bool, at now: Duration) {
        if now >= windowStart + limits.window {
            windowStart = now
            counts = (0, 0)
        }
        counts.calls += 1
        if isFailure { counts.failures += 1 }
    }
}
