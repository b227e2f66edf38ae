// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting
import Testing

@Suite struct `Settings on the command line` {
    private static func wrong(
        _ name: String, _ arguments: [String], _ environment: [String: String] = [:], _ words: [String]
    )
        -> (name: String, arguments: [String], environment: [String: String], words: [String])
    { (name, arguments, environment, words) }

    @Test(arguments: [
        wrong("port", ["--http-port", "http"], [:], ["--http-port"]),
        wrong("port from the environment", [], ["HTTP_PORT": "0x50"], ["HTTP_PORT"]),
        wrong("size", [], ["HTTP_MAX_BODY": "1MB"], ["HTTP_MAX_BODY"]),
        wrong("duration", [], ["SHUTDOWN_TIMEOUT": "20"], ["SHUTDOWN_TIMEOUT"]),
        wrong("level", ["--log-level", "loud"], [:], ["--log-level", "warning"]),
        wrong("database", [], ["DATABASE_URL": "mysql://root:hunter2@db/x"], ["DATABASE_URL"]),
        wrong("redis", [], ["REDIS_URL": "redis://:hunter2@cache:x"], ["REDIS_URL"]),
        wrong("redis for one alone", ["--database-url", "memory:"], ["REDIS_URL": "redis://cache"], ["REDIS_URL"]),
        wrong("the file of a password", [], ["REDIS_PASSWORD_FILE": "/nonexistent"], ["REDIS_PASSWORD_FILE"]),
        wrong("lifetimes", [], ["CACHE_TTL": "0s", "CACHE_NEAR_BYTES": "-1"], ["CACHE_TTL", "CACHE_NEAR_BYTES"]),
        wrong(
            "statements that outlive what closes keys",
            ["--database-url", "postgres://a@b/c", "--redis-url", "redis://cache"],
            ["DATABASE_STATEMENT_TIMEOUT": "30s"], ["--redis-url", "DATABASE_STATEMENT_TIMEOUT"]),
        wrong("two at once", ["--http-port", "-1"], ["LOG_LEVEL": "x"], ["--http-port", "LOG_LEVEL"]),
        wrong("a flag without a value", ["--http-port"], [:], ["--http-port"]),
        wrong("a missing file", ["--config", "/nonexistent.yaml"], [:], ["--config", "/nonexistent.yaml"]),
        wrong("equal ports", ["--http-port", "8099", "--admin-port", "8099"], [:], ["--admin-port"]),
    ])
    func `K12: a wrong value stops the start, each in one line that names the key`(
        name: String, arguments: [String], environment: [String: String], words: [String]
    ) async throws {
        let process = try ServiceProcess(["serve"] + arguments, environment: environment)
        #expect(try await process.exitCode(within: .seconds(5)) == 78, "\(name): \(process.log)")
        let lines = process.log.split(separator: "\n")
        for word in words { #expect(lines.contains { $0.contains(word) }, "\(name): \(process.log)") }
        #expect(!process.log.contains("hunter2"))
        #expect(lines.allSatisfy { $0.hasPrefix("product-service: ") })
    }

    @Test func `K12: an unknown flag, command or key of the file stops the start`() async throws {
        let folder = try TemporaryFolder()
        try "http:\n  prot: 1\n".write(toFile: folder("c.yaml"), atomically: true, encoding: .utf8)
        let file = try ServiceProcess(["serve", "--config", folder("c.yaml")])
        #expect(try await file.exitCode() == 78)
        #expect(file.log.contains("c.yaml:2") && file.log.contains("http.prot"))
        for arguments in [["--http-prot", "1"], ["serv"], ["import"], ["config", "x"]] {
            let process = try ServiceProcess(arguments)
            #expect(try await process.exitCode() == 64, "\(arguments): \(process.log)")
        }
    }

    @Test func `K12: a port in use stops the start`() async throws {
        let service = try await RunningService.start()
        for flag in ["--http-port", "--admin-port"] {
            let other = flag == "--http-port" ? [] : ["--http-port", "0"]
            let process = try ServiceProcess(
                ["serve", "--database-url", "memory:", flag, "\(service.client.port)"] + other)
            #expect(try await process.exitCode(within: .seconds(5)) == 78, "\(process.log)")
            #expect(process.log.contains(flag == "--http-port" ? "HTTP_PORT" : "ADMIN_PORT"))
            #expect(process.log.contains("in use"))
        }
        let address = try ServiceProcess(["serve", "--database-url", "memory:", "--http-host", "192.0.2.1"])
        #expect(try await address.exitCode(within: .seconds(5)) == 78 && address.log.contains("192.0.2.1"))
        try await service.stop()
    }

    @Test func `config prints every setting in force, and where it comes from`() async throws {
        let folder = try TemporaryFolder()
        try "log.level: debug\n".write(toFile: folder("c.yaml"), atomically: true, encoding: .utf8)
        let process = try ServiceProcess(
            ["config", "--config", folder("c.yaml"), "--http-port", "9000"], environment: ["SHUTDOWN_DELAY": "5s"])
        #expect(try await process.exitCode() == 0)
        let lines = process.log.split(separator: "\n")
        #expect(lines.contains("HTTP_PORT=9000  # --http-port"))
        #expect(lines.contains("SHUTDOWN_DELAY=5s  # SHUTDOWN_DELAY"))
        #expect(lines.contains("LOG_LEVEL=debug  # log.level in \(folder("c.yaml"))"))
        #expect(lines.contains("HTTP_HOST=127.0.0.1  # default"))
        #expect(lines.contains("ADMIN_PORT=  # unset"))
    }

    @Test func `the schema and the reference tell of every setting, whatever is in force`() async throws {
        let inForce = try ServiceProcess(["config"])
        #expect(try await inForce.exitCode() == 0)
        let names = inForce.log.split(separator: "\n").compactMap { $0.split(separator: "=").first.map(String.init) }
        let wrong = ["HTTP_PORT": "x"]
        let schema = try ServiceProcess(["config", "--schema"], environment: wrong)
        #expect(try await schema.exitCode() == 0, "\(schema.log)")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(schema.log.utf8)) as? [String: Any])
        let properties = try #require(document["properties"] as? [String: [String: Any]])
        #expect(properties.keys.sorted() == names.sorted())
        let help = try ServiceProcess(["--help"])
        #expect(try await help.exitCode() == 0)
        let explained = help.log.matches(of: /(?m)^ +--[a-z-]+, ([A-Z_]+)/).map { String($0.1) }
        #expect(explained.sorted() == names.sorted())
        #expect(properties["HTTP_PORT"]?["default"] as? String == "8080")
        #expect(properties["JWT_SECRET"]?["writeOnly"] as? Bool == true)
        #expect(document["additionalProperties"] as? Bool == false)
        #expect(document["x-operations"] as? [String] == ["/startupz", "/livez", "/readyz", "/metrics"])
        let reference = try ServiceProcess(["config", "--reference"], environment: wrong)
        #expect(try await reference.exitCode() == 0)
        for name in names { #expect(reference.log.contains("| `\(name)` |")) }
        let both = try ServiceProcess(["config", "--schema", "--reference"])
        #expect(try await both.exitCode() == 64)
    }

    @Test func `EVENT_LOOPS sets how many loops there are`() async throws {
        let service = try await RunningService.start(["--event-loops", "3"])
        let metrics = String(decoding: try await service.client.send("GET", "/metrics").body, as: UTF8.self)
        #expect(metrics.contains(#"event_loop_lag_seconds{loop="2"}"#) && !metrics.contains(#"loop="3""#))
        try await service.stop()
    }

    @Test func `the help explains every setting`() async throws {
        let process = try ServiceProcess(["--help"])
        #expect(try await process.exitCode() == 0)
        for name in [
            "--http-port", "HTTP_PORT", "--database-url", "SHUTDOWN_TIMEOUT", "ADMIN_HOST", "HTTP_MAX_BODY", "--config",
        ] {
            #expect(process.log.contains(name))
        }
    }
}
