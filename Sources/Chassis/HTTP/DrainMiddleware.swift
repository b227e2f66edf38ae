// SPDX-License-Identifier: Apache-2.0

package import Hummingbird

/// Asks clients to go elsewhere while the service is on its way to stop: every answer then closes its connection.
package struct DrainMiddleware<Context: RequestContext>: RouterMiddleware {
    private let health: Health

    package init(health: Health) { self.health = health }

    package func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        if health.isDraining { response.headers[.connection] = "close" }
        return response
    }
}
