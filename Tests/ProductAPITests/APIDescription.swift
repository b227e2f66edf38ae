// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

/// The OpenAPI document that stands in the sources.
struct APIDescription: Sendable {
    /// The documented statuses by method and template.
    let operations: [String: Set<Int>]
    let problemTypes: Set<String>

    init() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/ProductAPI/OpenAPI/openapi.json")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: file.standardized)) as? [String: Any])
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        var operations: [String: Set<Int>] = [:]
        for (path, item) in paths {
            for (method, operation) in item where method != "parameters" {
                let responses = try #require((operation as? [String: Any])?["responses"] as? [String: Any])
                operations["\(method.uppercased()) \(path)"] = Set(responses.keys.compactMap { Int($0) })
            }
        }
        self.operations = operations
        let components = try #require(document["components"] as? [String: [String: Any]])
        let problem = try #require(components["schemas"]?["Problem"] as? [String: Any])
        let type = try #require((problem["properties"] as? [String: [String: Any]])?["type"])
        problemTypes = Set(try #require(type["enum"] as? [String]))
    }

    func statuses(of method: String, _ path: String) -> Set<Int> { operations["\(method) \(path)"] ?? [] }
}
