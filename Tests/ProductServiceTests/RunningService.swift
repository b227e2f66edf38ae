// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

/// A service with a database of its own.
struct RunningService {
    let folder: TemporaryFolder
    let process: ServiceProcess
    let client: ServiceClient

    var databasePath: String { folder("products.db") }

    /// Starts the service over a database in `folder`, or the one of the URL, and waits until it is ready.
    static func start(
        in folder: TemporaryFolder? = nil, on databaseURL: String? = nil, _ arguments: [String] = [],
        environment: [String: String] = [:], launcher: [String] = [], waitsUntilReady: Bool = true
    ) async throws -> RunningService {
        let folder = try folder ?? TemporaryFolder()
        let database = ["--database-url", databaseURL ?? "sqlite:\(folder("products.db"))"]
        let (process, port) = try await ServiceProcess.serving(
            database + arguments, environment: environment, launcher: launcher)
        let service = RunningService(folder: folder, process: process, client: ServiceClient(port: port))
        if waitsUntilReady { try await service.waitUntilReady() }
        return service
    }

    /// Asks for readiness only once the log says that the database is open: an answer counts for a second.
    private func waitUntilReady() async throws {
        try await wait(forLog: "database open")
        try await client.wait(for: 200)
    }

    /// Waits until the log holds `text`.
    func wait(forLog text: String) async throws {
        try await ServiceTesting.wait(for: "'\(text)' in the log: \(process.log)", within: .seconds(10)) {
            process.log.contains(text)
        }
    }

    /// The samples of `/metrics` by their name and labels.
    func metrics() async throws -> [String: Double] {
        let answer = try await client.send("GET", "/metrics")
        try #require(answer.status == 200)
        var samples: [String: Double] = [:]
        for line in answer.text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " ") else { continue }
            samples[String(line[..<space])] = Double(line[line.index(after: space)...])
        }
        return samples
    }

    /// Stops the service and expects it to end in order.
    func stop(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        process.kill(SIGTERM)
        #expect(try await process.exitCode() == 0, "\(process.log)", sourceLocation: sourceLocation)
    }
}
