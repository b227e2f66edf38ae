// SPDX-License-Identifier: Apache-2.0

import ServiceTesting
import Synchronization

/// Clients that send one request after the other on connections that they keep, until they are told to stop.
final class LoadGenerator: Sendable {
    private let client: ServiceClient
    private let stopped = Atomic(false)
    private let outcome = Mutex<(answered: Int, closedInOrder: Int, failures: [String])>((0, 0, []))

    init(_ client: ServiceClient) { self.client = client }

    var answered: Int { outcome.withLock { $0.answered } }
    /// How often an answer asked to close the connection.
    var closedInOrder: Int { outcome.withLock { $0.closedInOrder } }
    var failures: [String] { outcome.withLock { $0.failures } }

    func stop() { stopped.store(true, ordering: .relaxed) }

    /// Runs `count` clients until they are stopped, each in the midst of a request then finishing it.
    func run(clients count: Int) async {
        await withTaskGroup { group in
            for number in 0..<count { group.addTask { await self.runClient(number) } }
        }
    }

    private func runClient(_ number: Int) async {
        var connection: HTTPConnection?
        while !stopped.load(ordering: .relaxed) {
            do {
                let open: HTTPConnection
                if let connection { open = connection } else { open = try await .connect(to: client.port) }
                connection = open
                let request =
                    number % 4 == 0
                    ? ServiceClient.request("POST", ServiceClient.products, json: ServiceClient.laptop)
                    : ServiceClient.request("GET", "\(ServiceClient.products)?limit=5")
                try await open.send(request)
                let response = try await open.receive()
                let closes = response.header("Connection") == "close"
                outcome.withLock {
                    $0.answered += 1
                    if closes { $0.closedInOrder += 1 }
                    if response.status >= 300 { $0.failures.append("status \(response.status)") }
                }
                if closes {
                    await open.close()
                    connection = nil
                }
            } catch {
                outcome.withLock { $0.failures.append("\(error)") }
                await connection?.close()
                connection = nil
                if failures.count > 100 { return }
            }
        }
        await connection?.close()
    }
}
