// SPDX-License-Identifier: Apache-2.0

import Chassis
import Edge
import Foundation
import ServiceTesting
import Testing

/// Sends requests to the API under test, each on a connection of its own, and checks every answer for what all answers
/// promise: fault row C17, and that the description knows its status.
struct APIClient: Sendable {
    let port: Int
    let routes: [RouteTemplate]
    let description: APIDescription

    static let products = "/api/v1/products"
    private static let leaks = [
        "sqlite", "select ", "insert ", "/Sources/", ".swift", "Error(", "Optional(", "products.db", "NIO", "GRDB",
    ]

    func send(
        _ method: String, _ target: String, _ headers: [String: String] = [:], body: [UInt8]? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> HTTPMessage.Response {
        let connection = try await HTTPConnection.connect(to: port)
        let request = HTTPMessage.Request(
            method, target, headers: headers.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }, body: body)
        try await connection.send(request)
        let response = try await connection.receive(hasBody: method != "HEAD")
        await connection.close()
        try check(response, to: method, target, sourceLocation)
        return response
    }

    /// Sends JSON.
    func send(
        _ method: String, _ target: String, _ headers: [String: String] = [:], json: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> HTTPMessage.Response {
        let headers = headers.merging(["Content-Type": "application/json"]) { given, _ in given }
        return try await send(method, target, headers, body: Array(json.utf8), sourceLocation: sourceLocation)
    }

    /// Creates a product and returns its path.
    func create(_ json: String = #"{"name":"Laptop","description":"MacBook Pro","price":1299.99}"#) async throws
        -> String
    {
        let response = try await send("POST", Self.products, json: json)
        try #require(response.status == 201, "\(response.text)")
        return try #require(response.header("Location"))
    }

    private func check(
        _ response: HTTPMessage.Response, to method: String, _ target: String, _ sourceLocation: SourceLocation
    ) throws {
        let path = String(target.prefix { $0 != "?" })
        #expect(response.header("X-Content-Type-Options") == "nosniff", sourceLocation: sourceLocation)
        #expect(response.header("Cache-Control") != nil, sourceLocation: sourceLocation)
        if response.status >= 400 {
            #expect(response.header("Cache-Control") == "no-store", sourceLocation: sourceLocation)
            for leak in Self.leaks where !path.contains(leak) {
                #expect(!response.text.contains(leak), "\(leak) in \(response.text)", sourceLocation: sourceLocation)
            }
            if method != "HEAD" { try checkProblem(response, path: path, sourceLocation) }
        }
        guard let route = routes.first(where: { $0.matches(path: path) }) else {
            #expect(response.status == 404, sourceLocation: sourceLocation)
            return
        }
        guard route.methods.contains(where: { $0.rawValue == method }) else {
            #expect(response.status == 405, sourceLocation: sourceLocation)
            #expect(response.header("Allow") == route.allow, sourceLocation: sourceLocation)
            return
        }
        let documented = description.statuses(of: method, route.path)
        #expect(
            documented.contains(response.status), "\(method) \(route.path) has no \(response.status)",
            sourceLocation: sourceLocation)
    }

    private func checkProblem(
        _ response: HTTPMessage.Response, path: String, _ sourceLocation: SourceLocation
    ) throws {
        #expect(response.header("Content-Type") == "application/problem+json", sourceLocation: sourceLocation)
        #expect(try response.member("status", as: Int.self) == response.status, sourceLocation: sourceLocation)
        #expect(try !response.member("title", as: String.self).isEmpty, sourceLocation: sourceLocation)
        #expect(try !response.member("detail", as: String.self).isEmpty, sourceLocation: sourceLocation)
        #expect(try path.hasPrefix(response.member("instance", as: String.self)), sourceLocation: sourceLocation)
        let type = try response.member("type", as: String.self)
        #expect(description.problemTypes.contains(type), "\(type)", sourceLocation: sourceLocation)
    }
}
