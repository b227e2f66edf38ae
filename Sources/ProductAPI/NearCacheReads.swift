// SPDX-License-Identifier: Apache-2.0

package import Edge
import HTTPTypes
import NIOCore
package import Products

/// Answers reads of single products that the process has at hand, on the connection's event loop, with bytes that were
/// encoded before: `GET` and `HEAD`, with conditions or without.
///
/// It gives the answers that the router behind it would. Whatever it does not know to answer in that way passes: ids
/// that are not at hand or that no product has, requests with a body, media types that must be weighed, conditions that
/// are malformed or not met. Stands last in the chain: who may ask, and how often, has been decided before.
package struct NearCacheReads: EdgeMiddleware {
    private let products: (any NearProducts)?

    /// What `Cache-Status` tells of such an answer (RFC 9211).
    static let cacheStatus = "near; hit"

    private static let pathPrefix = Array("\(ProductRoutes.collectionPath)/".utf8)

    /// - Parameter products: Nil for none: then everything passes.
    package init(products: (any NearProducts)?) { self.products = products }

    package func receive(_ exchange: inout Exchange) -> Verdict {
        guard let products, let request = exchange.request, request.method == .get || request.method == .head,
            request.bodyLength == .told(0), let id = request.withPath(Self.id), acceptsJSON(request),
            let product = products.encodedProduct(withID: id), let reply = reply(with: product, to: request)
        else { return .proceed }
        exchange.cacheStatus = Self.cacheStatus
        return .respond(reply)
    }

    private static func id(in path: UnsafeBufferPointer<UInt8>) -> ProductID? {
        guard path.count > pathPrefix.count, path.prefix(pathPrefix.count).elementsEqual(pathPrefix) else {
            return nil
        }
        return ProductID(utf8: UnsafeBufferPointer(rebasing: path[pathPrefix.count...]))
    }

    /// Whether there is nothing to weigh.
    private func acceptsJSON(_ request: RequestHead) -> Bool {
        guard let accept = request.joined(.accept) else { return true }
        return accept == "*/*" || accept == MediaType.json.name
    }

    private func reply(with product: EncodedProduct, to request: RequestHead) -> Reply? {
        let conditions: Preconditions
        do { conditions = try Preconditions { request.joined($0) } } catch { return nil }
        switch conditions.forReading(version: product.version, updatedAt: product.updatedAt) {
        case .answer:
            return Reply(
                status: .ok, encoded: product.bytes, fields: 0..<product.fieldEnd,
                body: product.fieldEnd..<product.bytes.count, declares: .cacheControl)
        case .notModified:
            return Reply(
                status: .notModified, encoded: product.bytes, fields: 0..<product.validatorEnd, body: 0..<0,
                declares: .cacheControl)
        case .failed: return nil
        }
    }
}
