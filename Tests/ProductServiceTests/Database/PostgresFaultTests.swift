// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresTesting
import ServiceTesting
import Testing

/// What may be seen of a store that is away, for as long as it is.
enum Unavailable {
    /// Expects a 503 that says when to come again.
    static func expect(
        _ response: HTTPMessage.Response, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(response.status == 503, sourceLocation: sourceLocation)
        #expect(response.header("Retry-After") == "1", sourceLocation: sourceLocation)
        let type: String = try response.member("type")
        #expect(
            ["/problems/store-unavailable", "/problems/outcome-unknown"].contains(type), sourceLocation: sourceLocation)
    }
}

@Suite(.serialized) struct `Faults of PostgreSQL` {
    /// Waits until requests of both kinds succeed, which they must within 2 s.
    private func expectRecovery(
        _ service: RunningService, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let stopwatch = Stopwatch()
        try await wait(for: "service as before") { try await service.client.create().status == 201 }
        let list = try await service.client.send("GET", "\(ServiceClient.products)?limit=5")
        #expect(list.status == 200, sourceLocation: sourceLocation)
        #expect(stopwatch.elapsed < .seconds(2), sourceLocation: sourceLocation)
        try await service.client.wait(for: 200, within: .seconds(3))
    }

    @Test(arguments: [SIGINT, SIGQUIT, SIGKILL])
    func `D1, D2, K5, K6: a restart fails requests with 503 at most, and service is back within 2 s`(
        signal: Int32
    ) async throws {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(on: server.url())
        let path = try #require(try await service.client.create().header("Location"))
        try await Prober.during(service) {
            try await server.stop(signal)
            try Unavailable.expect(try await service.client.create())
            try Unavailable.expect(try await service.client.send("GET", path))
            try await service.client.wait(for: 503)
            let probe = try await service.client.send("GET", "/readyz")
            #expect(try probe.member("checks", as: [String].self) == ["database"])
            #expect(try await service.client.send("GET", "/startupz").status == 200)
        }
        try await server.start()
        try await expectRecovery(service)
        #expect(try await service.client.send("GET", path).status == 200)
        try await service.stop()
    }

