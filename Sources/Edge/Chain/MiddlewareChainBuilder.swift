// SPDX-License-Identifier: Apache-2.0

/// Composes the middleware of a ``MiddlewareChain``.
@resultBuilder
public enum MiddlewareChainBuilder {
    /// Begins a chain.
    @inlinable
    public static func buildPartialBlock<First: EdgeMiddleware>(first: First) -> MiddlewareLink<NoMiddleware, First> {
        MiddlewareLink(front: NoMiddleware(), last: first)
    }

    /// Adds a link to a chain.
    @inlinable
    public static func buildPartialBlock<Front: MiddlewareSequence, Next: EdgeMiddleware>(
        accumulated: Front, next: Next
    ) -> MiddlewareLink<Front, Next> {
        MiddlewareLink(front: accumulated, last: next)
    }

    /// A chain without a link.
    @inlinable public static func buildBlock() -> NoMiddleware { NoMiddleware() }
}
