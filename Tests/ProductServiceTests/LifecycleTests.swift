// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@Suite(.serialized) struct `The life cycle` {
    @Test func `K1: stopping under load fails no request of clients that heed readiness`() async throws {
        let service = try await RunningService.start(["--shutdown-delay", "3s", "--shutdown-timeout", "10s"])
        let load = LoadGenerator(service.client)
        async let running: Void = load.run(clients: 64)
        // A request whose body is still on its way when the service is told to stop.
        let slow = try await HTTPConnection.connect(to: service.client.port)
        let body = ServiceClient.laptop
        try await slow.send(
            "POST \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n" + body.prefix(10))
        try await wait(for: "answers: \(load.failures)") { load.answered >= 500 }

        service.process.kill(SIGTERM)
        try await service.client.wait(for: 503)
        #expect(try await service.client.send("GET", "/livez").status == 200)
        #expect(try await service.client.send("GET", "/health").header("Connection") == "close")
        let before = load.answered
        try await wait(for: "answers while draining: \(load.failures)") { load.answered >= before + 100 }
        load.stop()
        await running
        try await slow.send(String(body.dropFirst(10)))
        #expect(try await slow.receive().status == 201)
        await slow.close()

        #expect(try await service.process.exitCode(within: .seconds(14)) == 0)
        #expect(load.failures == [])
        #expect(load.closedInOrder > 0)
        let order = ["stopping", "draining", "stopped"].map { service.process.log.firstRange(of: $0)?.lowerBound }
        #expect(order.allSatisfy { $0 != nil } && order.compactMap { $0 } == order.compactMap { $0 }.sorted())
    }

    @Test func `K2: idle and half-open connections do not hold the stop up`() async throws {
        let service = try await RunningService.start(["--shutdown-timeout", "20s"])
        var connections: [HTTPConnection] = []
        for number in 0..<20 {
            let connection = try await HTTPConnection.connect(to: service.client.port)
            if number % 2 == 0 {
                try await connection.send(ServiceClient.request("GET", "/health"))
                _ = try await connection.receive()
            }
            connections.append(connection)
        }
        service.process.kill(SIGTERM)
        #expect(try await service.process.exitCode(within: .seconds(5)) == 0)
        for connection in connections { await connection.close() }
    }

    @Test func `K2: a request that never ends is cut off at the drain limit, with a code of its own`() async throws {
        let service = try await RunningService.start(["--shutdown-timeout", "1s"])
        let stuck = try await HTTPConnection.connect(to: service.client.port)
        try await stuck.send(
            "POST \(ServiceClient.products) HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
        // The service has taken the request up once it answers another that came later.
        _ = try await service.client.send("GET", "/health")
        service.process.kill(SIGTERM)
        #expect(try await service.process.exitCode(within: .seconds(3)) == 3, "\(service.process.log)")
        #expect(service.process.log.contains("drain limit"))
        await stuck.close()
    }

    @Test func `K2: a client that asks for much and reads nothing does not hold the stop up for longer`() async throws {
        let service = try await RunningService.start(["--shutdown-timeout", "1s"])
        let requests = String(
            repeating: "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\(TestCredentials.line)\r\n", count: 500)
        let silent = try SilentConnection(to: service.client.port)
        try silent.send(requests)
        _ = try await service.client.send("GET", "/health")
        service.process.kill(SIGTERM)
        #expect(try await service.process.exitCode(within: .seconds(3)) == 3, "\(service.process.log)")
        silent.close()
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGQUIT])
    func `K3: each signal that asks to stop stops it in order`(signal: Int32) async throws {
        let service = try await RunningService.start()
        service.process.kill(signal)
        #expect(try await service.process.exitCode() == 0)
    }

    @Test func `K3: a second signal ends it at once`() async throws {
        for (first, second) in [(SIGTERM, SIGTERM), (SIGINT, SIGTERM), (SIGTERM, SIGINT)] {
            let service = try await RunningService.start(["--shutdown-delay", "60s"])
            service.process.kill(first)
            try await service.client.wait(for: 503)
            service.process.kill(second)
            #expect(try await service.process.exitCode(within: .seconds(2)) == 128 + second)
        }
    }

    @Test func `K3: SIGPIPE and clients that vanish do no harm`() async throws {
        let service = try await RunningService.start()
        service.process.kill(SIGPIPE)
        for _ in 0..<50 {
            let connection = try await HTTPConnection.connect(to: service.client.port)
            try await connection.send(ServiceClient.request("GET", "/openapi.json"))
            await connection.close()
        }
        #expect(try await service.client.send("GET", "/health").status == 200)
        try await service.stop()
    }

    @Test func `K3: a stop during the start is clean`() async throws {
        let folder = try TemporaryFolder()
        var codes: [Int32: Int] = [:]
        for round in 0..<30 {
            let process = try ServiceProcess([
                "serve", "--http-port", "0", "--database-url", "sqlite:\(folder("products.db"))",
            ])
            try await Task.sleep(for: .milliseconds(round * 20))
            process.kill(SIGTERM)
            let code = try await process.exitCode(within: .seconds(5))
            // Before the process has come to catch signals, the system ends it: nothing has begun by then.
            #expect(code == 0 || (code == -SIGTERM && process.log.isEmpty), "round \(round): \(code) \(process.log)")
            codes[code, default: 0] += 1
        }
        #expect(codes[0, default: 0] > 5, "\(codes)")
        try await RunningService.start(in: folder).stop()
    }

    @Test func `K3: as the first process of a container it heeds signals`() async throws {
        let service = try await RunningService.start(launcher: Confinement.firstProcess)
        let children = try String(
            contentsOfFile: "/proc/\(service.process.identifier)/task/\(service.process.identifier)/children",
            encoding: .utf8)
        let child = try #require(children.split(separator: " ").first.flatMap { Int32($0) })
        kill(child, SIGTERM)
        #expect(try await service.process.exitCode() == 0)
    }

    @Test func `K9: it needs no root, no capability and no writable disk but its data`() async throws {
        let folder = try TemporaryFolder()
        let lastLayer = [
            "bwrap", "--die-with-parent", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--bind",
            folder.path, folder.path,
        ]
        let launcher = Confinement.ordinaryUser + ["setpriv", "--no-new-privs"] + lastLayer
        let service = try await RunningService.start(in: folder, launcher: launcher)
        #expect(try await service.client.create().status == 201)
        #expect(try await service.client.send("GET", ServiceClient.products).status == 200)
        service.process.kill(SIGKILL)
        try await service.process.exitCode()
    }

    @Test func `the probes move to the admin port when there is one`() async throws {
        let service = try await RunningService.start(["--admin-port", "0"], waitsUntilReady: false)
        let admin = ServiceClient(port: try await service.process.port(of: "admin"))
        try await admin.wait(for: 200)
        for probe in ["/livez", "/startupz", "/readyz", "/readyz/database"] {
            #expect(try await admin.send("GET", probe).status == 200)
            #expect(try await service.client.send("GET", probe).status == 404)
        }
        #expect(try await service.client.send("GET", "/health").status == 200)
        #expect(try await admin.send("GET", ServiceClient.products).status == 404)
        try await service.stop()
    }

    @Test func `healthcheck tells by its exit code whether the service is ready`() async throws {
        let service = try await RunningService.start()
        let port = ["--http-port", "\(service.client.port)"]
        let ready = try ServiceProcess(["healthcheck"] + port)
        #expect(try await ready.exitCode() == 0)
        try FileManager.default.removeItem(atPath: service.databasePath)
        try await service.client.wait(for: 503)
        let unready = try ServiceProcess(["healthcheck"] + port)
        #expect(try await unready.exitCode() == 1 && unready.log.contains("503"))
        try await service.stop()
        let gone = try ServiceProcess(["healthcheck"] + port)
        #expect(try await gone.exitCode() == 1)
    }
}
