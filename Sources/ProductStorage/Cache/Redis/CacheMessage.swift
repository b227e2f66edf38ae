// SPDX-License-Identifier: Apache-2.0

import Products
import Redis

/// What is published of a write: the id of the product, in 16 bytes.
enum CacheMessage {
    static func encode(_ id: ProductID) -> RedisArgument {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for half in [id.high, id.low] { withUnsafeBytes(of: half.bigEndian) { bytes.append(contentsOf: $0) } }
        return RedisArgument(bytes)
    }

    /// Nil for a message of a write to no product, and for what is no message.
    static func decode(_ bytes: [UInt8]) -> ProductID? {
        guard bytes.count == 16 else { return nil }
        return bytes.withUnsafeBytes { bytes in
            ProductID(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}
