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
public struct MiddlewareChain: Sendable {
    // Closures, made where the chain is put together and every middleware's type is known: so the way through all of
    // them is compiled for these types, and what lies behind the chain need not be generic.
    @usableFromInline let wayIn: @Sendable (inout Exchange, Int) -> Verdict
    @usableFromInline let wayOut: @Sendable (inout Exchange, Int) -> Void

    /// Composes the middleware that `build` lists.
    @inlinable
    public init<Sequence: MiddlewareSequence>(@MiddlewareChainBuilder _ build: () -> Sequence) {
        let middleware = build()
        wayIn = { exchange, position in middleware.receive(&exchange, from: position) }
        wayOut = { exchange, position in middleware.complete(&exchange, before: position) }
    }

    /// Runs the way in, from where it stopped to wait, if it did.
    func receive(_ exchange: inout Exchange) -> Verdict {
        wayIn(&exchange, exchange.enteredCount)
    }

    /// Runs the way out.
    func complete(_ exchange: inout Exchange) {
        wayOut(&exchange, exchange.enteredCount)
        exchange.enteredCount = 0
    }
}
