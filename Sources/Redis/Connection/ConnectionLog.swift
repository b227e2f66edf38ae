// SPDX-License-Identifier: Apache-2.0

import Logging
import Synchronization

/// Logs that the server is away, and that it is back: once each, and again now and then while it is away. Thread-safe.
final class ConnectionLog: Sendable {
    private struct State {
        var isAway = false
        var lastLogged: ContinuousClock.Instant?
    }

    private let configuration: RedisConfiguration
    private let logger: Logger
    private let state = Mutex(State())

    private static let interval = Duration.seconds(60)

    init(_ configuration: RedisConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// - Parameter error: Why there is no connection; nil when one was opened.
    func note(_ error: RedisError?) {
        let now = ContinuousClock.now
        let isDue = state.withLock { state in
            guard error != nil else {
                defer { state = State() }
                return state.isAway
            }
            if state.isAway, let last = state.lastLogged, now < last + Self.interval { return false }
            state = State(isAway: true, lastLogged: now)
            return true
        }
        guard isDue else { return }
        let server: Logger.Metadata = [
            "server.address": "\(configuration.host)", "server.port": "\(configuration.port)",
        ]
        guard let error else { return logger.notice("connected to Redis", metadata: server) }
        logger.warning(
            "no connection to Redis: \(Self.advice(about: error)); it is tried again",
            metadata: server.merging(["error.type": "\(error)", "error.message": "\(error.message)"]) { $1 })
    }

    private static func advice(about error: RedisError) -> String {
        switch error.serverCode {
        case "NOAUTH", "WRONGPASS", "NOPERM": "check the user, the password and what they may do"
        case "READONLY": "the server is a replica: look at the failover"
        case "ERR": "the server refuses; look at its log and its limits"
        default: "check that the server runs and can be reached"
        }
    }
}
