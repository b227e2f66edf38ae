// SPDX-License-Identifier: Apache-2.0

package import Edge
import HTTPTypes
package import Products

/// Answers reads of single products, `GET` and `HEAD`, with conditions or without: those that the process has at hand
/// at once, on the connection's event loop, with bytes that were encoded before; the others by a task that asks the
/// catalogue, past the router.
///
/// It gives the answers that the router would. Whatever it does not know to answer in that way passes on to that: paths
/// that are no product's, requests with a body, media types that must be weighed, malformed conditions. Stands last in
/// the chain: who may ask, and how often, has been decided before.
package struct ProductReads: EdgeMiddleware {
    private let catalogue: ProductCatalogue
    private let near: (any NearProducts)?

    /// What `Cache-Status` tells of an answer at once (RFC 9211).
    private static let nearHit = "near; hit"
    private static let pathPrefix = Array("\(ProductRoutes.collectionPath)/".utf8)

    /// - Parameters:
    ///   - catalogue: Asked for what is not at hand.
    ///   - near: What is at hand; nil for nothing.
    package init(catalogue: ProductCatalogue, near: (any NearProducts)?) {
        self.catalogue = catalogue
        self.near = near
    }

    package func receive(_ exchange: inout Exchange) -> Verdict {
        guard let request = exchange.request, request.method == .get || request.method == .head,
            let id = request.withPath(Self.id), request.bodyLength == .told(0), Self.acceptsJSON(request),
            let conditions = try? Preconditions({ request.joined($0) })
        else { return .proceed }
        guard let product = near?.encodedProduct(withID: id) else {
            return .work { [catalogue] in await Self.read(id, if: conditions, of: request, from: catalogue) }
        }
        return .respond(Self.reply(with: product, if: conditions, to: request, cacheStatus: Self.nearHit))
    }

    private static func id(in path: UnsafeBufferPointer<UInt8>) -> ProductID? {
        guard path.count > pathPrefix.count, path.prefix(pathPrefix.count).elementsEqual(pathPrefix) else {
            return nil
        }
        return ProductID(utf8: UnsafeBufferPointer(rebasing: path[pathPrefix.count...]))
    }

    /// Whether there is nothing to weigh.
    private static func acceptsJSON(_ request: RequestHead) -> Bool {
        guard let accept = request.joined(.accept) else { return true }
        return accept == "*/*" || accept == MediaType.json.name
    }

    // MARK: - Answers

    private static func read(
        _ id: ProductID, if conditions: Preconditions, of request: RequestHead, from catalogue: ProductCatalogue
    ) async -> Reply {
        let trace = CacheTrace()
        let result: Result<Product, ProductError> = await CacheTrace.$current.withValue(trace) {
            do throws(ProductError) {
                return .success(try await catalogue.product(withID: id))
            } catch {
                return .failure(error)
            }
        }
        let status = trace.report?.cacheStatus
        switch result {
        case .success(let product):
            return reply(
                with: ProductDocument.encoded(product), if: conditions, to: request, cacheStatus: status)
        case .failure(let error): return problem(error, to: request, cacheStatus: status)
        }
    }

    private static func reply(
        with product: EncodedProduct, if conditions: Preconditions, to request: RequestHead, cacheStatus: String?
    ) -> Reply {
        var reply: Reply
        switch conditions.forReading(version: product.version, updatedAt: product.updatedAt) {
        case .answer:
            reply = Reply(
                status: .ok, encoded: product.bytes, fields: 0..<product.fieldEnd,
                body: product.fieldEnd..<product.bytes.count, declares: .cacheControl)
        case .notModified:
            reply = Reply(
                status: .notModified, encoded: product.bytes, fields: 0..<product.validatorEnd, body: 0..<0,
                declares: .cacheControl)
        case .failed: return problem(.conditionFailed, to: request, cacheStatus: cacheStatus)
        }
        reply.cacheStatus = cacheStatus
        return reply
    }

    private static func problem(_ error: ProductError, to request: RequestHead, cacheStatus: String?) -> Reply {
        var reply = Problem(error).reply(to: request)
        reply.cacheStatus = cacheStatus
        return reply
    }
}
