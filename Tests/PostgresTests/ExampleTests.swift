// SPDX-License-Identifier: Apache-2.0

import Foundation
import Postgres
import PostgresTesting
import Testing

@Suite struct `The example of the documentation` {
    @Test func `does what it says`() async throws {
        let server = try await PostgresServer.start()
        try await server.execute(
            """
            create table products (id uuid, name text, stock int8); create table orders (product uuid);
            insert into products values (gen_random_uuid(), 'Laptop', 3), (gen_random_uuid(), 'Desk', 30);
            """)
        let limit = 5

        let pool = try PostgresPool(PostgresConfiguration(url: server.url()))
        for row in try await pool.read("select id, name from products where stock <= \(limit)") {
            let (id, name) = try row.decode(as: (UUID, String).self)
            #expect(name == "Laptop")
            try await pool.withTransaction { transaction in
                try await transaction.execute("update products set stock = stock + 10 where id = \(id)")
                try await transaction.execute("insert into orders (product) values (\(id))")
            }
        }
        await pool.close()

        #expect(
            try await server.execute("select name, stock from products join orders on id = product") == "Laptop|13\n")
    }
}
