// SPDX-License-Identifier: Apache-2.0

/// Who may use a route. Every route has one: ``RouteTemplate`` cannot be made without.
public enum Access: Sendable, Hashable {
    /// Anyone, without a token.
    case anyone
    /// Whoever has a token with a scope: one for `GET`, `HEAD` and `OPTIONS`, another for every other method.
    case scopes(read: String, write: String)
}
