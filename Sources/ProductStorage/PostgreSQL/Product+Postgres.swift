// SPDX-License-Identifier: Apache-2.0

package import Postgres
package import Products

extension ProductID: PostgresArrayElement, PostgresDecodable {
    package static var postgresType: PostgresType { .uuid }
    package static var postgresArrayType: PostgresType { .uuidArray }

    package func encode(into bytes: inout [UInt8]) {
        for half in [high, low] { withUnsafeBytes(of: half.bigEndian) { bytes.append(contentsOf: $0) } }
    }

    package init(decoding value: PostgresValue) throws(PostgresError) {
        try value.require(.uuid, for: Self.self)
        self.init(high: try value.integer(), low: try value.integer(at: 8))
    }
}

extension Money: PostgresArrayElement, PostgresDecodable {
    package static var postgresType: PostgresType { .numeric }
    package static var postgresArrayType: PostgresType { .numericArray }

    package func encode(into bytes: inout [UInt8]) { PostgresNumeric(unscaled: cents, scale: 2).encode(into: &bytes) }

    package init(decoding value: PostgresValue) throws(PostgresError) {
        // The column has two decimals, and so has every value in it: one of more is refused as it would be as an Int.
        let number = try PostgresNumeric(decoding: value)
        guard let cents = number.rescaled(to: 2)?.unscaled else {
            throw .unexpected("an amount of more than two decimals")
        }
        self.init(cents: cents)
    }
}

extension Timestamp: PostgresArrayElement, PostgresDecodable {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }

    package func encode(into bytes: inout [UInt8]) { secondsSinceEpoch.encode(into: &bytes) }

    package init(decoding value: PostgresValue) throws(PostgresError) {
        self.init(secondsSinceEpoch: try Int64(decoding: value))
    }
}

extension Product {
    /// Reads a product from the columns ``columns``.
    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.decode(at: 0), name: try row.decode(at: 1), description: try row.decode(at: 2),
            price: try row.decode(at: 3), createdAt: try row.decode(at: 4), updatedAt: try row.decode(at: 5),
            version: try row.decode(at: 6))
    }

    static let columns: PostgresQuery = "id, name, description, price, created_at, updated_at, version"
}
