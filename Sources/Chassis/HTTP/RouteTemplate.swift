// SPDX-License-Identifier: Apache-2.0

package import HTTPTypes

/// A path with named holes, and the methods it answers: `/api/v1/products/{id}`.
package struct RouteTemplate: Sendable, Hashable {
    /// The template, in OpenAPI's spelling.
    package let path: String
    package let methods: [HTTPRequest.Method]

    private let segments: [Substring]

    package init(_ path: String, methods: [HTTPRequest.Method]) {
        self.path = path
        self.methods = methods
        self.segments = path.split(separator: "/")
    }

    /// Whether a request's path is one of this template's. A slash at the end does not count, as in the router.
    package func matches(path: String) -> Bool {
        let given = path.split(separator: "/")
        return given.count == segments.count
            && zip(segments, given).allSatisfy { segment, part in segment.hasPrefix("{") || segment == part }
    }

    /// The `Allow` header: the methods, joined with commas (RFC 9110 section 10.2.1).
    package var allow: String { methods.map(\.rawValue).joined(separator: ", ") }
}
