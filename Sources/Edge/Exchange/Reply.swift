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
    /// The body; empty for none.
    public let body: ByteBuffer
    /// Whether the connection ends behind this answer.
    public var closesConnection: Bool

    /// `Name: value` lines, each ended by CR LF.
    let fieldLines: [UInt8]
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
        self.body = body
        self.closesConnection = closesConnection
        (fieldLines, declares) = FieldLines.encode(fields)
    }
}
