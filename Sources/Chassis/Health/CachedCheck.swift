// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Asks one health check at most once a second, and waits for it at most half a second.
///
/// While it has never been healthy, as the service starts, it is asked again sooner, after 5 ms at first and twice as
/// long each time: nobody is told for a second more that what is ready is not.
///
/// A check that does not answer in time counts as failed, and is not asked again before it has come back.
actor CachedCheck {
    nonisolated let check: HealthCheck
    private let now: @Sendable () -> ContinuousClock.Instant
    private let logger: Logger
    private var isAnsweredHealthy = true
    /// Its last answer, for those that cannot wait.
    nonisolated let lastAnswer = Atomic(true)
    private var answeredAt: ContinuousClock.Instant?
    /// How long its answer holds.
    private var lifetime = CachedCheck.firstLifetime
    /// Which asking is under way: the time that an earlier one was given ends nothing.
    private var number = 0
    private var isAsking = false
    private var waiting: [CheckedContinuation<Bool, Never>] = []

    private static let firstLifetime = Duration.milliseconds(5)
    private static let steadyLifetime = Duration.seconds(1)
    private static let limit = Duration.milliseconds(500)

    init(_ check: HealthCheck, now: @escaping @Sendable () -> ContinuousClock.Instant, logger: Logger) {
        self.check = check
        self.now = now
        self.logger = logger
    }

    func isHealthy() async -> Bool {
        if let answeredAt, now() < answeredAt + lifetime { return isAnsweredHealthy }
        return await withCheckedContinuation { continuation in
            waiting.append(continuation)
            if waiting.count == 1 { ask() }
        }
    }

    /// Starts the check, unless an earlier one has not come back yet, and the time it is given.
    private func ask() {
        number += 1
        let number = number
        if !isAsking {
            isAsking = true
            Task {
                let problem = await check.problem()
                isAsking = false
                answer(problem)
            }
        }
        Task {
            try? await Task.sleep(for: Self.limit)
            if !waiting.isEmpty, number == self.number { answer("no answer within \(Self.limit)") }
        }
    }

    private func answer(_ problem: String?) {
        let isHealthy = problem == nil
        if isHealthy != isAnsweredHealthy {
            let metadata: Logger.Metadata = ["check": "\(check.name)", "reason": "\(problem ?? "")"]
            if isHealthy {
                logger.notice("a health check has recovered", metadata: metadata)
            } else {
                logger.warning("a health check has failed", metadata: metadata)
            }
        }
        isAnsweredHealthy = isHealthy
        lifetime =
            isHealthy ? Self.steadyLifetime : answeredAt == nil ? lifetime : min(lifetime * 2, Self.steadyLifetime)
        lastAnswer.store(isHealthy, ordering: .relaxed)
        answeredAt = now()
        for continuation in waiting { continuation.resume(returning: isHealthy) }
        waiting.removeAll()
    }
}
