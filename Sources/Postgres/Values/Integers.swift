// SPDX-License-Identifier: Apache-2.0

extension Int16: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .int2 }
    public static var postgresArrayType: PostgresType { .int2Array }

    public func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }

    public init(decoding value: PostgresValue) throws(PostgresError) {
        try value.require(.int2, for: Self.self)
        self = try value.integer()
    }
}

extension Int32: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .int4 }
    public static var postgresArrayType: PostgresType { .int4Array }

    public func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }

    public init(decoding value: PostgresValue) throws(PostgresError) {
        try value.require(.int4, for: Self.self)
        self = try value.integer()
    }
}

extension Int64: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .int8 }
    public static var postgresArrayType: PostgresType { .int8Array }

    public func encode(into bytes: inout [UInt8]) { bytes.append(bigEndian: self) }

    /// Reads any of the server's integers.
    public init(decoding value: PostgresValue) throws(PostgresError) {
        switch value.type {
        case .int2: self = Int64(try value.integer(as: Int16.self))
        case .int4: self = Int64(try value.integer(as: Int32.self))
        default:
            try value.require(.int8, for: Self.self)
            self = try value.integer()
        }
    }
}

extension Int: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .int8 }
    public static var postgresArrayType: PostgresType { .int8Array }

    public func encode(into bytes: inout [UInt8]) { Int64(self).encode(into: &bytes) }

    /// Reads any of the server's integers.
    public init(decoding value: PostgresValue) throws(PostgresError) {
        let wide = try Int64(decoding: value)
        guard let narrow = Int(exactly: wide) else { throw PostgresError(.decoding, message: "\(wide) is too large") }
        self = narrow
    }
}
