// SPDX-License-Identifier: Apache-2.0

import Edge
package import JWT
package import Logging
package import PrometheusMetrics
import Synchronization

/// The keys of the service: fixed, or those of a file that may be replaced while it runs. Thread-safe.
package final class TokenKeys: Sendable {
    private let source: Source
    private let loadedAt = Atomic<UInt64>(0)

    private enum Source: Sendable {
        case fixed(KeySet)
        case file(KeySetFile)
    }

    /// Throws ``ConfigurationProblem`` when there is no key, or none that may be used.
    package init(_ configuration: AuthenticationConfiguration) throws(ConfigurationProblem) {
        guard let keySource = configuration.keySource else {
            throw ConfigurationProblem(
                key: configuration.keySourceKey.environmentName,
                detail: "must be set, or JWT_SECRET_FILE: the key that tokens are signed with; 'make run' makes one")
        }
        do throws(KeySetError) {
            switch keySource {
            case .file(let path, let format): source = .file(try KeySetFile(path: path, format: format))
            case .secret(let text): source = .fixed(try KeySet(rawKey: Array(text.utf8)))
            }
        } catch {
            throw ConfigurationProblem(key: configuration.keySourceKey.environmentName, detail: error.message)
        }
        noteLoad()
    }

    /// The keys in force.
    package var current: KeySet {
        switch source {
        case .fixed(let keys): keys
        case .file(let file): file.keys
        }
    }

    /// Reads the file again, and says what has changed. Blocks for as long as reading takes.
    package func reload(logger: Logger) {
        guard case .file(let file) = source else { return }
        switch file.reload() {
        case .unchanged, .stillFailing: break
        case .loaded:
            noteLoad()
            logger.notice(
                "the keys of tokens were replaced",
                metadata: ["keys": "\(file.keys.count)", "kid": "\(file.keys.keyIDs.joined(separator: ", "))"])
        case .failed(let error):
            logger.error(
                "the keys of tokens cannot be replaced: those from before stay in force",
                metadata: ["reason": "\(error.code.rawValue)", "detail": "\(error.message)"])
        }
    }

    /// Adds the metrics of the keys to a registry.
    package func register(in registry: MetricsRegistry) {
        registry.observe(.gauge, "auth_key_set_keys", "Keys that tokens may be signed with.") { [self] in
            [MetricReading(Double(current.count))]
        }
        registry.observe(
            .gauge, "auth_key_set_loaded_timestamp_seconds", "When the keys in force were read, in seconds since 1970."
        ) { [self] in [MetricReading(Double(loadedAt.load(ordering: .relaxed)))] }
        registry.observe(
            .counter, "auth_key_set_reload_failures_total", "Key files that could not be taken over."
        ) { [self] in
            if case .file(let file) = source { [MetricReading(Double(file.failureCount))] } else { [MetricReading(0)] }
        }
    }

    private func noteLoad() {
        loadedAt.store(UInt64(max(0, WallTime.now())), ordering: .relaxed)
    }
}
