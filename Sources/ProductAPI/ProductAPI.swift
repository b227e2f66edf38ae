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
    private let operations: OperationRoutes?
    private let logger: Logger

    /// - Parameters:
    ///   - maximumBodyByteCount: The longest request body, in bytes.
    ///   - operations: The probes and the metrics, when they are served here, too.
    package init(
        catalogue: ProductCatalogue, cursors: CursorCodec, maximumBodyByteCount: Int, operations: OperationRoutes?,
        logger: Logger
    ) {
        products = ProductRoutes(
            catalogue: catalogue, cursors: cursors, body: RequestBodyReader(maximumByteCount: maximumBodyByteCount))
        self.operations = operations
        self.logger = logger
    }

    /// The version of the API, as in the OpenAPI document.
    package static let version = "1.0.0"

    /// The header fields that web pages of other origins may send, and read of answers.
    package static let requestHeaders = [
        "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "If-Modified-Since",
        "If-Unmodified-Since", "X-Request-Id", "traceparent", "tracestate", "baggage",
    ]
    package static let exposedHeaders = [
        "Cache-Status", "ETag", "Last-Modified", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After",
        "WWW-Authenticate", "X-Request-Id", "traceparent",
    ]

    /// The templates and methods of every route that is served here.
    package var routes: [RouteTemplate] { operations == nil ? Self.ownRoutes : Self.allRoutes }

    private static let ownRoutes = ProductRoutes.routes + [healthRoute, OpenAPIRoute.route]

    /// Those of a service without an admin listener.
    package static let allRoutes = ownRoutes + OperationRoutes.routes

    package func responder() -> RouterResponder<ProductRequestContext> {
        let router = Router(context: ProductRequestContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: ProblemMiddleware(routes: routes, logger: logger))
        products.add(to: router)
        router.get("health") { _, _ in Response.plainText("OK") }
        OpenAPIRoute().add(to: router)
        operations?.add(to: router)
        return router.buildResponder()
    }

    private static let healthRoute = RouteTemplate(
        "/health", methods: [.get, .head], access: .anyone, purpose: .operation)
}
