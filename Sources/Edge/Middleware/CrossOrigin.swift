// SPDX-License-Identifier: Apache-2.0

public import HTTPTypes

/// Lets web pages of other origins call the service: preflights and headers (Fetch standard, section 3.2).
///
/// Origins are compared whole, letter by letter. With `*` any page may call, and never with credentials; a page of an
/// origin that is listed may use them. Without a policy nothing is said, and browsers refuse.
public struct CrossOrigin: EdgeMiddleware {
    /// Whose pages may call.
    public enum Origins: Sendable, Hashable {
        case none
        /// Any page, without credentials.
        case any
        /// The pages of these origins, such as `https://shop.example`.
        case listed(Set<String>)
    }

    private let origins: Origins
    private let preflightFields: HTTPFields
    private let exposedHeaders: String

    /// - Parameters:
    ///   - methods: The methods that pages may use.
    ///   - requestHeaders: The header fields that pages may send.
    ///   - exposedHeaders: The header fields of answers that pages may read.
    ///   - maximumAge: How long a browser may go by one preflight, in seconds.
    public init(
        origins: Origins, methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete],
        requestHeaders: [String] = [], exposedHeaders: [String] = [], maximumAge: Int = 600
    ) {
        self.origins = origins
        self.exposedHeaders = exposedHeaders.joined(separator: ", ")
        preflightFields = [
            .accessControlAllowMethods: methods.map(\.rawValue).joined(separator: ", "),
            .accessControlAllowHeaders: requestHeaders.joined(separator: ", "),
            .accessControlMaxAge: "\(maximumAge)",
        ]
    }

    public func receive(_ exchange: inout Exchange) -> Verdict {
        if origins == .none { return .proceed }
        if case .listed = origins { exchange.addField(.vary, "Origin") }
        guard let request = exchange.request, let origin = request[.origin], isAllowed(origin) else { return .proceed }
        if origins == .any {
            exchange.addField(.accessControlAllowOrigin, "*")
        } else {
            exchange.addField(.accessControlAllowOrigin, origin)
            exchange.addField(.accessControlAllowCredentials, "true")
        }
        if request.method == .options, request[.accessControlRequestMethod] != nil {
            return .respond(Reply(status: .noContent, fields: preflightFields))
        }
        if !exposedHeaders.isEmpty { exchange.addField(.accessControlExposeHeaders, exposedHeaders) }
        return .proceed
    }

    private func isAllowed(_ origin: String) -> Bool {
        switch origins {
        case .none: false
        case .any: true
        case .listed(let origins): origins.contains(origin)
        }
    }
}
