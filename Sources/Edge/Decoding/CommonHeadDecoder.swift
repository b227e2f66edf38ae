// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore

/// Decodes the requests that are nearly all of the traffic, where they lie: HTTP/1.1, without a body, in plain ASCII,
/// whole, and far from every limit.
///
/// It is strict and declines whatever is unusual, which is then NIO's decoder's to read or to refuse: of what it takes,
/// it makes what that one would. Nothing is copied, unless it lies in memory that is much larger.
///
/// Source: RFC 9112 sections 3 and 5, RFC 9110 section 5.
struct CommonHeadDecoder: Sendable {
    /// The longest header section that is looked at, in bytes: so short that it is within every limit.
    private let maximumByteCount: Int
    private let maximumFieldCount: Int

    /// Nothing longer is decoded here, whatever the limits.
    private static let mostBytes = 4096

    init(_ configuration: EdgeConfiguration) {
        maximumByteCount = min(
            Self.mostBytes, configuration.maximumTargetByteCount, configuration.maximumHeaderFieldByteCount,
            configuration.maximumHeaderByteCount)
        maximumFieldCount = configuration.maximumHeaderFieldCount
    }

    /// The request that the bytes begin with, and how many of them it is; nil when it is not for this decoder.
    func decode(_ bytes: ByteBuffer) -> (head: RequestHead, byteCount: Int)? {
        var reader = HeadReader(maximumByteCount: maximumByteCount, maximumFieldCount: maximumFieldCount)
        let isRead = bytes.withUnsafeReadableBytes { reader.read($0) }
        guard isRead, let method = reader.method,
            var section = bytes.getSlice(at: bytes.readerIndex, length: reader.position)
        else { return nil }
        // A request keeps the memory that its head lies in: not much more than it needs.
        if bytes.storageCapacity > Self.mostBytes { section = ByteBuffer(bytes: section.readableBytesView) }
        let head = RequestHead(
            method: method, target: reader.target, isValid: reader.hasValidTarget, minorVersion: 1,
            isKeepAlive: !reader.closes, fields: HeaderFields(bytes: section, places: reader.places))
        return (head, reader.position)
    }
}
