// SPDX-License-Identifier: Apache-2.0

/// One link of the chain that every request passes, on its connection's event loop.
///
/// Both halves are synchronous and must not block, nor write to the connection: they run between two reads of the
/// socket, and have the exchange to themselves. What takes time goes into a future (``Verdict/wait(_:)``). A middleware
/// that answers every request of one path:
///
/// ```swift
/// struct Greeting: EdgeMiddleware {
///     private let reply = Reply(
///         status: .ok, fields: [.contentType: "text/plain"], body: ByteBuffer(string: "Hello"))
///
///     func receive(_ exchange: inout Exchange) -> Verdict {
///         exchange.request?.path == "/greeting" ? .respond(reply) : .proceed
///     }
/// }
///
/// let chain = MiddlewareChain {
///     RequestIdentity()
///     WireRules()
///     Greeting()
/// }
/// ```
public protocol EdgeMiddleware: Sendable {
    /// On the way in: lets the request pass, answers it, or waits. Called at most once for each exchange, as soon as
    /// the head has arrived; the body is still to come.
    func receive(_ exchange: inout Exchange) -> Verdict

    /// On the way out, in the reverse order: sees the final status, the byte counts and the duration, or the abort.
    ///
    /// Called exactly once for each exchange that ``receive(_:)-swift.requirement`` has seen, and for no other.
    func complete(_ exchange: inout Exchange)
}

extension EdgeMiddleware {
    public func receive(_ exchange: inout Exchange) -> Verdict { .proceed }
    public func complete(_ exchange: inout Exchange) {}
}
