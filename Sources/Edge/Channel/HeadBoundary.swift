// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Finds the ends of header sections, CR LF CR LF, in bytes that come in pieces.
///
/// A chunked body ends in the same four bytes (RFC 9112 section 7.1), with trailers and without.
struct HeadBoundary {
    /// The last four bytes that were seen.
    private var window: UInt32 = 0
    private static let end: UInt32 = 0x0d0a_0d0a

    /// How many of the bytes belong to the section: up to and with its end, or all.
    mutating func advance(over bytes: ByteBufferView) -> (count: Int, isEnd: Bool) {
        bytes.withUnsafeBytes { bytes in
            for index in bytes.indices {
                window = window << 8 | UInt32(bytes[index])
                if window == Self.end {
                    window = 0
                    return (index + 1, true)
                }
            }
            return (bytes.count, false)
        }
    }

    mutating func reset() { window = 0 }
}
