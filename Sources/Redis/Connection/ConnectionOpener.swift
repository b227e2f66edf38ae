// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import NIOSSL

/// Opens connections up to the point where commands can be sent: address, TCP, TLS, user, database, identity of the
/// server. Thread-safe.
final class ConnectionOpener: Sendable {
    /// A connection that is ready.
    struct Opened {
        let handler: RedisChannelHandler
        let identity: ServerIdentity
    }

    private let configuration: RedisConfiguration
    private let resolver: AddressResolver
    private let encryption: NIOSSLContext?

    /// Throws ``RedisError/Code/invalidConfiguration`` when the trusted certificates cannot be read.
    init(_ configuration: RedisConfiguration) throws(RedisError) {
        self.configuration = configuration
        resolver = AddressResolver(configuration)
        guard configuration.isEncrypted else {
            encryption = nil
            return
        }
        var settings = TLSConfiguration.makeClientConfiguration()
        settings.shutdownTimeout = .milliseconds(200)
        if let path = configuration.trustedCertificatesPath { settings.trustRoots = .file(path) }
        do {
            encryption = try NIOSSLContext(configuration: settings)
        } catch {
            throw RedisError(
                .invalidConfiguration, message: "TLS cannot be set up; look at the file of cacert: \(error)")
        }
    }

    /// Opens a connection on the event loop this is called on, and hands it over there, or the ``RedisError`` that kept
    /// it from being opened.
    func open(on eventLoop: any EventLoop, _ completion: @escaping (Result<Opened, RedisError>) -> Void) {
        let deadline = NIODeadline.now() + TimeAmount(configuration.connectTimeout)
        let attempt = NIOLoopBound(Attempt(completion), eventLoop: eventLoop)
        // The name service may take much longer, and nothing ends it.
        let timer = eventLoop.scheduleTask(deadline: deadline) {
            attempt.value.end(.failure(RedisError(.connectionFailed, message: "not within the time for connecting")))
        }
        resolver.resolve(on: eventLoop, until: deadline).flatMap { target in
            self.connect(to: target.addresses[...], on: eventLoop, until: deadline).map { ($0, target.password) }
        }.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let (channel, password)):
                if attempt.value.hasEnded { return channel.close(promise: nil) }
                self.greet(channel, password: password, until: deadline) { result in
                    timer.cancel()
                    attempt.value.end(result)
                }
            case .failure(let error):
                timer.cancel()
                attempt.value.end(.failure(Self.redisError(error)))
            }
        }
    }

    /// Ends once, whatever comes first.
    private final class Attempt {
        private var completion: ((Result<Opened, RedisError>) -> Void)?

        init(_ completion: @escaping (Result<Opened, RedisError>) -> Void) { self.completion = completion }

        var hasEnded: Bool { completion == nil }

        func end(_ result: Result<Opened, RedisError>) {
            guard let completion else {
                if case .success(let opened) = result { opened.handler.close(because: RedisError(.connectionFailed)) }
                return
            }
            self.completion = nil
            completion(result)
        }
    }

    private static func redisError(_ error: any Error) -> RedisError {
        error as? RedisError ?? RedisError(.connectionFailed, message: "\(error)")
    }

    private func connect(
        to addresses: ArraySlice<SocketAddress>, on eventLoop: any EventLoop, until deadline: NIODeadline
    ) -> EventLoopFuture<any Channel> {
        guard let address = addresses.first else {
            return eventLoop.makeFailedFuture(RedisError(.connectionFailed, message: "no address left"))
        }
        let rest = addresses.dropFirst()
        // Each address has its part of the time that is left.
        let time = TimeAmount.nanoseconds((deadline - .now()).nanoseconds / Int64(rest.count + 1))
        let limit = configuration.maximumPendingByteCount
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(max(time, .milliseconds(1)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: limit / 2, high: limit))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let encryption = self.encryption {
                        let name = (try? SocketAddress(ipAddress: self.configuration.host, port: 0)) == nil
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(
                                context: encryption, serverHostname: name ? self.configuration.host : nil))
                    }
                    try channel.pipeline.syncOperations.addHandler(RedisChannelHandler(self.configuration))
                }
            }
            .connect(to: address)
            .flatMapError { error in
                rest.isEmpty
                    ? eventLoop.makeFailedFuture(error) : self.connect(to: rest, on: eventLoop, until: deadline)
            }
    }

    /// Says who the client is and asks who the server is: all at once.
    private func greet(
        _ channel: any Channel, password: String?, until deadline: NIODeadline,
        _ completion: @escaping (Result<Opened, RedisError>) -> Void
    ) {
        let handler: RedisChannelHandler
        do {
            handler = try channel.pipeline.syncOperations.handler(type: RedisChannelHandler.self)
        } catch {
            return completion(.failure(RedisError(.connectionFailed, message: "\(error)")))
        }
        let greeting = Greeting(handler: handler, eventLoop: channel.eventLoop, completion)
        greeting.begin(configuration, password: password, until: deadline)
    }
}
