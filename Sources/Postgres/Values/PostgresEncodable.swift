// SPDX-License-Identifier: Apache-2.0

/// A value that can be bound to a parameter of a statement.
public protocol PostgresEncodable: Sendable {
    /// The type the parameter gets.
    static var postgresType: PostgresType { get }
    /// Appends the value in the server's binary format.
    ///
    /// Source: the `…send` functions of PostgreSQL's `src/backend/utils/adt`.
    func encode(into bytes: inout [UInt8])
}

/// A value that an array can be made of.
public protocol PostgresArrayElement: PostgresEncodable {
    static var postgresArrayType: PostgresType { get }
}

extension Array: PostgresEncodable where Element: PostgresArrayElement {
    public static var postgresType: PostgresType { Element.postgresArrayType }

    public func encode(into bytes: inout [UInt8]) {
        // One dimension, no nulls, the element's type, then the count and the lower bound.
        bytes.append(bigEndian: Int32(isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(0))
        bytes.append(bigEndian: Element.postgresType.objectID)
        if isEmpty { return }
        bytes.append(bigEndian: Int32(count))
        bytes.append(bigEndian: Int32(1))
        for element in self {
            let start = bytes.count
            bytes.append(bigEndian: Int32(0))
            element.encode(into: &bytes)
            bytes.replace(at: start, with: Int32(bytes.count - start - 4))
        }
    }
}

extension [UInt8] {
    mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func replace(at offset: Int, with value: Int32) {
        let bytes = value.bigEndian
        Swift.withUnsafeBytes(of: bytes) { source in
            for index in 0..<4 { self[offset + index] = source[index] }
        }
    }
}
