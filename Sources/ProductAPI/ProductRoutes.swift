// SPDX-License-Identifier: Apache-2.0

import Edge
import HTTPTypes
import Hummingbird
import Products

/// The routes of the products.
struct ProductRoutes: Sendable {
    private let catalogue: ProductCatalogue
    private let cursors: CursorCodec
    private let body: RequestBodyReader

    static let collectionPath = "/api/v1/products"

    static let access = Access.scopes(read: "products:read", write: "products:write")

    static let routes = [
        RouteTemplate(collectionPath, methods: [.get, .head, .post], access: access),
        RouteTemplate("\(collectionPath)/{id}", methods: [.get, .head, .put, .patch, .delete], access: access),
    ]

    init(catalogue: ProductCatalogue, cursors: CursorCodec, body: RequestBodyReader) {
        self.catalogue = catalogue
        self.cursors = cursors
        self.body = body
    }

    func add(to router: Router<ProductRequestContext>) {
        let products = router.group("api/v1/products")
        products.post { request, context in try await answer { try await create(request, context) } }
        products.get { request, context in try await answer { try await list(request, context) } }
        products.get(":id") { request, context in try await answer { try await read(request, context) } }
        products.put(":id") { request, context in
            try await answer { try await update(request, context, from: [.json]) }
        }
        products.patch(":id") { request, context in
            try await answer { try await update(request, context, from: [.json, .mergePatch]) }
        }
        products.delete(":id") { request, context in try await answer { try await delete(request, context) } }
    }

    /// Gives the domain's errors their problem documents, and tells what caches had to do with the answer.
    private func answer(_ handler: () async throws -> Response) async throws -> Response {
        let trace = CacheTrace()
        do {
            var response = try await CacheTrace.$current.withValue(trace) { try await handler() }
            response.headers[.cacheStatus] = trace.report?.cacheStatus
            return response
        } catch let error as ProductError {
            var problem = Problem(error)
            problem.headers[.cacheStatus] = trace.report?.cacheStatus
            throw problem
        }
    }
}

// MARK: - Handlers

extension ProductRoutes {
    private func create(_ request: Request, _ context: ProductRequestContext) async throws -> Response {
        try MediaType.json.requireAcceptable(for: request)
        let json = try await body.json(of: request, as: [.json]).value
        let draft = try ProductInput.draft(from: json)
        let key = try request.headers[.idempotencyKey].map { value in
            try IdempotencyKey(caller: context.caller, value: value)
        }
        let product = try await catalogue.create(draft, idempotencyKey: key)
        var response = ProductDocument.response(for: product, status: .created)
        response.headers[.location] = "\(Self.collectionPath)/\(product.id)"
        return response
    }

    private func list(_ request: Request, _ context: ProductRequestContext) async throws -> Response {
        try MediaType.json.requireAcceptable(for: request)
        let parameters = try ListParameters(query: request.uri.query)
        let query = try await parameters.query(for: context.caller, cursors: cursors)
        let page = try await catalogue.list(query)
        var next: String?
        if let position = page.next {
            next = try await cursors.encode(position, for: CursorScope(query, caller: context.caller))
        }
        return ProductDocument.response(for: page, of: query, parameters: parameters, nextCursor: next)
    }

    private func read(_ request: Request, _ context: ProductRequestContext) async throws -> Response {
        try MediaType.json.requireAcceptable(for: request)
        let product = try await catalogue.product(withID: try id(in: context))
        switch try Preconditions(request.headers).forReading(product) {
        case .answer: return ProductDocument.response(for: product, status: .ok)
        case .notModified: return ProductDocument.notModified(product)
        case .failed: throw ProductError.conditionFailed
        }
    }

    private func update(
        _ request: Request, _ context: ProductRequestContext, from mediaTypes: [MediaType]
    ) async throws -> Response {
        try MediaType.json.requireAcceptable(for: request)
        let id = try id(in: context)
        let condition = try Preconditions(request.headers).forWriting()
        let (json, mediaType) = try await body.json(of: request, as: mediaTypes)
        let changes = try ProductInput.changes(from: json, isMergePatch: mediaType == .mergePatch)
        let product = try await catalogue.update(id, with: changes, if: condition)
        return ProductDocument.response(for: product, status: .ok)
    }

    private func delete(_ request: Request, _ context: ProductRequestContext) async throws -> Response {
        let condition = try Preconditions(request.headers).forWriting()
        try await catalogue.delete(try id(in: context), if: condition)
        return Response(status: .noContent)
    }

    private func id(in context: ProductRequestContext) throws -> ProductID {
        guard let id = ProductID(try context.parameters.require("id")) else { throw Problem.notFound }
        return id
    }
}
