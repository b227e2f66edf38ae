// SPDX-License-Identifier: Apache-2.0

import Chassis
import Hummingbird
import Logging
import NIOPosix
import ProductAPI
import Products
import ServiceLifecycle

/// Puts the service together from its settings: the one place that names adapters and bootstraps logging.
struct ProductServiceAssembly: Sendable {
    private let configuration: ProductServiceConfiguration

    init(_ configuration: ProductServiceConfiguration) { self.configuration = configuration }

    /// Serves until the first signal has been obeyed.
    func serve(until signals: TerminationSignals) async -> ExitCode {
        let logger = bootstrapLogging(StreamLogHandler.standardOutput)
        let group = MultiThreadedEventLoopGroup.singleton
        let store = ProductStore(configuration.database.location, logger: logger)
        let listener = ListenerState()
        let startCheck = HealthCheck("listening", in: [.startup]) { listener.port != nil ? nil : "not listening yet" }
        let health = Health(checks: [startCheck, .eventLoops(of: group)] + store.checks, logger: logger)

        let api = ProductAPI(
            catalogue: ProductCatalogue(repository: store.repository),
            cursors: CursorCodec(keys: store.repository),
            health: health,
            maximumBodyByteCount: configuration.http.maximumBodyByteCount,
            servesProbes: configuration.admin.port == nil,
            logger: logger)
        let apiListener = HTTPListener(
            name: "api", host: configuration.http.host, port: (configuration.http.port, HTTPConfiguration.portKey),
            idleTimeout: configuration.http.idleTimeout, responder: api.responder(), eventLoopGroup: group,
            state: listener, logger: logger)
        let runner = ServiceRunner(health: health, shutdown: configuration.shutdown, signals: signals, logger: logger)
        // Started in this order, stopped in the reverse.
        let services = [adminListener(health: health, on: group, logger: logger), store.service, apiListener]
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

    private func adminListener(
        health: Health, on group: MultiThreadedEventLoopGroup, logger: Logger
    ) -> (any Service)? {
        guard let port = configuration.admin.port else { return nil }
        let router = Router(options: [.autoGenerateHeadEndpoints])
        router.add(middleware: ProblemMiddleware(routes: ProbeRoutes.routes, logger: logger))
        ProbeRoutes(health: health).add(to: router)
        return HTTPListener(
            name: "admin", host: configuration.admin.host ?? configuration.http.host,
            port: (port, AdminConfiguration.portKey), idleTimeout: configuration.http.idleTimeout,
            responder: router.buildResponder(), eventLoopGroup: group, logger: logger)
    }

    private func bootstrapLogging(_ makeHandler: @escaping @Sendable (String) -> StreamLogHandler) -> Logger {
        let level = configuration.log.level
        LoggingSystem.bootstrap { label in
            var handler = makeHandler(label)
            handler.logLevel = level
            return handler
        }
        return Logger(label: "product-service")
    }
}
