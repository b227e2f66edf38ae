// SPDX-License-Identifier: Apache-2.0

import Chassis
import Edge
import Logging
import NIOPosix
import Postgres
import PostgresTesting
import ProductAPI
import ProductStorage
import Products
import ProductsTesting
import PrometheusMetrics
import ServiceLifecycle
import ServiceTesting

/// Which store the API under test stands on.
enum Backend: String, CaseIterable, Sendable {
    case memory
    /// In memory, behind the cache in the process, which answers what it can at the edge.
    case near
    case sqlite
    case postgres
}

/// The API on a real listener, for one test.
struct APIServer: Sendable {
    let client: APIClient
    let clock: ManualWallClock
    /// The store behind the API.
    let repository: any RepositoryContract.Repository

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` against a fresh API, over the store that is given or one of the kind, and checks every answer it
    /// gets against the served description.
    static func run(
        on backend: Backend = .memory, over given: (any RepositoryContract.Repository)? = nil,
        maximumBodyByteCount: Int = 1 << 20,
        _ body: (APIServer) async throws -> Void
    ) async throws {
        let logger = quiet
        let folder = try TemporaryFolder()
        let store = SQLiteStore(path: folder("products.db"), logger: logger)
        let repository: any RepositoryContract.Repository
        var nearProducts: (any NearProducts)?
        switch backend {
        case .memory: repository = given ?? InMemoryProductRepository()
        case .near:
            let cached = CachedProductRepository(
                InMemoryProductRepository(), redis: nil, encode: ProductDocument.encoded, logger: logger)
            (repository, nearProducts) = (cached, cached)
        case .sqlite:
            await store.open()
            repository = SQLiteProductRepository(store: store)
        case .postgres:
            let server = try await PostgresServer.start()
            let store = try PostgresStore(PostgresConfiguration(url: server.url()), logger: logger)
            guard await store.open() else { throw PostgresServer.Failure(description: server.log) }
            try await run(
                over: PostgresProductRepository(store: store), maximumBodyByteCount: maximumBodyByteCount, body)
            return await store.close()
        }
        let clock = ManualWallClock()
        let health = Health(checks: [], logger: logger)
        let catalogue = ProductCatalogue(repository: repository, clock: clock)
        let api = ProductAPI(
            catalogue: catalogue,
            cursors: CursorCodec(keys: repository, clock: clock), maximumBodyByteCount: maximumBodyByteCount,
            operations: OperationRoutes(health: health, scrape: MetricsScrape(registry: MetricsRegistry())),
            logger: logger)
        let state = ListenerState()
        var edge = EdgeConfiguration()
        edge.maximumBodyByteCount = maximumBodyByteCount
        // What the API makes of long targets is to be seen: the edge's own limit is the edge's tests'.
        edge.maximumTargetByteCount = 64 << 10
        let listener = HTTPListener(
            name: "test", host: "127.0.0.1", port: (0, HTTPConfiguration.portKey), configuration: edge,
            chain: MiddlewareChain {
                RequestIdentity()
                WireRules(edge)
                ProductReads(catalogue: catalogue, near: nearProducts)
            },
            responder: api.responder(), health: health, eventLoopGroup: .singleton, state: state, logger: logger)
        let group = ServiceGroup(services: [listener], logger: logger)
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await wait(for: "the listener") { state.port != nil }
            let client = APIClient(port: state.port ?? 0, routes: api.routes, description: try APIDescription())
            do {
                try await body(APIServer(client: client, clock: clock, repository: repository))
            } catch {
                await group.triggerGracefulShutdown()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        store.close()
    }
}
