// SPDX-License-Identifier: Apache-2.0

/// A data type of the server, by its object identifier. Those built in have the same one on every server.
///
/// Source: PostgreSQL, `pg_type.dat`.
public struct PostgresType: Sendable, Hashable {
    public let objectID: UInt32

    public init(objectID: UInt32) { self.objectID = objectID }

    /// Left for the server to find out.
    public static let unspecified = PostgresType(objectID: 0)
    public static let bool = PostgresType(objectID: 16)
    public static let bytea = PostgresType(objectID: 17)
    public static let name = PostgresType(objectID: 19)
    public static let int8 = PostgresType(objectID: 20)
    public static let int2 = PostgresType(objectID: 21)
    public static let int4 = PostgresType(objectID: 23)
    public static let text = PostgresType(objectID: 25)
    public static let float8 = PostgresType(objectID: 701)
    public static let varchar = PostgresType(objectID: 1043)
    public static let boolArray = PostgresType(objectID: 1000)
    public static let byteaArray = PostgresType(objectID: 1001)
    public static let int2Array = PostgresType(objectID: 1005)
    public static let int4Array = PostgresType(objectID: 1007)
    public static let textArray = PostgresType(objectID: 1009)
    public static let int8Array = PostgresType(objectID: 1016)
    public static let float8Array = PostgresType(objectID: 1022)
    public static let numericArray = PostgresType(objectID: 1231)
    public static let timestamptz = PostgresType(objectID: 1184)
    public static let timestamptzArray = PostgresType(objectID: 1185)
    public static let numeric = PostgresType(objectID: 1700)
    public static let uuid = PostgresType(objectID: 2950)
    public static let uuidArray = PostgresType(objectID: 2951)
}
