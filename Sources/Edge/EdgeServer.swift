// SPDX-License-Identifier: Apache-2.0

public import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore
public import ServiceLifecycle

/// An HTTP/1.1 server: every request passes a chain of middleware on its connection's event loop, and what none of them
/// answers goes to a Hummingbird responder.
///
/// In clear, and HTTP/1.1 only: TLS and HTTP/2 end in front of it. Stops gracefully with its service group: connections
/// that are idle close, and those with a request finish it.
public struct EdgeServer: Service {
    private let server: any Service

    /// - Parameters:
    ///   - address: Where to listen.
    ///   - configuration: Limits and deadlines.
    ///   - chain: What every request passes.
    ///   - responder: Who answers what the chain lets pass, such as `router.buildResponder()`.
    ///   - load: Counts the requests at work, and has their limits. A ``LoadShedding`` of the chain must have the same.
    ///   - connections: Counts the connections.
    ///   - isDraining: Whether clients are to go elsewhere: every answer then ends its connection. Thread-safe.
    ///   - onRunning: Called once connections are accepted.
    public init<Responder: HTTPResponder>(
        address: BindAddress, configuration: EdgeConfiguration = EdgeConfiguration(),
        chain: MiddlewareChain, responder: Responder, load: RequestLoad = RequestLoad(),
        connections: ConnectionCount = ConnectionCount(),
        isDraining: @escaping @Sendable () -> Bool = { false },
        onRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }, eventLoopGroup: any EventLoopGroup,
        logger: Logger
    ) where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
        let shared = EdgeShared(
            configuration: configuration, chain: chain,
            respond: { request, channel in
                let source = ApplicationRequestContextSource(channel: channel, logger: logger)
                return try await responder.respond(to: request, context: Responder.Context(source: source))
            },
            load: load, connections: connections, isDraining: isDraining)
        server = EdgeChannel(shared: shared).server(
            configuration: ServerConfiguration(
                address: address, backlog: 4096,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    configuration.maximumConnectionCount, logger: logger)),
            onServerRunning: onRunning, eventLoopGroup: eventLoopGroup, logger: logger)
    }

    /// Serves until graceful shutdown has closed every connection. Throws when the address cannot be listened on.
    public func run() async throws { try await server.run() }
}
