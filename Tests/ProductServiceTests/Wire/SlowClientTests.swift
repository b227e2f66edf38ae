// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import ServiceTesting
import Testing

/// Deadlines are short here, so that they pass within a test; the long forms stand in `make drills`.
@Suite(.serialized) struct `Slow clients` {
    private static let timeouts = [
        "--http-header-timeout", "1s", "--http-body-timeout", "1s", "--http-write-timeout", "1s",
        "--http-idle-timeout", "1s",
    ]

    /// Waits until the server has closed each of the connections.
    private func waitForClose(_ sockets: [RawSocket], within limit: Duration = .seconds(10)) async throws {
        try await wait(for: "every connection closed", within: limit) { sockets.allSatisfy(\.isClosedByServer) }
    }

    /// Expects a 408 on the first of the connections, and the end of all.
    private func expectTimeout(of sockets: [RawSocket]) async throws {
        let first = try sockets[0].receiveToEnd(within: .seconds(10))
        #expect(try HTTPMessage.Response.all(in: first).map(\.status) == [408])
        try await waitForClose(sockets)
        sockets.forEach { $0.reset() }
    }

    @Test func `W14: five hundred headers that drip end at their deadline, and others are served meanwhile`()
        async throws
    {
        try DescriptorLimit.raise(to: 2048)
        let service = try await RunningService.start(Self.timeouts)
        let openBefore = try service.openSockets()
        let sockets = try (0..<500).map { _ in try RawSocket(to: service.client.port) }
        for byte in "GET /hea" {
            for socket in sockets { socket.send(String(byte)) }
            #expect(try await service.client.send("GET", "/health").status == 200)
        }
        try await expectTimeout(of: sockets)
        try await service.wait(forSockets: openBefore)
        try await service.stop()
    }

    @Test func `W15: five hundred bodies that drip end at their deadline`() async throws {
        try DescriptorLimit.raise(to: 2048)
        let service = try await RunningService.start(Self.timeouts)
        let openBefore = try service.openSockets()
        let head =
            "POST \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
        let sockets = try (0..<500).map { _ in try RawSocket(to: service.client.port) }
        for socket in sockets { socket.send(head) }
        for _ in 0..<5 {
            for socket in sockets { socket.send(" ") }
            #expect(try await service.client.create().status == 201)
        }
        try await expectTimeout(of: sockets)
        try await service.wait(forSockets: openBefore)
        try await service.stop()
    }

    @Test func `W16: five hundred clients that never read end at the write deadline, and memory stays small`()
        async throws
    {
        try DescriptorLimit.raise(to: 2048)
        let service = try await RunningService.start(Self.timeouts)
        let openBefore = try service.openSockets()
        _ = try await service.client.send("GET", "/openapi.json")
        let before = try service.residentKibibytes()
        let requests = String(
            repeating: "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)\r\n", count: 200)
        let sockets = try (0..<500).map { _ in try RawSocket(to: service.client.port, receiveBuffer: 1024) }
        for socket in sockets { socket.send(requests) }
        #expect(try await service.client.send("GET", "/health").status == 200)
        // At most what lies between the watermarks of each connection, and one answer more.
        #expect(try service.residentKibibytes() - before < 500 * 256)
        try await service.wait(forSockets: openBefore)
        #expect(try await service.client.send("GET", "/health").status == 200)
        try await service.stop()
    }

    @Test func `W17: five thousand idle connections are closed in silence`() async throws {
        try DescriptorLimit.raise(to: 8192)
        let service = try await RunningService.start(Self.timeouts)
        let openBefore = try service.openSockets()
        let sockets = try (0..<5000).map { try RawSocket(to: service.client.port, from: "127.0.0.\(2 + $0 % 4)") }
        try await waitForClose(sockets, within: .seconds(20))
        sockets.forEach { $0.reset() }
        try await service.wait(forSockets: openBefore)
        try await service.stop()
        let levels = service.process.logLines.compactMap { $0["level"] as? String }
        #expect(!levels.contains("error") && !levels.contains("warning"), "\(service.process.log.suffix(2000))")
    }

    @Test func `a handler that takes too long is a 504, and the connection lives`() async throws {
        let service = try await RunningService.start(["--http-request-timeout", "300ms"])
        // Someone else holds the database, for longer than the service may wait.
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let holder = try DatabaseQueue(path: service.databasePath, configuration: configuration)
        try await holder.writeWithoutTransaction { try $0.execute(sql: "begin exclusive") }
        let connection = try await HTTPConnection.connect(to: service.client.port)
        for _ in 0..<3 {
            try await connection.send(ServiceClient.request("POST", ServiceClient.products, json: ServiceClient.laptop))
            let answer = try await connection.receive()
            #expect([503, 504].contains(answer.status))
            #expect(answer.header("Retry-After") != nil)
        }
        try await holder.writeWithoutTransaction { try $0.execute(sql: "rollback") }
        try holder.close()
        try await connection.send(ServiceClient.request("GET", "/health"))
        #expect(try await connection.receive().status == 200)
        await connection.close()
        try await service.stop()
    }
}
