// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore

/// Where a responder's answer goes. To be used on the connection's event loop; what comes for another exchange than the
/// one under way comes too late and is dropped.
protocol ResponseSink: AnyObject {
    /// Writes an answer that is whole.
    func respond(_ reply: Reply, number: Int)
    /// Writes an answer whose body is known.
    func respond(_ head: HTTPResponse, body: ByteBuffer, number: Int)
    /// Writes the header section of an answer whose body comes in parts. Returns false when nobody waits for it.
    ///
    /// - Parameter length: The length of the body, when it is known.
    func beginStream(_ head: HTTPResponse, length: Int?, number: Int) -> Bool
    /// Writes a part. Returns a future when the client has yet to take what was written before the next.
    func writePart(_ bytes: ByteBuffer, number: Int) -> EventLoopFuture<Void>?
    func endStream(number: Int)
    /// The responder has thrown an error.
    func workFailed(number: Int)
    /// The task is at its end, and gives its part of the load back.
    func workEnded(number: Int, heldByteCount: Int)
}
