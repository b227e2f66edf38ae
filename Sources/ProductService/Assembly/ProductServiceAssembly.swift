// SPDX-License-Identifier: Apache-2.0

import Chassis
import Edge
import Hummingbird
import Logging
import NIOPosix
import ProductAPI
import Products
import ServiceLifecycle
import StructuredLogging

/// Puts the service together from its settings: the one place that names adapters and bootstraps logging.
struct ProductServiceAssembly: Sendable {
    private let configuration: ProductServiceConfiguration

    init(_ configuration: ProductServiceConfiguration) { self.configuration = configuration }

    /// Serves until the first signal has been obeyed.
    func serve(until signals: TerminationSignals) async -> ExitCode {
        let writer = LogWriter(format: configuration.log.format, identity: Self.identity)
        let logger = bootstrapLogging { label in
            StructuredLogHandler(label: label, writer: writer, metadataProvider: .requestID)
        }
        OpenFileLimit.raise(
            forConnections: configuration.http.edge.maximumConnectionCount + Self.maximumAdminConnectionCount,
            logger: logger)
        let group = MultiThreadedEventLoopGroup.singleton
        let store = ProductStore(configuration.database.location, logger: logger)
        let listener = ListenerState()
        let startCheck = HealthCheck("listening", in: [.startup]) { listener.port != nil ? nil : "not listening yet" }
        let health = Health(checks: [startCheck, .eventLoops(of: group)] + store.checks, logger: logger)
        let api = ProductAPI(
            catalogue: ProductCatalogue(repository: store.repository),
            cursors: CursorCodec(keys: store.repository),
            health: health,
            maximumBodyByteCount: configuration.http.edge.maximumBodyByteCount,
            servesProbes: configuration.admin.port == nil,
            logger: logger)
        let parts = ListenerParts(health: health, group: group, writer: writer, logger: logger)
        let runner = ServiceRunner(
            health: health, shutdown: configuration.shutdown, signals: signals, logger: logger,
            beforeExit: { writer.flush() })
        // Started in this order, stopped in the reverse.
        let services = [
            adminListener(of: parts), store.service, apiListener(for: api, of: parts, state: listener),
        ]
        return await runner.run(services.compactMap { $0 })
    }

    /// Runs a command on the open store. Its log goes to standard error.
    ///
    /// - Parameter isReadOnly: Whether to create and change nothing.
    func withStore(
        isReadOnly: Bool = false, _ body: (any ProductStore.Repository) async -> ExitCode
    ) async throws -> ExitCode {
        let logger = bootstrapLogging(StreamLogHandler.standardError)
        guard case .sqlite = configuration.database.location else {
            let detail = "must name a database that lasts, such as sqlite:PATH"
            throw ConfigurationProblem(key: DatabaseConfiguration.urlKey.environmentName, detail: detail)
        }
        let store = ProductStore(configuration.database.location, isReadOnly: isReadOnly, logger: logger)
        guard await store.open() else { return .failed }
        defer { store.close() }
        return await body(store.repository)
    }

    /// What both listeners are made of.
    private struct ListenerParts {
        let health: Health
        let group: MultiThreadedEventLoopGroup
        let writer: LogWriter
        let logger: Logger
    }

    private func apiListener(for api: ProductAPI, of parts: ListenerParts, state: ListenerState) -> any Service {
        let http = configuration.http
        let load = RequestLoad(limit: http.maximumInFlightCount, byteLimit: http.maximumHeldByteCount)
        let chain = MiddlewareChain {
            RequestIdentity()
            RouteMatching(api.routes)
            AccessLog(writer: parts.writer, level: configuration.log.level)
            WireRules(http.edge)
            CrossOrigin(
                origins: configuration.crossOrigin.origins, requestHeaders: ProductAPI.requestHeaders,
                exposedHeaders: ProductAPI.exposedHeaders)
            LoadShedding(load: load)
        }
        return HTTPListener(
            name: "api", host: http.host, port: (http.port, HTTPConfiguration.portKey), configuration: http.edge,
            chain: chain, responder: api.responder(), load: load,
            health: parts.health, eventLoopGroup: parts.group, state: state, logger: parts.logger)
    }

    private func adminListener(of parts: ListenerParts) -> (any Service)? {
        guard let port = configuration.admin.port else { return nil }
        let router = Router(options: [.autoGenerateHeadEndpoints])
        router.add(middleware: ProblemMiddleware(routes: ProbeRoutes.routes, logger: parts.logger))
        ProbeRoutes(health: parts.health).add(to: router)
        var edge = configuration.http.edge
        // Probes have no body, and those who send them are few.
        edge.maximumBodyByteCount = 0
        edge.maximumConnectionCount = Self.maximumAdminConnectionCount
        let chain = MiddlewareChain {
            RequestIdentity()
            RouteMatching(ProbeRoutes.routes)
            AccessLog(writer: parts.writer, level: configuration.log.level)
            WireRules(edge)
        }
        return HTTPListener(
            name: "admin", host: configuration.admin.host ?? configuration.http.host,
            port: (port, AdminConfiguration.portKey), configuration: edge, chain: chain,
            responder: router.buildResponder(), health: parts.health, eventLoopGroup: parts.group,
            logger: parts.logger)
    }

    private static let maximumAdminConnectionCount = 256

    private static let identity = LogIdentity(serviceName: "product-service", serviceVersion: ProductAPI.version)

    private func bootstrapLogging(_ makeHandler: @escaping @Sendable (String) -> some LogHandler) -> Logger {
        let level = configuration.log.level
        LoggingSystem.bootstrap { label in
            var handler = makeHandler(label)
            handler.logLevel = level
            return handler
        }
        return Logger(label: "product-service")
    }
}

extension Logger.MetadataProvider {
    /// The id of the request that the running task works for.
    fileprivate static let requestID = Logger.MetadataProvider {
        ExchangeScope.current.map { ["request.id": "\($0.requestID)"] } ?? [:]
    }
}
