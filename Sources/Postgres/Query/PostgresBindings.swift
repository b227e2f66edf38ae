// SPDX-License-Identifier: Apache-2.0

/// The values of a statement's parameters, in the server's binary format, one after the other.
struct PostgresBindings: Sendable {
    struct Entry: Sendable {
        let type: PostgresType
        /// Where the value begins in ``bytes``.
        let offset: Int
        /// How long it is; negative for `null`.
        let count: Int
        /// Where the SQL has its place-holder, in bytes of UTF-8.
        var placeholder: Int
    }

    /// What the protocol takes: a count of 16 bits, a message of at most 1 GiB, of which the SQL has its share.
    private static let limits = (count: 65_535, byteCount: 1 << 29)

    /// What is wrong with them, if there are too many or they are too long.
    var exceededLimit: String? {
        if entries.count > Self.limits.count { return "at most \(Self.limits.count) values: send arrays" }
        return bytes.count > Self.limits.byteCount ? "at most \(Self.limits.byteCount) bytes of values" : nil
    }

    private(set) var entries: [Entry] = []
    private(set) var bytes: [UInt8] = []

    mutating func append<Value: PostgresEncodable>(_ value: Value?, placeholder: Int) {
        let offset = bytes.count
        value?.encode(into: &bytes)
        entries.append(
            Entry(
                type: Value.postgresType, offset: offset, count: value == nil ? -1 : bytes.count - offset,
                placeholder: placeholder))
    }

    /// Takes over one value of another statement.
    mutating func append(_ entry: Entry, of other: PostgresBindings, placeholder: Int) {
        let offset = bytes.count
        if entry.count > 0 { bytes += other.bytes[entry.offset..<entry.offset + entry.count] }
        entries.append(Entry(type: entry.type, offset: offset, count: entry.count, placeholder: placeholder))
    }
}
