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
            try check(response, to: method)
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
        let isAuthorized = headers.contains { $0.name == "Authorization" }
        let authorization = isAuthorized ? [] : [(name: "Authorization", value: TestCredentials.authorization)]
        // An empty value leaves the header out.
        let given = headers.filter { $0.name != "Authorization" || !$0.value.isEmpty }
        return HTTPMessage.Request(
            method, target, headers: type + authorization + given, body: json.map { Array($0.utf8) })
    }

    func create(_ json: String = laptop) async throws -> HTTPMessage.Response {
        try await send("POST", Self.products, json: json)
    }

    /// Waits until a probe answers with `status`.
    func wait(for status: Int, of probe: String = "/readyz", within limit: Duration = .seconds(10)) async throws {
        var last = 0
        try await ServiceTesting.wait(for: "\(probe) \(status); it is \(last)", within: limit) {
            last = try await send("GET", probe).status
            return last == status
        }
    }

    private static let leaks = [
        "sqlite", "SQLITE", "select ", "insert ", "/Sources/", ".swift", "products.db", "GRDB", "disk", "ostgres",
        "libpq",
        "SQLSTATE", "relation", "constraint", "_pkey", "update products", "delete from",
    ]

    /// Fault row C17, for the answers of a real process.
    private func check(_ response: HTTPMessage.Response, to method: String) throws {
        #expect(response.header("X-Content-Type-Options") == "nosniff")
        guard response.status >= 400, method != "HEAD" else { return }
        #expect(response.header("Cache-Control") == "no-store")
        for leak in Self.leaks { #expect(!response.text.contains(leak), "\(leak) in \(response.text)") }
        guard response.header("Content-Type") == "application/problem+json" else {
            Issue.record("no problem document: \(response.text)")
            return
        }
        #expect(try response.member("status", as: Int.self) == response.status)
    }
}
