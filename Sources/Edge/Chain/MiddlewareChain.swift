// SPDX-License-Identifier: Apache-2.0

/// The middleware that every request passes, in the order they are listed; answers pass them in the reverse.
///
/// ```swift
/// let chain = MiddlewareChain {
///     RequestIdentity()
///     AccessLog(writer: writer, level: .info)
///     WireRules(limits: .init())
/// }
/// ```
///
/// The order is fixed here for both directions, and an exchange is completed exactly once by each middleware that has
/// received it: there is no other way through.
public struct MiddlewareChain<Sequence: MiddlewareSequence>: Sendable {
    private let middleware: Sequence

    /// Composes the middleware that `build` lists.
    public init(@MiddlewareChainBuilder _ build: () -> Sequence) { middleware = build() }

    /// Runs the way in, from where it stopped to wait, if it did.
    func receive(_ exchange: inout Exchange) -> Verdict {
        middleware.receive(&exchange, from: exchange.enteredCount)
    }

    /// Runs the way out.
    func complete(_ exchange: inout Exchange) {
        middleware.complete(&exchange, before: exchange.enteredCount)
        exchange.enteredCount = 0
    }
}
