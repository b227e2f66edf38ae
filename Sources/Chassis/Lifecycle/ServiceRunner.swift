// SPDX-License-Identifier: Apache-2.0

package import Logging
package import ServiceLifecycle

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Runs a service's parts from start to stop.
///
/// On the first signal readiness turns false; after the delay the parts stop in reverse order, each once the one behind
/// it has; at the drain limit the process ends with what is still in flight cut off.
package struct ServiceRunner: Sendable {
    private let health: Health
    private let shutdown: ShutdownConfiguration
    private let signals: TerminationSignals
    private let logger: Logger
    private let beforeExit: @Sendable () -> Void

    /// - Parameter beforeExit: Called last, however the parts end: the place to write out what is buffered.
    package init(
        health: Health, shutdown: ShutdownConfiguration, signals: TerminationSignals, logger: Logger,
        beforeExit: @escaping @Sendable () -> Void = {}
    ) {
        self.health = health
        self.shutdown = shutdown
        self.signals = signals
        self.logger = logger
        self.beforeExit = beforeExit
    }

    /// Runs the parts, started in order. Returns how the process is to end; logs why when that is a failure.
    package func run(_ services: [any Service]) async -> ExitCode {
        let drain = DrainService(health: health, delay: shutdown.delay, logger: logger)
        var groupLogger = logger
        groupLogger.logLevel = max(logger.logLevel, .warning)
        let group = ServiceGroup(services: services + [drain], logger: groupLogger)
        defer { beforeExit() }
        return await withTaskGroup(of: ExitCode?.self) { tasks in
            tasks.addTask { await run(group) }
            tasks.addTask {
                await stop(group)
                return nil
            }
            for await code in tasks {
                guard let code else { continue }
                tasks.cancelAll()
                return code
            }
            return .failed
        }
    }

    private func run(_ group: ServiceGroup) async -> ExitCode {
        do {
            try await group.run()
            logger.info("stopped")
            return .stopped
        } catch let problem as ConfigurationProblem {
            logger.critical("\(problem)")
            return .configuration
        } catch {
            logger.critical("the service cannot go on", metadata: ["error": "\(error)"])
            return .failed
        }
    }

    /// Waits for a signal, begins the stop, and ends the process when that takes longer than it may.
    private func stop(_ group: ServiceGroup) async {
        for await signal in signals.first {
            logger.info("stopping", metadata: ["signal": "\(signal)"])
            await group.triggerGracefulShutdown()
            do {
                try await Task.sleep(for: shutdown.delay + shutdown.timeout)
            } catch {
                return
            }
            logger.error("the drain limit was reached: requests in flight are cut off; raise SHUTDOWN_TIMEOUT")
            beforeExit()
            // Not exit: its handlers would run beside threads that are still at work.
            _exit(ExitCode.drainLimitReached.rawValue)
        }
    }
}
