// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension UUID: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .uuid }
    public static var postgresArrayType: PostgresType { .uuidArray }

    public func encode(into bytes: inout [UInt8]) {
        withUnsafeBytes(of: uuid) { bytes.append(contentsOf: $0) }
    }

    public init(decoding value: PostgresValue) throws(PostgresError) {
        try value.require(.uuid, for: Self.self)
        let high = try value.integer(as: UInt64.self).bigEndian
        let low = try value.integer(at: 8, as: UInt64.self).bigEndian
        self = withUnsafeBytes(of: (high, low)) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}

/// A point in time, as `timestamptz`: kept to the microsecond.
extension Date: PostgresArrayElement, PostgresDecodable {
    public static var postgresType: PostgresType { .timestamptz }
    public static var postgresArrayType: PostgresType { .timestamptzArray }

    /// 2000-01-01, from which the server counts, in seconds since 1970.
    private static let epoch: Double = 946_684_800
    /// Where the server's own range ends, or that of its microseconds.
    private static let range = -211_813_488_000...9_214_646_400_000.0

    public func encode(into bytes: inout [UInt8]) {
        let seconds = min(max(timeIntervalSince1970, Self.range.lowerBound), Self.range.upperBound)
        bytes.append(bigEndian: Int64(((seconds - Self.epoch) * 1_000_000).rounded()))
    }

    public init(decoding value: PostgresValue) throws(PostgresError) {
        try value.require(.timestamptz, for: Self.self)
        let microseconds: Int64 = try value.integer()
        self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000 + Self.epoch)
    }
}
