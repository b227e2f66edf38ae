// SPDX-License-Identifier: Apache-2.0

public import NIOCore

/// What a middleware decides about a request on its way in.
public enum Verdict: Sendable {
    /// The next middleware, and at last the responder, see the request.
    case proceed
    /// This is the answer, given at once, however little time the client still has; nothing further in sees the
    /// request.
    case respond(Reply)
    /// The verdict follows when the future, which must be of the connection's event loop, is fulfilled. A failure is
    /// answered with 500. The request's deadline runs meanwhile.
    case wait(EventLoopFuture<Verdict>)
    /// The same; what is decided then may also change the exchange, such as add fields to its answer.
    case decide(EventLoopFuture<Decision>)

    /// The answer is made by a task, as that of the responder: begun when the request has arrived whole, counted as
    /// load, within the request's deadline. Nothing further in sees the request.
    case work(Work)

    /// Makes an answer. Runs on the connection's event loop; cancelled when nobody waits for it any more.
    public typealias Work = @Sendable () async throws -> Reply

    /// A decision that is made once what it depends on is known. Runs on the connection's event loop.
    public typealias Decision = @Sendable (inout Exchange) -> Verdict
}
