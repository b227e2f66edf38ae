// SPDX-License-Identifier: Apache-2.0

import ServiceTesting
import Synchronization
import Testing

/// Asks a probe again and again on one connection, and keeps how long each answer took: what a blocked event loop would
/// show in.
final class Prober: Sendable {
    private let latencies = Mutex<[Duration]>([])
    private let failures = Mutex<[String]>([])
    private let stop = StopFlag()

    /// Probes while `body` runs. Expects every probe to be answered with 200, and 99 of 100 within 50 ms.
    static func during(
        _ client: ServiceClient, of path: String = "/livez", sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async throws {
        let prober = Prober()
        let probing = Task { await prober.run(client, path) }
        do {
            try await body()
        } catch {
            prober.stop.raise()
            throw error
        }
        prober.stop.raise()
        await probing.value
        let sorted = prober.latencies.withLock { $0.sorted() }
        #expect(prober.failures.withLock { $0 } == [], sourceLocation: sourceLocation)
        let percentile = sorted.isEmpty ? Duration.seconds(999) : sorted[sorted.count * 99 / 100]
        #expect(percentile < .milliseconds(50), "p99 of \(sorted.count) probes", sourceLocation: sourceLocation)
    }

    private func run(_ client: ServiceClient, _ path: String) async {
        do {
            let connection = try await HTTPConnection.connect(to: client.port)
            while !stop.isRaised {
                let start = ContinuousClock.now
                try await connection.send(ServiceClient.request("GET", path))
                let response = try await connection.receive()
                let end = ContinuousClock.now
                latencies.withLock { $0.append(end - start) }
                if response.status != 200 { failures.withLock { $0.append("status \(response.status)") } }
                try await Task.sleep(for: .milliseconds(5))
            }
            await connection.close()
        } catch {
            failures.withLock { $0.append("\(error)") }
        }
    }
}
