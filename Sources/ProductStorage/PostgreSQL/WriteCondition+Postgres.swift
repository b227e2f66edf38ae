// SPDX-License-Identifier: Apache-2.0

import Postgres
import Products

extension WriteCondition {
    /// The condition as part of a `where` clause over a product's row: the server checks it under the row's lock.
    var sql: PostgresQuery {
        switch self {
        case .exists: "true"
        case .version(let versions): "version = any(\(Array(versions)))"
        case .otherVersion(let versions): "version <> all(\(Array(versions)))"
        case .unmodified(let since): "updated_at <= \(since)"
        case .isAbsent: "false"
        case .all(let conditions):
            conditions.reduce("true") { "\($0) and (\($1.sql))" }
        }
    }
}
