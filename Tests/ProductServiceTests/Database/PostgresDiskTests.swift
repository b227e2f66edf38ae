// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresTesting
import ServiceTesting
import Testing

@Suite struct `A full disk under PostgreSQL` {
    @Test func `D11: refuses writes with 503 and serves reads, until there is room`() async throws {
        let server = try await PostgresServer.start(smallTablespace: "16m")
        let service = try await RunningService.start(on: server.url())
        let big = #"{"name":"Laptop","description":"\#(String(repeating: "d", count: 500))","price":1}"#
        let first = try #require(try await service.client.create(big).header("Location"))
        try await server.execute("alter table products set tablespace small")
        try await server.execute(
            "create table ballast tablespace small as select repeat('b', 900) from generate_series(1, 15000)")
        var refused: HTTPMessage.Response?
        for _ in 0..<20_000 where refused == nil {
            let response = try await service.client.create(big)
            if response.status != 201 { refused = response }
        }
        try Unavailable.expect(try #require(refused, "the disk never filled up"))
        try await service.wait(forLog: "53100")
        #expect(try await service.client.send("GET", first).status == 200)
        #expect(try await service.client.send("GET", "/readyz").status == 200)
        try await server.execute("drop table ballast")
        try await server.execute("checkpoint")
        try await wait(for: "writes again", within: .seconds(2)) { try await service.client.create(big).status == 201 }
        try await service.stop()
    }
}
