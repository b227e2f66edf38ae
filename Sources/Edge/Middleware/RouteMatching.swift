// SPDX-License-Identifier: Apache-2.0

/// Finds the route template that a request's path is of, for those behind it and for the log.
///
/// Answers nothing: paths of no route are the responder's.
public struct RouteMatching: EdgeMiddleware {
    private let routes: [RouteTemplate]

    /// - Parameter routes: The first that matches counts.
    public init(_ routes: [RouteTemplate]) { self.routes = routes }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        exchange.route = exchange.request?.withPath { path in routes.first { $0.matches(path) } }
        return .proceed
    }
}
