// SPDX-License-Identifier: Apache-2.0

package import Edge
package import Hummingbird
package import Logging
import NIOCore
package import NIOPosix
import ServiceLifecycle

/// Listens on one address with a chain and a responder, until graceful shutdown has closed every connection.
///
/// Throws ``ConfigurationProblem`` when the address cannot be listened on.
package struct HTTPListener<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    /// What the listener is for, in its log lines.
    package var name: String
    package var host: String
    /// The port, and the setting it comes from.
    package var port: (number: Int, key: ConfigurationKey)
    package var configuration: EdgeConfiguration
    package var chain: MiddlewareChain
    package var responder: Responder
    package var load: RequestLoad
    package var connections: ConnectionCount
    package var health: Health
    package var eventLoopGroup: MultiThreadedEventLoopGroup
    /// Tells as soon as connections are accepted.
    package var state: ListenerState
    package var logger: Logger

    package init(
        name: String, host: String, port: (number: Int, key: ConfigurationKey),
        configuration: EdgeConfiguration, chain: MiddlewareChain, responder: Responder,
        load: RequestLoad = RequestLoad(), connections: ConnectionCount = ConnectionCount(), health: Health,
        eventLoopGroup: MultiThreadedEventLoopGroup,
        state: ListenerState = ListenerState(), logger: Logger
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.configuration = configuration
        self.chain = chain
        self.responder = responder
        self.load = load
        self.connections = connections
        self.health = health
        self.eventLoopGroup = eventLoopGroup
        self.state = state
        self.logger = logger
    }

    package func run() async throws {
        var serverLogger = logger
        serverLogger.logLevel = max(logger.logLevel, .warning)
        let server = EdgeServer(
            address: .hostname(host, port: port.number), configuration: configuration, chain: chain,
            responder: responder, load: load, connections: connections, isDraining: { [health] in health.isDraining },
            onRunning: isRunning, eventLoopGroup: eventLoopGroup, logger: serverLogger)
        do {
            try await server.run()
        } catch let error as IOError {
            let place = "\(host):\(port.number)"
            let advice =
                error.errnoCode == EADDRINUSE ? "it is in use; stop the other process or choose another" : "\(error)"
            throw ConfigurationProblem(key: port.key.environmentName, detail: "cannot listen on \(place): \(advice)")
        } catch let error as SocketAddressError {
            throw ConfigurationProblem(key: port.key.environmentName, detail: "cannot listen on \(host): \(error)")
        }
    }

    private func isRunning(on channel: any Channel) async {
        let address = channel.localAddress
        let boundPort = address?.port ?? port.number
        state.listens(on: boundPort)
        let place = "\(address?.ipAddress ?? host):\(boundPort)"
        logger.info("listening", metadata: ["listener": "\(name)", "address": "\(place)"])
    }
}
