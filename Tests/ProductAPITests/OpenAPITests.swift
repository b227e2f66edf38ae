// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@Suite struct `The OpenAPI document` {
    @Test func `describes every route, and no other`() async throws {
        try await APIServer.run { api in
            let routes = api.client.routes.flatMap { route in route.methods.map { "\($0.rawValue) \(route.path)" } }
            #expect(Set(routes) == Set(api.client.description.operations.keys))
        }
    }

    @Test func `is served as it stands in the sources`() async throws {
        try await APIServer.run { api in
            let response = try await api.client.send("GET", "/openapi.json")
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appending(path: "../../Sources/ProductAPI/OpenAPI/openapi.json").standardized
            #expect(try Data(response.body) == Data(contentsOf: file))
        }
    }
}
