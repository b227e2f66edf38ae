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
