// SPDX-License-Identifier: Apache-2.0

import Foundation
import PostgresTesting
import ServiceTesting
import Testing

@Suite(.serialized) struct `Starting on PostgreSQL` {
    @Test func `D8, K5, K7: a server that is not there is waited for, alive and not ready`() async throws {
        let server = try await PostgresServer([])
        let service = try await RunningService.start(on: server.url(), waitsUntilReady: false)
        try await service.wait(forLog: "check that the server of DATABASE_URL runs")
        for (probe, status) in [("/startupz", 503), ("/readyz", 503), ("/livez", 200)] {
            #expect(try await service.client.send("GET", probe).status == status, "\(probe)")
        }
        try Unavailable.expect(try await service.client.create())
        try await server.start()
        try await service.client.wait(for: 200, of: "/startupz", within: .seconds(3))
        try await service.client.wait(for: 200, within: .seconds(3))
        #expect(try await service.client.create().status == 201)
        try await service.stop()
    }

    @Test func `D8: a database that does not exist yet is waited for`() async throws {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(on: server.url(database: "later"), waitsUntilReady: false)
        try await service.wait(forLog: #"database \"later\" does not exist"#)
        #expect(try await service.client.send("GET", "/livez").status == 200)
        try await server.execute("create database later")
        try await service.client.wait(for: 200, within: .seconds(3))
        try await service.stop()
    }

    @Test func `D8: with fewer connections to be had than wished for, those do that there are`() async throws {
        let server = try await PostgresServer.start(
            ["max_connections=3", "superuser_reserved_connections=0", "max_wal_senders=0"])
        let service = try await RunningService.start(on: server.url())
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { try await service.client.create().status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(statuses) == [201])
        #expect(try await service.client.send("GET", "/readyz").status == 200)
        try await service.stop()

        try await wait(for: "the service's connections to end") {
            try await server.execute("select count(*) from pg_stat_activity where backend_type = 'client backend'")
                == "1\n"
        }
        // With all of them taken by others there is no service, and no end either.
        let holders = (0..<3).map { _ in
            Task {
                // Whoever looks whether there is one left may have it for that moment.
                for _ in 0..<100 {
                    guard try await server.execute("select pg_sleep(60)").contains("too many clients") else { return }
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
        try await wait(for: "no connection left") {
            try await server.execute("select 1").contains("too many clients")
        }
        let shut = try await RunningService.start(on: server.url(), waitsUntilReady: false)
        try await shut.wait(forLog: "53300")
        try await shut.client.wait(for: 503)
        #expect(try await shut.client.send("GET", "/livez").status == 200)
        try await server.restart()
        for holder in holders { _ = try await holder.value }
        try await shut.client.wait(for: 200, within: .seconds(3))
        try await shut.stop()
    }

    @Test func `D12, D8, K12, K13: the password comes from its file, which may be replaced while running`() async throws
    {
        let server = try await PostgresServer.start(authentication: "scram-sha-256")
        let folder = try TemporaryFolder()
        let file = folder("password")
        func write(_ password: String, mode: mode_t = 0o600) throws {
            try Data((password + "\n").utf8).write(to: URL(fileURLWithPath: file))
            chmod(file, mode)
        }
        try write("wrong-canary")
        let settings = ["--database-password-file", file]
        let service = try await RunningService.start(on: server.url(), settings, waitsUntilReady: false)
        try await service.wait(forLog: "28P01")
        #expect(try await service.client.send("GET", "/livez").status == 200)
        try write("first")
        try await service.client.wait(for: 200, within: .seconds(3))

        try await server.execute("alter role postgres password 'second-canary'")
        try write("second-canary")
        // What is open stays open; what has to be opened anew takes the new one.
        #expect(try await service.client.create().status == 201)
        try await server.restart()
        try await wait(for: "service with the new password", within: .seconds(3)) {
            try await service.client.create().status == 201
        }
        #expect(!service.process.log.contains("canary"))
        try await service.stop()

        try write("second-canary", mode: 0o644)
        let exposed = try ServiceProcess(["serve", "--database-url", server.url()] + settings)
        #expect(try await exposed.exitCode(within: .seconds(5)) == 78)
        #expect(exposed.log.contains("--database-password-file") && exposed.log.contains("chmod o-rwx"))
        #expect(!exposed.log.contains("canary"))
    }

    @Test func `K12: a URL that is none ends the start with a line that does not show it`() async throws {
        for url in ["postgres://user:canary@host:port/name", "postgres://user:canary@%zz/", "postgresq://canary@h/d"] {
            let process = try ServiceProcess(["serve", "--database-url", url])
            #expect(try await process.exitCode(within: .seconds(5)) == 78)
            #expect(process.log.contains("--database-url: must be sqlite:PATH, postgres://"))
            #expect(!process.log.contains("canary"), "\(process.log)")
        }
    }

    @Test func `D13: of replicas that start together on an empty database one migrates`() async throws {
        let server = try await PostgresServer.start()
        let services = try await withThrowingTaskGroup(of: RunningService.self) { group in
            for _ in 0..<3 { group.addTask { try await RunningService.start(on: server.url()) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(services.count { $0.process.log.contains("the schema was migrated") } == 1)
        #expect(
            try await server.execute("select number, name from schema_migrations") == "1|products\n2|cache-outbox\n")
        for service in services { #expect(try await service.client.create().status == 201) }
        for service in services { try await service.stop() }
    }

    @Test func `D13: a schema of a newer version keeps an older one from being ready, and says so`() async throws {
        let server = try await PostgresServer.start()
        try await RunningService.start(on: server.url()).stop()
        try await server.execute("insert into schema_migrations values (999, 'from-the-future', '', now())")
        for setting in ["on", "off"] {
            let service = try await RunningService.start(
                on: server.url(), ["--database-migrate", setting], waitsUntilReady: false)
            try await service.wait(forLog: "migration 999 is of a newer version")
            #expect(try await service.client.send("GET", "/startupz").status == 503)
            #expect(try await service.client.send("GET", "/livez").status == 200)
            try Unavailable.expect(try await service.client.create())
            try await service.stop()
        }
        try await server.execute("delete from schema_migrations where number = 999")
        try await server.execute("update schema_migrations set checksum = 'another'")
        let service = try await RunningService.start(on: server.url(), waitsUntilReady: false)
        try await service.wait(forLog: "migration 1 is not the one that was applied")
        try await service.stop()
    }

    @Test func `D13, K7: with migrations off an older schema is waited for until migrate has run`() async throws {
        let server = try await PostgresServer.start()
        let service = try await RunningService.start(
            on: server.url(), ["--database-migrate", "off"], waitsUntilReady: false)
        try await service.wait(forLog: "run product-service migrate")
        #expect(try await service.client.send("GET", "/startupz").status == 503)
        for _ in 0..<2 {
            let migration = try ServiceProcess(["migrate", "--database-url", server.url()])
            #expect(try await migration.exitCode() == 0, "\(migration.log)")
        }
        try await service.client.wait(for: 200, within: .seconds(3))
        try await service.client.wait(for: 200, of: "/startupz", within: .seconds(3))
        try await service.stop()
    }

    @Test func `K6: a hundred probes a second ask the database once a second`() async throws {
        let server = try await PostgresServer.start(["log_statement=all"])
        let service = try await RunningService.start(on: server.url())
        let probe = "select 1 from products limit 1"
        let before = server.log.components(separatedBy: probe).count
        let start = ContinuousClock.now
        while ContinuousClock.now - start < .seconds(3) {
            #expect(try await service.client.send("GET", "/readyz").status == 200)
            try await Task.sleep(for: .milliseconds(8))
        }
        let asked = server.log.components(separatedBy: probe).count - before
        #expect((1...5).contains(asked), "asked \(asked) times in 3 s")
        try await service.stop()
    }
}
