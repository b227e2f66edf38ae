// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// Writes commands in the form they have on the wire: an array of bulk strings.
///
/// Source: the Redis serialization protocol specification, version 2, "Sending commands to a Redis server".
enum RESPEncoding {
    /// The longest `$1234567890\r\n`, and the end of the line behind the bytes.
    static let lengthLineByteCount = 24

    /// Appends a command, straight into the buffer that is written.
    static func append(_ command: RedisCommand, to buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: command.maximumWireByteCount) { target in
            var writer = Writer(target: target)
            writer.line("*", command.arguments.count + 1)
            var name = command.name
            name.withUTF8 { writer.bulk(UnsafeRawBufferPointer($0)) }
            for argument in command.arguments { argument.bytes.withUnsafeBytes { writer.bulk($0) } }
            return writer.count
        }
    }

    private struct Writer {
        let target: UnsafeMutableRawBufferPointer
        var count = 0

        mutating func line(_ kind: Unicode.Scalar, _ number: Int) {
            byte(UInt8(ascii: kind))
            var divisor = 1
            while number / divisor >= 10 { divisor *= 10 }
            while divisor > 0 {
                byte(UInt8(ascii: "0") + UInt8(number / divisor % 10))
                divisor /= 10
            }
            lineEnd()
        }

        mutating func bulk(_ bytes: UnsafeRawBufferPointer) {
            line("$", bytes.count)
            UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(from: bytes)
            count += bytes.count
            lineEnd()
        }

        private mutating func byte(_ value: UInt8) {
            target[count] = value
            count += 1
        }

        private mutating func lineEnd() {
            byte(0x0d)
            byte(0x0a)
        }
    }
}
