// SPDX-License-Identifier: Apache-2.0

package import Chassis
package import Edge
import HTTPTypes
package import Hummingbird
package import Logging
package import Products

/// The catalogue over HTTP: everything behind the API's listener.
package struct ProductAPI: Sendable {
    private let products: ProductRoutes
    private let health: Health
    private let servesProbes: Bool
    private let logger: Logger

    /// - Parameters:
    ///   - maximumBodyByteCount: The longest request body, in bytes.
    ///   - servesProbes: Whether the probes are served here, too.
    package init(
        catalogue: ProductCatalogue, cursors: CursorCodec, health: Health, maximumBodyByteCount: Int,
        servesProbes: Bool, logger: Logger
    ) {
        products = ProductRoutes(
            catalogue: catalogue, cursors: cursors, body: RequestBodyReader(maximumByteCount: maximumBodyByteCount))
        self.health = health
        self.servesProbes = servesProbes
        self.logger = logger
    }

    /// The version of the API, as in the OpenAPI document.
    package static let version = "1.0.0"

    /// The header fields that web pages of other origins may send, and read of answers.
    package static let requestHeaders = [
        "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "If-Modified-Since",
        "If-Unmodified-Since", "X-Request-Id",
    ]
    package static let exposedHeaders = ["ETag", "Last-Modified", "Link", "Location", "Retry-After", "X-Request-Id"]

    /// The templates and methods of every route.
    package var routes: [RouteTemplate] {
        ProductRoutes.routes + [Self.healthRoute, OpenAPIRoute.route] + (servesProbes ? ProbeRoutes.routes : [])
    }

    package func responder() -> RouterResponder<ProductRequestContext> {
        let router = Router(context: ProductRequestContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: ProblemMiddleware(routes: routes, logger: logger))
        products.add(to: router)
        router.get("health") { _, _ in Response.plainText("OK") }
        OpenAPIRoute().add(to: router)
        if servesProbes { ProbeRoutes(health: health).add(to: router) }
        return router.buildResponder()
    }

    private static let healthRoute = RouteTemplate("/health", methods: [.get, .head], purpose: .operation)
}
