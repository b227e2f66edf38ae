// SPDX-License-Identifier: Apache-2.0

import CZlib

/// Compresses in the gzip format (RFC 1952), by zlib.
enum Gzip {
    /// Nil when zlib has no memory.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        // 15 bits of window, and 16 for the gzip format; level 1: a scrape is on a near network, and its time is the
        // service's.
        guard
            deflateInit2_(
                &stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)
            )
                == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        guard bytes.count <= UInt32.max else { return nil }
        let bound = Int(deflateBound(&stream, uLong(bytes.count)))
        var input = bytes
        return input.withUnsafeMutableBufferPointer { input in
            var status = Z_OK
            let output = [UInt8](unsafeUninitializedCapacity: bound) { output, count in
                // zlib reads the input and writes the output during the call alone.
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(bound)
                status = deflate(&stream, Z_FINISH)
                count = bound - Int(stream.avail_out)
            }
            return status == Z_STREAM_END ? output : nil
        }
    }
}
