// SPDX-License-Identifier: Apache-2.0

package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import NIOPosix
import ServiceLifecycle

/// Listens on one address and answers with one responder, until graceful shutdown has closed every connection.
///
/// Throws ``ConfigurationProblem`` when the address cannot be listened on.
package struct HTTPListener<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    /// What the listener is for, in its log lines.
    package var name: String
    package var host: String
    /// The port, and the setting it comes from.
    package var port: (number: Int, key: ConfigurationKey)
    package var idleTimeout: Duration
    package var responder: Responder
    package var eventLoopGroup: MultiThreadedEventLoopGroup
    /// Tells as soon as connections are accepted.
    package var state: ListenerState
    package var logger: Logger

    package init(
        name: String, host: String, port: (number: Int, key: ConfigurationKey), idleTimeout: Duration,
        responder: Responder, eventLoopGroup: MultiThreadedEventLoopGroup, state: ListenerState = ListenerState(),
        logger: Logger
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.idleTimeout = idleTimeout
        self.responder = responder
        self.eventLoopGroup = eventLoopGroup
        self.state = state
        self.logger = logger
    }

    package func run() async throws {
        var serverLogger = logger
        serverLogger.logLevel = max(logger.logLevel, .warning)
        let channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionCloseHandler()], idleTimeout: TimeAmount(idleTimeout))
        let application = Application(
            responder: responder,
            server: .http1(configuration: channel),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port.number)),
            onServerRunning: { channel in
                let address = channel.localAddress
                let boundPort = address?.port ?? port.number
                state.listens(on: boundPort)
                let place = "\(address?.ipAddress ?? host):\(boundPort)"
                logger.info("listening", metadata: ["listener": "\(name)", "address": "\(place)"])
            },
            eventLoopGroupProvider: .shared(eventLoopGroup),
            logger: serverLogger)
        do {
            try await application.run()
        } catch let error as IOError {
            let place = "\(host):\(port.number)"
            let advice =
                error.errnoCode == EADDRINUSE ? "it is in use; stop the other process or choose another" : "\(error)"
            throw ConfigurationProblem(key: port.key.environmentName, detail: "cannot listen on \(place): \(advice)")
        } catch let error as SocketAddressError {
            throw ConfigurationProblem(key: port.key.environmentName, detail: "cannot listen on \(host): \(error)")
        }
    }
}
