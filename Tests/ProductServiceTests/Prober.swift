// SPDX-License-Identifier: Apache-2.0

import ServiceTesting
import Synchronization
import Testing

/// Asks a probe again and again on one connection, and keeps how long each answer took, while the service's event loops
/// are watched: nothing may block one.
final class Prober: Sendable {
    private let latencies = Mutex<[Duration]>([])
    private let failures = Mutex<[String]>([])
    private let stop = StopFlag()

    /// Probes while `body` runs. Expects every probe to be answered with 200, half of them within 50 ms as `Stopwatch`
    /// measures it, and no event loop asleep anywhere but where it waits for events.
    static func during(
        _ service: RunningService, of path: String = "/livez", sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Void
    ) async throws {
        let prober = Prober()
        let watch = EventLoopWatch(process: service.process.identifier)
        let probing = Task { await prober.run(service.client, path) }
        do {
            try await body()
        } catch {
            prober.stop.raise()
            _ = watch.stop()
            throw error
        }
        prober.stop.raise()
        await probing.value
        let watched = watch.stop()
        #expect(watched.blocked == [], sourceLocation: sourceLocation)
        #expect(watched.samples > 0, sourceLocation: sourceLocation)
        let sorted = prober.latencies.withLock { $0.sorted() }
        #expect(prober.failures.withLock { $0 } == [], sourceLocation: sourceLocation)
        let median = sorted.isEmpty ? Duration.seconds(999) : sorted[sorted.count / 2]
        #expect(median < .milliseconds(50), "median of \(sorted.count) probes", sourceLocation: sourceLocation)
    }

    private func run(_ client: ServiceClient, _ path: String) async {
        do {
            let connection = try await HTTPConnection.connect(to: client.port)
            while !stop.isRaised {
                let stopwatch = Stopwatch()
                try await connection.send(ServiceClient.request("GET", path))
                let response = try await connection.receive()
                let latency = stopwatch.elapsed
                latencies.withLock { $0.append(latency) }
                if response.status != 200 { failures.withLock { $0.append("status \(response.status)") } }
                try await Task.sleep(for: .milliseconds(5))
            }
            await connection.close()
        } catch {
            failures.withLock { $0.append("\(error)") }
        }
    }
}
