// SPDX-License-Identifier: Apache-2.0

package import Chassis
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

    /// The templates and methods of every route.
    package var routes: [RouteTemplate] {
        ProductRoutes.routes + [Self.healthRoute, OpenAPIRoute.route] + (servesProbes ? ProbeRoutes.routes : [])
    }

    package func responder() -> RouterResponder<ProductRequestContext> {
        let router = Router(context: ProductRequestContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: DrainMiddleware(health: health))
        router.add(middleware: ProblemMiddleware(routes: routes, logger: logger))
        products.add(to: router)
        router.get("health") { _, _ in Response.plainText("OK") }
        OpenAPIRoute().add(to: router)
        if servesProbes { ProbeRoutes(health: health).add(to: router) }
        return router.buildResponder()
    }

    private static let healthRoute = RouteTemplate("/health", methods: [.get, .head])
}
