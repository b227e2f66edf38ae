// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Chassis
import NIOCore
import NIOPosix

/// Asks the service of the same settings whether it is ready.
struct HealthcheckCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Ask the running service whether it is ready; exit 0 when it is, 1 when not.",
        discussion: "For container health checks: needs no shell and no curl. Answers within 3 seconds.")

    @OptionGroup var options: CommonOptions

    private static let connectLimit = TimeAmount.seconds(1)
    private static let answerLimit = TimeAmount.seconds(2)

    func run(with configuration: ProductServiceConfiguration) async -> Chassis.ExitCode {
        let host = Self.reachable(configuration.admin.host ?? configuration.http.host)
        let port = configuration.admin.port ?? configuration.http.port
        do {
            let statusLine = try await Self.statusLine(of: "/readyz", host: host, port: port)
            if statusLine.hasPrefix("HTTP/1.1 200 ") { return .stopped }
            StandardError.write("product-service: not ready: \(statusLine)\n")
        } catch {
            StandardError.write("product-service: no answer from \(host):\(port): \(error)\n")
        }
        return .failed
    }

    /// The address to reach a listener at that may listen on every address.
    private static func reachable(_ host: String) -> String {
        switch host {
        case "0.0.0.0": "127.0.0.1"
        case "::": "::1"
        default: host
        }
    }

    private static func statusLine(of path: String, host: String, port: Int) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(connectLimit)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        channel.channel.eventLoop.scheduleTask(in: answerLimit) { channel.channel.close(promise: nil) }
        return try await channel.executeThenClose { inbound, outbound in
            let request = "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
            try await outbound.write(ByteBuffer(string: request))
            var answer = ""
            for try await part in inbound {
                answer += String(buffer: part)
                if answer.contains("\r\n") || answer.utf8.count > 1024 { break }
            }
            return answer.split(separator: "\r\n").first.map(String.init) ?? "the connection was closed"
        }
    }
}
