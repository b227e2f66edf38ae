// SPDX-License-Identifier: Apache-2.0

import Chassis
import CoreMetrics
import Edge
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import ProductAPI
import Products
import PrometheusMetrics
import RateLimiting
import Redis
import RedisRateLimiting
import ServiceLifecycle
import StructuredLogging
import TraceContext
import Tracing

/// Puts the service together from its settings: the one place that names adapters and bootstraps logging, metrics and
/// tracing.
struct ProductServiceAssembly: Sendable {
    private let configuration: ProductServiceConfiguration

    init(_ configuration: ProductServiceConfiguration) { self.configuration = configuration }

    /// Serves until the first signal has been obeyed. Throws ``ConfigurationProblem`` when there is no key for tokens.
    func serve(until signals: TerminationSignals) async throws -> ExitCode {
        let keys = try TokenKeys(configuration.authentication)
        let writer = LogWriter(format: configuration.log.format, identity: Self.identity)
        let logger = bootstrapLogging { label in
            StructuredLogHandler(label: label, writer: writer, metadataProvider: .exchange)
        }
        let registry = MetricsRegistry { name in
            logger.error("two metrics want one name: the first is kept", metadata: ["metric": "\(name)"])
        }
        MetricsSystem.bootstrap(
            PrometheusMetricsFactory(
                registry: registry,
                boundsByName: ["db_client_operation_duration_seconds": Self.databaseDurationBounds]))
        let tracer = bootstrapTracing(logger: logger)
        OpenFileLimit.raise(
            forConnections: configuration.http.edge.maximumConnectionCount + Self.maximumAdminConnectionCount,
            logger: logger)
        if let count = configuration.eventLoops.count { NIOSingletons.groupLoopCountSuggestion = count }
        let group = MultiThreadedEventLoopGroup.singleton
        let store = try ProductStore(configuration.database, logger: logger)
        let cache = try ProductCache(configuration.cache, over: store.cacheable, on: group, logger: logger)
        let listener = ListenerState()
        let startCheck = HealthCheck("listening", in: [.startup]) { listener.port != nil ? nil : "not listening yet" }
        let health = Health(checks: [startCheck, .eventLoops(of: group)] + store.checks + cache.checks, logger: logger)
        ServiceMetrics.register(
            in: registry, identity: Self.identity, revision: configuration.log.buildRevision, writer: writer,
            health: health)
        keys.register(in: registry)
        let operations = OperationRoutes(health: health, scrape: MetricsScrape(registry: registry))
        let catalogue = ProductCatalogue(repository: cache.repository)
        let api = ProductAPI(
            catalogue: catalogue,
            cursors: CursorCodec(keys: store.repository),
            maximumBodyByteCount: configuration.http.edge.maximumBodyByteCount,
            operations: configuration.admin.port == nil ? operations : nil,
            logger: logger)
        let parts = ListenerParts(
            health: health, group: group, writer: writer, registry: registry, tracer: tracer, keys: keys,
            mode: RateLimitMode(configuration.rateLimit.mode), redis: cache.redis, catalogue: catalogue,
            nearProducts: cache.near,
            logger: logger)
        let runner = ServiceRunner(
            health: health, shutdown: configuration.shutdown, signals: signals, logger: logger,
            beforeExit: { writer.flush() })
        // Started in this order, stopped in the reverse.
        let services: [(any Service)?] =
            [
                EventLoopLag(of: group, registry: registry), HealthWatch(health: health), reload(of: parts),
                adminListener(for: operations, of: parts),
                store.service,
            ] + cache.services + [apiListener(for: api, of: parts, state: listener)]
        return await runner.run(services.compactMap { $0 })
    }

    /// Runs a command on the open store. Its log goes to standard error.
    ///
    /// - Parameter use: What the command means to do with it.
    func withStore(
        for use: ProductStore.Use = .serve, _ body: (any ProductStore.Repository) async -> ExitCode
    ) async throws -> ExitCode {
        let logger = bootstrapLogging(StreamLogHandler.standardError)
        if case .memory = configuration.database.location {
            let detail = "must name a database that lasts, such as sqlite:PATH"
            throw ConfigurationProblem(key: DatabaseConfiguration.urlKey.environmentName, detail: detail)
        }
        let store = try ProductStore(configuration.database, for: use, logger: logger)
        let code =
            await store.open() ? await body(store.repository(notingWrites: configuration.cache.redis != nil)) : .failed
        await store.close()
        return code
    }

    private func reload(of parts: ListenerParts) -> any Service {
        let settings = SettingsReload(configuration.source) { reloaded in
            guard parts.mode.mode != reloaded.rateLimit.mode else { return }
            parts.mode.mode = reloaded.rateLimit.mode
            parts.logger.notice(
                "the mode of the rate limits was changed", metadata: ["mode": "\(reloaded.rateLimit.mode.rawValue)"])
        }
        return ReloadService(every: configuration.reload.interval) {
            parts.keys.reload(logger: parts.logger)
            settings.reload(logger: parts.logger)
        }
    }