    @Test func `D3: a server that is stopped in its tracks holds nothing up beyond the deadline`() async throws {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(on: server.url())
        let path = try #require(try await service.client.create().header("Location"))
        server.signalAll(SIGSTOP)
        try await Prober.during(service) {
            for _ in 0..<3 {
                let stopwatch = Stopwatch()
                try await withThrowingTaskGroup(of: HTTPMessage.Response.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            if number % 2 == 0 { return try await service.client.create() }
                            return try await service.client.send("GET", path)
                        }
                    }
                    for try await response in group { try Unavailable.expect(response) }
                }
                #expect(stopwatch.elapsed < .seconds(6), "the deadline is 5 s")
            }
            try await service.client.wait(for: 503)
        }
        server.signalAll(SIGCONT)
        try await expectRecovery(service)
        #expect(try await service.client.send("GET", path).status == 200)
        try await service.stop()
    }

    @Test func `D4: a network that swallows everything is a 503 within the deadline, until it is back`() async throws {
        let network = try await IsolatedNetwork.start()
        let server = try await PostgresServer.start(in: network)
        let (process, port) = try await ServiceProcess.serving(
            ["--database-url", server.url()], launcher: network.clientLauncher)
        func status(_ path: String, post json: String? = nil) async throws -> Int {
            let url = "http://127.0.0.1:\(port)\(path)"
            return try await network.get(url, authorization: TestCredentials.authorization, post: json).0
        }
        try await wait(for: "readiness: \(process.log)") { try await status("/readyz") == 200 }
        #expect(try await status(ServiceClient.products, post: ServiceClient.laptop) == 201)
        try await network.setCut(true)
        for round in 0..<3 {
            let stopwatch = Stopwatch()
            async let read = status(ServiceClient.products)
            async let write = status(ServiceClient.products, post: ServiceClient.laptop)
            #expect(try await status("/livez") == 200)
            #expect(try await [read, write] == [503, 503], "round \(round)")
            #expect(stopwatch.elapsed < .seconds(6), "the deadline is 5 s")
        }
        #expect(try await status("/readyz") == 503)
        try await network.setCut(false)
        try await wait(for: "service as before", within: .seconds(2)) {
            try await status(ServiceClient.products, post: ServiceClient.laptop) == 201
        }
        process.kill(SIGTERM)
        #expect(try await process.exitCode() == 0)
    }

    @Test func `D5: backends that are terminated cost no request`() async throws {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(on: server.url())
        let path = try #require(try await service.client.create().header("Location"))
        try await Prober.during(service) {
            for _ in 0..<20 {
                let others = "from pg_stat_activity where application_name = 'product-service'"
                try await server.execute("select count(pg_terminate_backend(pid)) \(others)")
                // Either the end has been noticed, or the read is sent a second time.
                #expect(try await service.client.send("GET", path).status == 200)
            }
        }
        try await expectRecovery(service)
        try await service.stop()
    }

    @Test func `D5: statements that take too long are ended by the server, and their connection goes on`() async throws
    {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(
            on: server.url(), ["--database-statement-timeout", "500ms"])
        let path = try #require(try await service.client.create().header("Location"))
        let connections = try await backends(of: server)
        let lock = try await LockedTable(server)
        try Unavailable.expect(try await service.client.send("GET", path))
        try Unavailable.expect(try await service.client.send("PUT", path, json: #"{"price":1}"#))
        let after = try await backends(of: server)
        #expect(connections.isSubset(of: after), "ended by the server, not by the client's own limit")
        // Many, behind one another on each connection.
        try await Prober.during(service) {
            try await withThrowingTaskGroup(of: HTTPMessage.Response.self) { group in
                for _ in 0..<30 {
                    group.addTask { try await service.client.send("GET", path) }
                    group.addTask { try await service.client.send("PUT", path, json: #"{"price":1}"#) }
                }
                for try await response in group { try Unavailable.expect(response) }
            }
        }
        try await lock.release()
        try await expectRecovery(service)
        #expect(try await service.client.send("GET", path).status == 200)
        try await service.stop()
    }

    private func backends(of server: PostgresServer) async throws -> Set<Substring> {
        let sql = "select pid from pg_stat_activity where application_name = 'product-service'"
        return Set(try await server.execute(sql).split(separator: "\n"))
    }

    @Test func `D6: a server that takes no writes any more is left, and taken again once it does`() async throws {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(on: server.url())
        _ = try await service.client.create()
        try await server.execute("alter system set default_transaction_read_only = on")
        try await server.execute("select pg_reload_conf()")
        try await Prober.during(service) {
            try await wait(for: "the setting") { try await service.client.create().status == 503 }
            try Unavailable.expect(try await service.client.create())
            try await service.client.wait(for: 503)
        }
        try await server.execute("alter system reset default_transaction_read_only")
        try await server.execute("select pg_reload_conf()")
        try await expectRecovery(service)
        try await service.stop()
    }

    @Test func `D7: with every connection taken a request waits a moment and is refused, and no loop is held`()
        async throws
    {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(on: server.url(), ["--database-max-connections", "2"])
        let path = try #require(try await service.client.create().header("Location"))
        let lock = try await LockedTable(server)
        try await Prober.during(service) {
            // Four writes, which are on their way on both connections, and hold both up.
            try await withThrowingTaskGroup(of: HTTPMessage.Response.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await service.client.send("PUT", path, json: #"{"price":1}"#) }
                }
                try await Task.sleep(for: .milliseconds(200))
                let stopwatch = Stopwatch()
                let refused = try await service.client.send("GET", path)
                try Unavailable.expect(refused)
                #expect(stopwatch.elapsed < .seconds(1), "250 ms, not the statement's 2 s")
                for try await response in group { try Unavailable.expect(response) }
            }
        }
        try await lock.release()
        try await expectRecovery(service)
        let timeouts = try await service.metrics().first { $0.key.hasPrefix("db_client_connection_timeouts_total") }
        #expect((timeouts?.value ?? 0) >= 1)
        try await service.stop()
    }

    @Test func `L20: a caller that waits no longer has nothing begun for it`() async throws {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(
            on: server.url(), ["--database-max-connections", "1", "--database-statement-timeout", "4s"])
        let path = try #require(try await service.client.create().header("Location"))
        let lock = try await LockedTable(server)
        async let holder = service.client.send("PUT", path, json: #"{"price":1}"#)
        try await Task.sleep(for: .milliseconds(100))
        let given = [(name: "X-Envoy-Expected-Rq-Timeout-Ms", value: "100")]
        // All while the holder's statement lasts, which is 4 s: what is sent behind it has been begun in time.
        for _ in 0..<8 {
            let answer = try await service.client.send(
                "POST", ServiceClient.products, given, json: #"{"name":"Too late","price":1}"#)
            #expect(answer.status == 504)
        }
        // Ones that hang up.
        for _ in 0..<8 {
            let socket = try RawSocket(to: service.client.port)
            socket.send(
                ServiceClient.request("POST", ServiceClient.products, json: #"{"name":"Hung up","price":1}"#).bytes)
            try await Task.sleep(for: .milliseconds(20))
            socket.reset()
        }
        try await lock.release()
        _ = try await holder
        try await expectRecovery(service)
        let late = try await server.execute("select name, count(*) from products where name <> 'Laptop' group by 1")
        #expect(late == "")
        try await service.stop()
    }
}

/// Holds a lock on the table of products that nothing gets past, until it is released.
struct LockedTable {
    private let server: PostgresServer
    private let holder: Task<String, any Error>

    init(_ server: PostgresServer) async throws {
        self.server = server
        holder = Task {
            try await server.execute(
                "set application_name = 'lock'; begin; lock table products in access exclusive mode; select pg_sleep(60)"
            )
        }
        try await wait(for: "the lock") {
            try await server.execute(
                "select count(*) from pg_locks where mode = 'AccessExclusiveLock' and relation = 'products'::regclass and granted"
            ) == "1\n"
        }
    }

    func release() async throws {
        try await server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'lock'")
        _ = try await holder.value
    }
}
