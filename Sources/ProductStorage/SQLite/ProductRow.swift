// SPDX-License-Identifier: Apache-2.0

import GRDB
import Products

/// Reads and writes a product as the columns of a row.
enum ProductRow {
    /// Reads a product from the columns `id, name, description, price_cents, created_at, updated_at, version`.
    ///
    /// Throws `SQLITE_CORRUPT` when one is not of its type: a damaged file must not end the process.
    static func product(from row: Row) throws -> Product {
        guard let id = ProductID(try value(row, 0) as String) else { throw damaged }
        return Product(
            id: id,
            name: try value(row, 1),
            description: try value(row, 2),
            price: Money(cents: try value(row, 3)),
            createdAt: Timestamp(secondsSinceEpoch: try value(row, 4)),
            updatedAt: Timestamp(secondsSinceEpoch: try value(row, 5)),
            version: try value(row, 6))
    }

    static func value<Value: DatabaseValueConvertible>(_ row: Row, _ index: Int) throws -> Value {
        guard let value = Value.fromDatabaseValue(row[index]) else { throw damaged }
        return value
    }

    private static var damaged: DatabaseError { DatabaseError(resultCode: .SQLITE_CORRUPT) }
}
