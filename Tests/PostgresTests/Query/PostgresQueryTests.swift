// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Postgres

@Suite struct `A query` {
    @Test func `has a place-holder for each value, and no value in its text`() {
        let query: PostgresQuery = "select \("'; drop table products;--"), \(Optional<Int>.none) from x where id = \(7)"
        #expect(query.sql == "select $1, $2 from x where id = $3")
        #expect(query.bindings.entries.map(\.type) == [.text, .int8, .int8])
        #expect(query.bindings.entries.map(\.count) == [25, -1, 8])
    }

    @Test func `takes in others, numbered anew, whatever stands in their text`() {
        let inner: PostgresQuery = "a = \(1) and '$1é' <> \("x")"
        let outer: PostgresQuery = "select \(0) where (\(inner)) or (\(inner + " and \(true)"))"
        #expect(outer.sql == "select $1 where (a = $2 and '$1é' <> $3) or (a = $4 and '$1é' <> $5 and $6)")
        #expect(outer.bindings.entries.map(\.type) == [.int8, .int8, .text, .int8, .text, .bool])
        let again: PostgresQuery = "\(outer)\(outer)"
        #expect(again.bindings.entries.count == 12 && again.sql.hasSuffix("$10 and '$1é' <> $11 and $12)"))
        let last = again.bindings.entries[4]
        #expect(again.bindings.bytes[last.offset] == UInt8(ascii: "x"))
    }

    @Test func `takes in many, with numbers of several digits`() {
        var query = PostgresQuery(unescaped: "select")
        for number in 0..<120 { query.append(number == 0 ? " \(number)" : ", \(number)") }
        let expected = (1...120).map { "$\($0)" }.joined(separator: ", ")
        #expect(query.sql == "select \(expected)")
        let doubled: PostgresQuery = "\(query); \(query)"
        #expect(doubled.sql.hasSuffix("$239, $240") && doubled.bindings.entries.count == 240)
    }

    @Test func `says what it does by its first word`() {
        #expect(("  Select 1" as PostgresQuery).operation == .select)
        #expect(("insert into x values (\(1))" as PostgresQuery).operation == .insert)
        #expect(("with x as (select 1) delete from y" as PostgresQuery).operation == .other)
        #expect(("" as PostgresQuery).operation == .other && ("selectively" as PostgresQuery).operation == .other)
    }
}
