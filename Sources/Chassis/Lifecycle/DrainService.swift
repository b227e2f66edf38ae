// SPDX-License-Identifier: Apache-2.0

import Logging
import ServiceLifecycle

/// The first to stop: turns readiness false, and holds the listeners open until no one should send here any more.
struct DrainService: Service {
    let health: Health
    let delay: Duration
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        health.drain()
        logger.info("draining", metadata: ["delay": "\(delay)"])
        try await Task.sleep(for: delay)
    }
}
