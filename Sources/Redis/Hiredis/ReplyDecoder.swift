// SPDX-License-Identifier: Apache-2.0

import CHiredis

/// Reads replies out of the bytes of a connection, with hiredis' reader. Not thread-safe.
final class ReplyDecoder {
    /// Owned: freed at the end.
    private let reader: OpaquePointer
    private let builder: ReplyBuilder

    /// hiredis moves what is left of its buffer after each KiB that it has read: with large pieces, that costs more
    /// than the reading (measured: 32 times as much at 1 MiB as at 4 KiB).
    private static let pieceByteCount = 8192

    init(limits: ReplyLimits = ReplyLimits()) {
        builder = ReplyBuilder(limits: limits)
        let sink = chiredis_sink(
            value: { context, kind, bytes, length, integer in
                ReplyDecoder.builder(at: context)?.value(kind, bytes: bytes, length: length, integer: integer) ?? false
            },
            array: { context, count in ReplyDecoder.builder(at: context)?.array(count) ?? false })
        // The builder lives as long as the reader: both end with this.
        guard let reader = chiredis_reader_create(sink, Unmanaged.passUnretained(builder).toOpaque()) else {
            preconditionFailure("out of memory")
        }
        self.reader = reader
    }

    deinit { chiredis_reader_free(reader) }

    private static func builder(at context: UnsafeMutableRawPointer?) -> ReplyBuilder? {
        context.map { Unmanaged<ReplyBuilder>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Reads on, and hands over each reply that has come to its end; an error of the server is one.
    ///
    /// Throws ``RedisError/Code/unexpectedReply`` when the bytes are no replies or one is too large: nothing can be
    /// read from then on.
    func decode(_ bytes: UnsafeRawBufferPointer, _ body: (RedisReply) -> Void) throws(RedisError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceByteCount))
            rest = rest.dropFirst(piece.count)
            guard chiredis_reader_feed(reader, piece.baseAddress?.assumingMemoryBound(to: CChar.self), piece.count)
            else { throw failure() }
            try drain(body)
        }
    }

    private func drain(_ body: (RedisReply) -> Void) throws(RedisError) {
        while true {
            switch chiredis_reader_next(reader) {
            case CHIREDIS_REPLY:
                guard let reply = builder.takeReply() else { throw failure() }
                body(reply)
            case CHIREDIS_INCOMPLETE:
                guard builder.mayHold(chiredis_reader_held(reader)) else { throw failure() }
                return
            default:
                throw failure()
            }
        }
    }

    private func failure() -> RedisError {
        RedisError(.unexpectedReply, message: builder.refusal ?? String(cString: chiredis_reader_failure(reader)))
    }
}
