// SPDX-License-Identifier: Apache-2.0

import Edge
import HTTPTypes
import Hummingbird

/// Serves the API's description, which stands beside this file.
struct OpenAPIRoute: Sendable {
    static let route = RouteTemplate(
        "/openapi.json", methods: [.get, .head], access: ProductRoutes.access)

    private static let document = ByteBuffer(bytes: PackageResources.openapi_json)

    func add(to router: Router<ProductRequestContext>) {
        router.get("openapi.json") { _, _ in
            Response(
                status: .ok, headers: [.contentType: MediaType.json.name, .cacheControl: "no-cache"],
                body: ResponseBody(byteBuffer: Self.document))
        }
    }
}
