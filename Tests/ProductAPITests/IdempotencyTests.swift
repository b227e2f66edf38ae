// SPDX-License-Identifier: Apache-2.0

import Products
import ProductsTesting
import ServiceTesting
import Testing

@Suite struct `Idempotency keys` {
    private static let json = #"{"name":"Laptop","price":1299.99}"#

    @Test(arguments: Backend.allCases)
    func `C13: the same request again gets the first answer again, another one 422`(backend: Backend) async throws {
        try await APIServer.run(on: backend) { api in
            let key = ["Idempotency-Key": "\"8e03978e-40d5-43dd-bc93-6894a57f9324\""]
            let first = try await api.client.send("POST", APIClient.products, key, json: Self.json)
            #expect(first.status == 201)
            let path = try #require(first.header("Location"))
            #expect(try await api.client.send("PUT", path, json: #"{"price":1}"#).status == 200)
            api.clock.advance(bySeconds: 60)
            let second = try await api.client.send("POST", APIClient.products, key, json: Self.json)
            #expect(second.status == 201 && second.text == first.text && second.header("Location") == path)
            #expect(second.header("ETag") == "\"1\"")
            let other = try await api.client.send(
                "POST", APIClient.products, key, json: #"{"name":"Desk","price":1299.99}"#)
            #expect(other.status == 422)
            #expect(try other.member("type") == "/problems/idempotency-key-reused")
            api.clock.advance(bySeconds: 24 * 60 * 60)
            let late = try await api.client.send("POST", APIClient.products, key, json: Self.json)
            #expect(late.status == 201 && late.header("Location") != path)
        }
    }

    @Test func `C13: a key is 1 to 255 visible ASCII characters`() async throws {
        try await APIServer.run { api in
            let good = ["a", String(repeating: "k", count: 255), "~!@#"]
            for key in good {
                let response = try await api.client.send(
                    "POST", APIClient.products, ["Idempotency-Key": key], json: Self.json)
                #expect(response.status == 201)
            }
            for key in ["", String(repeating: "k", count: 300), "a b", "ké"] {
                let response = try await api.client.send(
                    "POST", APIClient.products, ["Idempotency-Key": key], json: Self.json)
                #expect(response.status == 400, "\(key)")
            }
        }
    }

    @Test(arguments: Backend.allCases)
    func `C13: 100 requests at once with one key make one product`(backend: Backend) async throws {
        try await APIServer.run(on: backend) { api in
            let responses = try await withThrowingTaskGroup(of: HTTPMessage.Response.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await api.client.send(
                            "POST", APIClient.products, ["Idempotency-Key": "one"], json: Self.json)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(responses.allSatisfy { $0.status == 201 || $0.status == 409 })
            #expect(Set(responses.filter { $0.status == 201 }.map(\.text)).count == 1)
            #expect(try await api.repository.list(ProductQuery()).products.count == 1)
        }
    }

    @Test func `C13: a key that is being worked on is a 409 that says when to come again`() async throws {
        let repository = HeldRepository()
        try await APIServer.run(over: repository) { api in
            let key = ["Idempotency-Key": "held"]
            async let first = api.client.send("POST", APIClient.products, key, json: Self.json)
            await repository.waitUntilHeld()
            let second = try await api.client.send("POST", APIClient.products, key, json: Self.json)
            #expect(second.status == 409 && second.header("Retry-After") == "1")
            #expect(try second.member("type") == "/problems/idempotency-key-in-use")
            await repository.release()
            let created = try await first
            #expect(created.status == 201)
            let third = try await api.client.send("POST", APIClient.products, key, json: Self.json)
            #expect(third.status == 201 && third.text == created.text)
        }
    }
}
