// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes
public import NIOCore

/// An answer given at the edge: status, fields and the whole body.
///
/// The fields are encoded once, when the reply is made: one that is given again and again is best made once and kept.
/// The edge adds `Date`, `Content-Length`, `Connection` and what the middleware have asked for.
public struct Reply: Sendable {
    /// The status; without a body for 204 and 304.
    public let status: HTTPResponse.Status
    /// Whether the connection ends behind this answer.
    public var closesConnection: Bool

    /// What caches had to do with it, for the log, and for the client as `Cache-Status` (RFC 9211); nil to tell
    /// nothing.
    package var cacheStatus: String?

    /// `Name: value` lines, each ended by CR LF, and the body.
    private let bytes: [UInt8]
    private let fieldRange: Range<Int>
    private let bodyRange: Range<Int>
    let declares: DeclaredFields

    /// - Parameters:
    ///   - fields: The header fields. Those of framing and of the connection are left out: they are the edge's.
    ///   - body: The body; for an answer to `HEAD` as for `GET`, the edge leaves it out.
    ///   - closesConnection: Whether the connection ends behind this answer.
    public init(
        status: HTTPResponse.Status, fields: HTTPFields = [:], body: ByteBuffer = ByteBuffer(),
        closesConnection: Bool = false
    ) {
        self.status = status
        self.closesConnection = closesConnection
        var lines: [UInt8]
        (lines, declares) = FieldLines.encode(fields)
        fieldRange = 0..<lines.count
        lines.append(contentsOf: body.readableBytesView)
        bytes = lines
        bodyRange = fieldRange.upperBound..<lines.count
    }

    /// An answer that is encoded already.
    ///
    /// - Parameters:
    ///   - bytes: Holds the field lines and the body, in ranges of it.
    ///   - declares: Which of the fields that the edge would add stand in the lines.
    package init(
        status: HTTPResponse.Status, encoded bytes: [UInt8], fields: Range<Int>, body: Range<Int>,
        declares: DeclaredFields
    ) {
        self.status = status
        closesConnection = false
        self.bytes = bytes
        fieldRange = fields
        bodyRange = body
        self.declares = declares
    }

    /// The body; empty for none.
    public var body: ByteBuffer { ByteBuffer(bytes: bodyBytes) }

    var fieldLines: ArraySlice<UInt8> { bytes[fieldRange] }

    var bodyBytes: ArraySlice<UInt8> { bytes[bodyRange] }
}
