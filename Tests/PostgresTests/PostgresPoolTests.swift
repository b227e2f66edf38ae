// SPDX-License-Identifier: Apache-2.0

import Foundation
import Postgres
import PostgresTesting
import ServiceTesting
import Testing

@Suite struct `A pool` {
    @Test func `runs statements, values bound, and decodes what comes back`() async throws {
        let server = try await PostgresServer.start()
        let pool = try PostgresPool(PostgresConfiguration(url: server.url()))
        let id = UUID()
        let rows = try await pool.read("select \(id), \(42) + 1, \("it's") || 'x', \(Optional<Int>.none)")
        let (uuid, sum, text, none) = try rows[0].decode(as: (UUID, Int, String, Int?).self)
        #expect(uuid == id && sum == 43 && text == "it'sx" && none == nil)
        await pool.close()
    }
}
