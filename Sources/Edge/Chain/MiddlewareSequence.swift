// SPDX-License-Identifier: Apache-2.0

/// Middleware in the order of the way in, composed into one type: every call between them is a static one.
///
/// Made by ``MiddlewareChain``'s builder.
public protocol MiddlewareSequence: Sendable {
    /// How many middleware there are.
    static var count: Int { get }
    /// Runs the way in from the middleware at `position`.
    func receive(_ exchange: inout Exchange, from position: Int) -> Verdict
    /// Runs the way out from behind the middleware before `position`.
    func complete(_ exchange: inout Exchange, before position: Int)
}

/// No middleware.
public struct NoMiddleware: MiddlewareSequence {
    @inlinable init() {}

    @inlinable public static var count: Int { 0 }
    @inlinable public func receive(_ exchange: inout Exchange, from position: Int) -> Verdict { .proceed }
    @inlinable public func complete(_ exchange: inout Exchange, before position: Int) {}
}

/// Some middleware, and one behind them.
public struct MiddlewareLink<Front: MiddlewareSequence, Last: EdgeMiddleware>: MiddlewareSequence {
    @usableFromInline let front: Front
    @usableFromInline let last: Last

    @inlinable
    init(front: Front, last: Last) {
        self.front = front
        self.last = last
    }

    @inlinable public static var count: Int { Front.count + 1 }

    @inlinable
    public func receive(_ exchange: inout Exchange, from position: Int) -> Verdict {
        // The last that was seen has decided already, when it had to wait.
        if position >= Self.count { return .proceed }
        if position < Front.count {
            let verdict = front.receive(&exchange, from: position)
            guard case .proceed = verdict else { return verdict }
        }
        exchange.enteredCount = Self.count
        return last.receive(&exchange)
    }

    @inlinable
    public func complete(_ exchange: inout Exchange, before position: Int) {
        if position >= Self.count { last.complete(&exchange) }
        front.complete(&exchange, before: position)
    }
}
