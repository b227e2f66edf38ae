// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresTesting
import ProductsTesting
import Testing

@testable import Postgres

@Suite struct `Values` {
    /// Sends each value as a parameter, has the server compare it with its own reading of the text, and reads it back.
    private func check<Value: PostgresEncodable & PostgresDecodable & Equatable>(
        _ values: [(Value, text: String)], as type: String, with pool: PostgresPool
    ) async throws {
        for (value, text) in values {
            let rows = try await pool.read(
                "select \(value) = \(unescaped: "'\(text)'::\(type)"), \(value), \(Optional<Value>.none)")
            let (isSame, read, none) = try rows[0].decode(as: (Bool, Value, Value?).self)
            #expect(isSame && read == value && none == nil, "\(type) \(text) came back as \(read)")
        }
    }

    @Test func `go to the server and come back as they are`() async throws {
        let server = try await PostgresServer.start()
        let pool = try PostgresPool(PostgresConfiguration(url: server.url()))
        try await check([(Int16.min, "-32768"), (0, "0"), (.max, "32767")], as: "int2", with: pool)
        try await check([(Int32.min, "-2147483648"), (.max, "2147483647")], as: "int4", with: pool)
        try await check([(Int64.min, "-9223372036854775808"), (.max, "9223372036854775807")], as: "int8", with: pool)
        try await check([(Int.max, "9223372036854775807")], as: "int8", with: pool)
        try await check([(true, "t"), (false, "f")], as: "bool", with: pool)
        try await check([(0.1, "0.1"), (-.infinity, "-Infinity"), (1e-300, "1e-300")], as: "float8", with: pool)
        try await check([("", ""), ("é👩‍👩‍👧$1\\", "é👩‍👩‍👧$1\\")], as: "text", with: pool)
        try await check(
            [(PostgresBytes([]), ""), (PostgresBytes([0, 255, 39]), "\\x00ff27")], as: "bytea", with: pool)
        let uuid = UUID()
        try await check([(uuid, uuid.uuidString)], as: "uuid", with: pool)
        try await check(
            [
                (Date(timeIntervalSince1970: 0), "1970-01-01Z"),
                (Date(timeIntervalSince1970: -0.5), "1969-12-31 23:59:59.5Z"),
            ],
            as: "timestamptz", with: pool)
        let rows = try await pool.read(
            "select \([1, 2, 3]) = '{1,2,3}'::int8[], \(["a", "b,c"]) = '{a,\"b,c\"}'::text[], \([Int]()) = '{}'::int8[]"
        )
        let (numbers, texts, none) = try rows[0].decode(as: (Bool, Bool, Bool).self)
        #expect(numbers && texts && none)
        await pool.close()
    }

    @Test func `numerics are exact both ways, whatever their digits`() async throws {
        let server = try await PostgresServer.start()
        let pool = try PostgresPool(PostgresConfiguration(url: server.url()))
        var generator = SeededGenerator(seed: 11)
        var values = [
            PostgresNumeric(unscaled: 0, scale: 0), PostgresNumeric(unscaled: 0, scale: 2),
            PostgresNumeric(unscaled: 1, scale: 18), PostgresNumeric(unscaled: 999_999_999_999, scale: 2),
            PostgresNumeric(unscaled: .max, scale: 18), PostgresNumeric(unscaled: -.max, scale: 0),
            PostgresNumeric(unscaled: 10_000, scale: 0), PostgresNumeric(unscaled: 100_000_000, scale: 4),
        ]
        for _ in 0..<2000 {
            let bits = Int.random(in: 1...63, using: &generator)
            let unscaled = Int64.random(in: -(1 << (bits - 1))...(1 << (bits - 1)), using: &generator)
            values.append(PostgresNumeric(unscaled: unscaled, scale: Int.random(in: 0...18, using: &generator)))
        }
        let texts = values.map(\.description)
        let rows = try await pool.read(
            """
            select sent, sent::text, written::numeric
            from unnest(\(values), \(texts)) with ordinality as given (sent, written, position) order by position
            """)
        #expect(rows.count == values.count)
        for (row, value) in zip(rows, values) {
            let (sent, text, written) = try row.decode(as: (PostgresNumeric, String, PostgresNumeric).self)
            #expect(sent == value && text == value.description && written == value)
        }
        for text in ["NaN", "Infinity", "1e19", "1e-19", "123456789012345678901234567890"] {
            let rows = try await pool.read("select \(text)::text::numeric")
            #expect(throws: PostgresError.self) { try rows[0].decode(PostgresNumeric.self, at: 0) }
        }
        await pool.close()
    }

    @Test func `a numeric's scale changes only when nothing is lost`() {
        let number = PostgresNumeric(unscaled: 1250, scale: 2)
        #expect(number.rescaled(to: 1) == PostgresNumeric(unscaled: 125, scale: 1))
        #expect(number.rescaled(to: 0) == nil && number.rescaled(to: 19) == nil)
        #expect(number.rescaled(to: 4) == PostgresNumeric(unscaled: 125_000, scale: 4))
        #expect(PostgresNumeric(unscaled: .max, scale: 0).rescaled(to: 1) == nil)
        #expect(number.description == "12.50" && PostgresNumeric(unscaled: -5, scale: 2).description == "-0.05")
    }

    @Test func `of another type, null, or out of place they are refused`() async throws {
        let server = try await PostgresServer.start()
        let pool = try PostgresPool(PostgresConfiguration(url: server.url()))
        let rows = try await pool.read("select 1::int4, 'text', null::int8, 2::int8")
        func expectRefusal<Value: PostgresDecodable>(_: Value.Type, at column: Int) {
            let error = #expect(throws: PostgresError.self) { try rows[0].decode(Value.self, at: column) }
            #expect(error?.code == .decoding)
        }
        expectRefusal(String.self, at: 0)
        expectRefusal(Int.self, at: 1)
        expectRefusal(Int.self, at: 2)
        expectRefusal(Int32.self, at: 3)
        expectRefusal(Int.self, at: 4)
        expectRefusal(Int.self, at: -1)
        #expect(try rows[0].decode(Int.self, at: 0) == 1, "a narrower integer is read")
        // The server refuses the one scalar it cannot keep.
        let error = await #expect(throws: PostgresError.self) { try await pool.read("select \("a\0b")") }
        #expect(error?.sqlState == SQLState("22021"))
        await pool.close()
    }

    @Test(arguments: 0..<64)
    func `bytes cut short are refused, never read past`(length: Int) {
        let bytes = [UInt8](repeating: 1, count: length)
        bytes.withUnsafeBytes { bytes in
            _ = try? PostgresNumeric(decoding: PostgresValue(type: .numeric, bytes: bytes))
            for type in [PostgresType.int2, .int4, .int8] {
                let value = PostgresValue(type: type, bytes: bytes)
                if length < 2 { #expect(throws: PostgresError.self) { try Int64(decoding: value) } }
            }
            if length < 16 {
                #expect(throws: PostgresError.self) {
                    try UUID(decoding: PostgresValue(type: .uuid, bytes: bytes))
                }
            }
        }
    }
}