    private func bootstrapTracing(logger: Logger) -> TraceContextTracer {
        let sink: any SpanSink =
            switch configuration.tracing.sink {
            case .none: NoSpanSink()
            case .log: LoggingSpanSink(logger: logger, level: .info)
            }
        let tracer = TraceContextTracer(sampler: Sampler(ratio: configuration.tracing.samplingRatio), sink: sink)
        InstrumentationSystem.bootstrap(tracer)
        return tracer
    }

    static let maximumAdminConnectionCount = 256

    /// Those of the OpenTelemetry conventions for database clients, and a finer one below.
    private static let databaseDurationBounds = [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5]

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

// MARK: - Listeners

extension ProductServiceAssembly {
    /// What both listeners are made of.
    private struct ListenerParts {
        let health: Health
        let group: MultiThreadedEventLoopGroup
        let writer: LogWriter
        let registry: MetricsRegistry
        let tracer: TraceContextTracer
        let keys: TokenKeys
        let mode: RateLimitMode
        let redis: RedisClient?
        let catalogue: ProductCatalogue
        let nearProducts: (any NearProducts)?
        let logger: Logger
    }

    private func apiListener(for api: ProductAPI, of parts: ListenerParts, state: ListenerState) -> any Service {
        let http = configuration.http
        let load = RequestLoad(limit: http.maximumInFlightCount, byteLimit: http.maximumHeldByteCount)
        let connections = ConnectionCount()
        let limits = configuration.rateLimit
        let chain = MiddlewareChain {
            RequestIdentity()
            RequestTracing(tracer: parts.tracer)
            RouteMatching(api.routes)
            ClientAddress(proxies: limits.proxies, logger: parts.logger)
            RequestMetrics(registry: parts.registry, routes: api.routes, connections: connections)
            AccessLog(writer: parts.writer, level: configuration.log.level)
            WireRules(http.edge)
            ClientDeadline()
            CrossOrigin(
                origins: configuration.crossOrigin.origins, requestHeaders: ProductAPI.requestHeaders,
                exposedHeaders: ProductAPI.exposedHeaders)
            LoadShedding(load: load)
            AddressRateLimit(
                limiter: limiter(limits.address), mode: parts.mode, registry: parts.registry, logger: parts.logger)
            BearerAuthentication(
                policy: configuration.authentication.policy, keys: { [keys = parts.keys] in keys.current },
                registry: parts.registry, logger: parts.logger)
            callerRateLimit(of: parts)
            ProductReads(catalogue: parts.catalogue, near: parts.nearProducts)
        }
        return HTTPListener(
            name: "api", host: http.host, port: (http.port, HTTPConfiguration.portKey), configuration: http.edge,
            chain: chain, responder: api.responder(), load: load, connections: connections,
            health: parts.health, eventLoopGroup: parts.group, state: state, logger: parts.logger)
    }

    private func limiter(_ limit: RateLimit?) -> LocalRateLimiter<UInt128>? {
        limit.map { LocalRateLimiter(limit: $0, maximumKeyCount: configuration.rateLimit.maximumKeyCount) }
    }

    /// For all replicas together where they share a Redis, and the limit's numbers are such as it can count with.
    private func callerRateLimit(of parts: ListenerParts) -> CallerRateLimit {
        let settings = configuration.rateLimit
        if let limit = settings.caller, let redis = parts.redis, settings.isShared,
            let limiter = RedisRateLimiter<UInt128>(
                name: "caller", limit: limit, redis: redis, maximumKeyCount: settings.maximumKeyCount,
                keyed: { Array(String($0, radix: 16).utf8) })
        {
            return CallerRateLimit(
                sharedLimiter: limiter, mode: parts.mode, registry: parts.registry, logger: parts.logger)
        }
        return CallerRateLimit(
            limiter: limiter(settings.caller), mode: parts.mode, registry: parts.registry, logger: parts.logger)
    }

    private func adminListener(for operations: OperationRoutes, of parts: ListenerParts) -> (any Service)? {
        guard let port = configuration.admin.port else { return nil }
        let routes = OperationRoutes.routes
        let router = Router(options: [.autoGenerateHeadEndpoints])
        router.add(middleware: ProblemMiddleware(routes: routes, logger: parts.logger))
        operations.add(to: router)
        var edge = configuration.http.edge
        // Probes have no body, and those who send them are few.
        edge.maximumBodyByteCount = 0
        edge.maximumConnectionCount = Self.maximumAdminConnectionCount
        let chain = MiddlewareChain {
            RequestIdentity()
            RouteMatching(routes)
            RequestMetrics(registry: parts.registry, routes: routes)
            AccessLog(writer: parts.writer, level: configuration.log.level)
            WireRules(edge)
        }
        return HTTPListener(
            name: "admin", host: configuration.admin.host ?? configuration.http.host,
            port: (port, AdminConfiguration.portKey), configuration: edge, chain: chain,
            responder: router.buildResponder(), health: parts.health, eventLoopGroup: parts.group,
            logger: parts.logger)
    }
}
