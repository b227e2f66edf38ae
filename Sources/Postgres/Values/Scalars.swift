// SPDX-License-Identifier: Apache-2.0

extension Bool: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .bool }
    public static var postgresArrayType: PostgresType { .boolArray }

    public func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }

    public init(decoding value: PostgresValue) throws(PostgresError) {
        try value.require(.bool, for: Self.self)
        self = try value.integer(as: UInt8.self) != 0
    }
}

extension Double: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .float8 }
    public static var postgresArrayType: PostgresType { .float8Array }

    public func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: bitPattern) }

    public init(decoding value: PostgresValue) throws(PostgresError) {
        try value.require(.float8, for: Self.self)
        self = Double(bitPattern: try value.integer())
    }
}

/// Text. The server keeps every scalar but U+0000, and refuses text that holds it.
extension String: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .text }
    public static var postgresArrayType: PostgresType { .textArray }

    public func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }

    public init(decoding value: PostgresValue) throws(PostgresError) {
        try value.require(.text, .varchar, .name, for: Self.self)
        self = String(decoding: value.bytes, as: UTF8.self)
    }
}

/// Bytes, as `bytea`.
public struct PostgresBytes: PostgresArrayElement, PostgresDecodable, Hashable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public static var postgresType: PostgresType { .bytea }
    public static var postgresArrayType: PostgresType { .byteaArray }

    public func encode(into bytes: inout [UInt8]) { bytes.append(contentsOf: self.bytes) }

    public init(decoding value: PostgresValue) throws(PostgresError) {
        try value.require(.bytea, for: Self.self)
        bytes = Array(value.bytes)
    }
}
