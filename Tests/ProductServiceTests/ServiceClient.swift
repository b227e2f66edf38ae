// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

/// Talks to a running service.
struct ServiceClient: Sendable {
    let port: Int

    static let products = "/api/v1/products"
    static let laptop = #"{"name":"Laptop","description":"MacBook Pro","price":1299.99}"#

    func send(
        _ method: String, _ target: String, _ headers: [(name: String, value: String)] = [], json: String? = nil
    ) async throws -> HTTPMessage.Response {
        let connection = try await HTTPConnection.connect(to: port)
        do {
            try await connection.send(Self.request(method, target, headers, json: json))
            let response = try await connection.receive(hasBody: method != "HEAD")
            await connection.close()
            return response
        } catch {
            await connection.close()
            throw error
        }
    }

    static func request(
        _ method: String, _ target: String, _ headers: [(name: String, value: String)] = [], json: String? = nil
    ) -> HTTPMessage.Request {
        let type = json == nil ? [] : [(name: "Content-Type", value: "application/json")]
        return HTTPMessage.Request(method, target, headers: type + headers, body: json.map { Array($0.utf8) })
    }

    func create(_ json: String = laptop) async throws -> HTTPMessage.Response {
        try await send("POST", Self.products, json: json)
    }

    /// Waits until a probe answers with `status`.
    func wait(for status: Int, of probe: String = "/readyz", within limit: Duration = .seconds(10)) async throws {
        let deadline = ContinuousClock.now + limit
        var last = 0
        while ContinuousClock.now < deadline {
            last = try await send("GET", probe).status
            if last == status { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ServiceProcess.Failure.deadline("\(probe) \(status); it is \(last)")
    }
}

/// A service with a database of its own.
struct RunningService {
    let folder: TemporaryFolder
    let process: ServiceProcess
    let client: ServiceClient

    var databasePath: String { folder("products.db") }

    /// Starts the service over a database in `folder`, and waits until it is ready.
    static func start(
        in folder: TemporaryFolder? = nil, _ arguments: [String] = [], environment: [String: String] = [:],
        launcher: [String] = [], waitsUntilReady: Bool = true
    ) async throws -> RunningService {
        let folder = try folder ?? TemporaryFolder()
        let database = ["--database-url", "sqlite:\(folder("products.db"))"]
        let (process, port) = try await ServiceProcess.serving(
            database + arguments, environment: environment, launcher: launcher)
        let service = RunningService(folder: folder, process: process, client: ServiceClient(port: port))
        if waitsUntilReady { try await service.waitUntilReady() }
        return service
    }

    /// Asks for readiness only once the log says that the database is open: an answer counts for a second.
    private func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !process.log.contains("database open") {
            guard ContinuousClock.now < deadline else { throw ServiceProcess.Failure.deadline("open: \(process.log)") }
            try await Task.sleep(for: .milliseconds(5))
        }
        try await client.wait(for: 200)
    }

    /// Stops the service and expects it to end in order.
    func stop(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        process.kill(SIGTERM)
        #expect(try await process.exitCode() == 0, "\(process.log)", sourceLocation: sourceLocation)
    }
}
