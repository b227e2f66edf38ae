// SPDX-License-Identifier: Apache-2.0

/// A value that can be read from a column: integers, `bool`, `float8`, `numeric`, `text`, `varchar`, `bytea`, `uuid`
/// and `timestamptz` are. Cast others to `text` in the SQL, or conform a type of your own.
public protocol PostgresDecodable {
    /// Throws a ``PostgresError`` of ``PostgresError/Code/decoding`` when the column is of another type, or out of
    /// range.
    init(decoding value: PostgresValue) throws(PostgresError)
    /// What stands for `null`. Throws unless the type has something that does.
    static func decodingNull() throws(PostgresError) -> Self
}

extension PostgresDecodable {
    public static func decodingNull() throws(PostgresError) -> Self {
        throw PostgresError(.decoding, message: "null where \(Self.self) was expected")
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    public init(decoding value: PostgresValue) throws(PostgresError) { self = try Wrapped(decoding: value) }

    public static func decodingNull() throws(PostgresError) -> Wrapped? { nil }
}

/// One value as it came from the server, in its binary format. Valid only while it is being decoded.
public struct PostgresValue {
    public let type: PostgresType
    public let bytes: UnsafeRawBufferPointer

    /// Throws unless the type is one of `types`.
    public func require(_ types: PostgresType..., for target: Any.Type) throws(PostgresError) {
        if !types.contains(type) {
            throw PostgresError(.decoding, message: "type \(type.objectID) where \(target) was expected")
        }
    }

    /// The bytes as one integer in network order. Throws when there are too few.
    public func integer<Integer: FixedWidthInteger>(
        at offset: Int = 0, as _: Integer.Type = Integer.self
    ) throws(PostgresError) -> Integer {
        guard offset >= 0, offset + MemoryLayout<Integer>.size <= bytes.count else {
            throw PostgresError(.decoding, message: "\(bytes.count) bytes are too few for \(Integer.self)")
        }
        return Integer(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Integer.self))
    }
}
