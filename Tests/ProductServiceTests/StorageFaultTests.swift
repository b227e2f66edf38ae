// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import ServiceTesting
import Testing

@Suite(.serialized) struct `Faults of the embedded store` {
    /// Expects a 503 that says when to come again.
    private func expectUnavailable(
        _ response: HTTPMessage.Response, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(response.status == 503, sourceLocation: sourceLocation)
        #expect(response.header("Retry-After") == "1", sourceLocation: sourceLocation)
        #expect(try response.member("type") == "/problems/store-unavailable", sourceLocation: sourceLocation)
    }

    @Test func `D14: a database that another process holds is a 503 for writes, and nothing for reads`() async throws {
        let service = try await RunningService.start()
        let path = try #require(try await service.client.create().header("Location"))
        var holding = Configuration()
        holding.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: service.databasePath, configuration: holding)
        try other.inDatabase { try $0.execute(sql: "begin exclusive") }
        try expectUnavailable(try await service.client.create())
        try expectUnavailable(try await service.client.send("DELETE", path))
        // Those that wait behind one another wait no longer: one after the other they would for 16 s.
        let stopwatch = Stopwatch()
        try await withThrowingTaskGroup(of: HTTPMessage.Response.self) { group in
            for _ in 0..<64 { group.addTask { try await service.client.create() } }
            for try await response in group { try expectUnavailable(response) }
        }
        #expect(stopwatch.elapsed < .seconds(5))
        #expect(try await service.client.send("GET", path).status == 200)
        #expect(try await service.client.send("GET", "/readyz").status == 200)
        try other.inDatabase { try $0.execute(sql: "rollback") }
        #expect(try await service.client.create().status == 201)
        try await service.stop()
    }

    @Test func `D15: a full disk is a 503 for writes, reads go on, and room makes it well`() async throws {
        let folder = try TemporaryFolder()
        let launcher = Confinement.smallDisk(at: folder.path, size: "4m")
        let service = try await RunningService.start(in: folder, launcher: launcher)
        let big = #"{"name":"Laptop","description":"\#(String(repeating: "d", count: 500))","price":1}"#
        var paths: [String] = []
        var refused: HTTPMessage.Response?
        while refused == nil, paths.count < 20_000 {
            let response = try await service.client.create(big)
            if response.status == 201 { paths.append(response.header("Location") ?? "") } else { refused = response }
        }
        try expectUnavailable(try #require(refused, "4 MiB never filled up"))
        try await service.wait(forLog: "disk is full")
        for path in [paths.first, paths.last] {
            #expect(try await service.client.send("GET", path ?? "").status == 200)
        }
        #expect(try await service.client.send("GET", "/livez").status == 200)
        // More room: the disk grows under the running service.
        let grow = [
            "nsenter", "--target", "\(service.process.identifier)", "--user", "--preserve-credentials", "--mount",
            "mount", "-o", "remount,size=16m", folder.path,
        ]
        #expect(try await ChildProcess.run(grow) == 0)
        #expect(try await service.client.create(big).status == 201)
        try await service.stop()
    }

    @Test func `D15: a file that may only be read serves reads, is not ready, and recovers by itself`() async throws {
        let folder = try TemporaryFolder()
        let launcher = Confinement.ordinaryUser
        let first = try await RunningService.start(in: folder, launcher: launcher)
        let path = try #require(try await first.client.create().header("Location"))
        try await first.stop()

        chmod(folder("products.db"), 0o444)
        let second = try await RunningService.start(in: folder, launcher: launcher, waitsUntilReady: false)
        try await second.wait(forLog: "reads are served")
        try await second.client.wait(for: 503)
        try await second.client.wait(for: 200, of: "/startupz")
        #expect(try await second.client.send("GET", path).status == 200)
        try expectUnavailable(try await second.client.create())
        #expect(second.process.log.contains("reads are served, writes are refused"))
        chmod(folder("products.db"), 0o644)
        try await second.client.wait(for: 200)
        #expect(try await second.client.create().status == 201)
        try await second.stop()

        chmod(folder.path, 0o555)
        chmod(folder("products.db"), 0o444)
        let third = try await RunningService.start(in: folder, launcher: launcher, waitsUntilReady: false)
        try await third.client.wait(for: 503)
        try expectUnavailable(try await third.client.create())
        #expect(try await third.client.send("GET", "/livez").status == 200)
        chmod(folder.path, 0o755)
        try await third.stop()
    }

    @Test func `D15: a folder that is not there is said, waited for, and not made up`() async throws {
        let folder = try TemporaryFolder()
        let (process, port) = try await ServiceProcess.serving([
            "--database-url", "sqlite:\(folder("volume/products.db"))",
        ])
        let client = ServiceClient(port: port)
        try await client.wait(for: 503)
        try expectUnavailable(try await client.create())
        #expect(process.log.contains("check that its folder exists"))
        try FileManager.default.createDirectory(atPath: folder("volume"), withIntermediateDirectories: false)
        try await client.wait(for: 200)
        #expect(try await client.create().status == 201)
        process.kill(SIGTERM)
        #expect(try await process.exitCode() == 0)
    }

    @Test func `D15: a file removed while it may only be read is not recreated either`() async throws {
        let folder = try TemporaryFolder()
        try await RunningService.start(in: folder, launcher: Confinement.ordinaryUser).stop()
        chmod(folder("products.db"), 0o444)
        let service = try await RunningService.start(
            in: folder, launcher: Confinement.ordinaryUser, waitsUntilReady: false)
        try await service.wait(forLog: "reads are served")
        for file in ["products.db", "products.db-wal", "products.db-shm"] {
            try? FileManager.default.removeItem(atPath: folder(file))
        }
        try await service.wait(forLog: "moved or removed")
        #expect(!FileManager.default.fileExists(atPath: folder("products.db")))
        try expectUnavailable(try await service.client.create())
        try await service.stop()
    }

    @Test func `D15: a file removed under the service is never acknowledged into, nor recreated`() async throws {
        let service = try await RunningService.start()
        #expect(try await service.client.create().status == 201)
        try FileManager.default.removeItem(atPath: service.databasePath)
        try expectUnavailable(try await service.client.create())
        try await service.client.wait(for: 503)
        #expect(service.process.log.contains("moved or removed"))
        #expect(!FileManager.default.fileExists(atPath: service.databasePath))
        #expect(try await service.client.send("GET", "/livez").status == 200)
        try await service.stop()
    }

    /// Fills a database so that damage in its middle meets rows.
    private func fill(_ folder: TemporaryFolder) async throws {
        let lines = (0..<8000).map {
            #"{"name":"Product \#($0)","description":"\#(String(repeating: "d", count: 400))","price":1}"#
        }
        let process = try ServiceProcess(
            ["import", "-", "--database-url", "sqlite:\(folder("products.db"))"],
            input: Array(lines.joined(separator: "\n").utf8))
        #expect(try await process.exitCode() == 0, "\(process.log)")
    }

    private func overwrite(_ path: String, from offset: Int, count: Int) throws {
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seek(toOffset: UInt64(offset))
        try handle.write(contentsOf: Data(repeating: 0xa5, count: count))
        try handle.close()
    }

    @Test(arguments: [(0, 4096), (16 * 4096, 64 * 4096)])
    func `D15: a damaged file is not ready, said to be damaged, and left as it is`(offset: Int, count: Int) async throws
    {
        let folder = try TemporaryFolder()
        try await fill(folder)
        try overwrite(folder("products.db"), from: offset, count: count)
        let before = try Data(contentsOf: URL(fileURLWithPath: folder("products.db")))
        let service = try await RunningService.start(in: folder, waitsUntilReady: false)
        try await service.client.wait(for: 503)
        try await service.wait(forLog: "it is damaged")
        try expectUnavailable(try await service.client.create())
        for offset in stride(from: 0, to: 8000, by: 500) {
            let status = try await service.client.send("GET", "\(ServiceClient.products)?limit=100&offset=\(offset)")
                .status
            #expect(status == 200 || status == 503)
        }
        #expect(try await service.client.send("GET", "/livez").status == 200)
        try await service.stop()
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder("products.db"))) == before)
    }

    @Test func `D15: damage under the running service turns it not ready, and does not end it`() async throws {
        let folder = try TemporaryFolder()
        try await fill(folder)
        let service = try await RunningService.start(in: folder)
        try overwrite(folder("products.db"), from: 8 * 4096, count: 1000 * 4096)
        var statuses: Set<Int> = []
        for offset in stride(from: 0, to: 8000, by: 200) {
            statuses.insert(
                try await service.client.send("GET", "\(ServiceClient.products)?limit=100&sort=name&offset=\(offset)")
                    .status)
        }
        #expect(statuses.isSubset(of: [200, 503]) && statuses.contains(503), "\(statuses)")
        try await service.client.wait(for: 503)
        try expectUnavailable(try await service.client.create())
        #expect(service.process.log.contains("it is damaged"))
        try await service.stop()
    }

    @Test func `D15: a log cut short loses at most what was cut off`() async throws {
        let service = try await RunningService.start()
        var paths: [String] = []
        for _ in 0..<50 { paths.append(try await service.client.create().header("Location") ?? "") }
        service.process.kill(SIGKILL)
        try await service.process.exitCode()
        let log = service.databasePath + "-wal"
        let size = try #require(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int)
        #expect(truncate(log, size / 2) == 0)
        let again = try await RunningService.start(in: service.folder)
        let statuses = try await paths.asyncMap { try await again.client.send("GET", $0).status }
        #expect(statuses.first == 200 && Set(statuses).isSubset(of: [200, 404]))
        #expect(statuses == statuses.sorted(), "what is left is a beginning of what was written")
        #expect(try await again.client.create().status == 201)
        try await again.stop()
    }

    @Test func `a database of a newer version is not touched`() async throws {
        let service = try await RunningService.start()
        try await service.stop()
        let database = try DatabaseQueue(path: service.databasePath)
        try await database.write { try $0.execute(sql: "insert into grdb_migrations values ('9999-from-the-future')") }
        try database.close()
        let older = try await RunningService.start(in: service.folder, waitsUntilReady: false)
        try await older.wait(forLog: "newer version")
        #expect(try await older.client.send("GET", "/startupz").status == 503)
        try await older.stop()
    }
}

extension Array {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
