// SPDX-License-Identifier: Apache-2.0

import Chassis
import Edge
import Foundation
import ServiceTesting
import Testing

@Suite struct `The configuration` {
    private static let keys = HTTPConfiguration.keys + AdminConfiguration.keys + ShutdownConfiguration.keys + [url]
    private static let url = ConfigurationKey(
        "database.url", default: nil, redaction: .credentialsOfURL, "Where the products are kept.")

    private func reader(
        _ arguments: [String] = [], environment: [String: String] = [:], file: String? = nil
    ) throws -> ConfigurationReader {
        let flags = try ConfigurationFlags(arguments: arguments, keys: Self.keys)
        return ConfigurationReader(flags: flags, environment: environment, filePath: file, keys: Self.keys)
    }

    @Test func `a flag outranks the environment, the environment the file, the file the default`() throws {
        let folder = try TemporaryFolder()
        try "http:\n  port: 1003\n  idle.timeout: 3s\nshutdown.delay: 5s\n".write(
            toFile: folder("c.yaml"), atomically: true, encoding: .utf8)
        let environment = ["HTTP_PORT": "1002", "HTTP_IDLE_TIMEOUT": "2s", "HTTP_HOST": ""]
        var reader = try reader(["--http-port", "1001"], environment: environment, file: folder("c.yaml"))
        let http = HTTPConfiguration(reading: &reader)
        #expect(http.port == 1001 && http.edge.idleTimeout == .seconds(2) && http.host == "127.0.0.1")
        #expect(ShutdownConfiguration(reading: &reader).delay == .seconds(5))
        let sources = Dictionary(uniqueKeysWithValues: reader.entries.map { ($0.key.name, $0.source) })
        #expect(sources["http.host"] == "default" && sources["http.port"] == "--http-port")
        #expect(sources["http.idle.timeout"] == "HTTP_IDLE_TIMEOUT" && sources["shutdown.timeout"] == "default")
        #expect(sources["shutdown.delay"] == "shutdown.delay in \(folder("c.yaml"))")
        try reader.validate()
    }

    @Test func `everything wrong is told at once, by the key as it was written`() throws {
        var reader = try reader(["--http-port=70000"], environment: ["HTTP_MAX_BODY": "1TB", "SHUTDOWN_DELAY": "5"])
        _ = HTTPConfiguration(reading: &reader)
        _ = ShutdownConfiguration(reading: &reader)
        #expect(reader.problems.map(\.key) == ["--http-port", "HTTP_MAX_BODY", "SHUTDOWN_DELAY"])
        #expect(throws: ConfigurationProblems.self) { try reader.validate() }
    }

    @Test func `a secret's value is told nowhere`() throws {
        let secret = "postgres://ann:hunter2@db:5432/products"
        var reader = try reader(environment: ["DATABASE_URL": secret])
        let refusesAll = ConfigurationValueKind<Int>(requirement: "something else") { _ in nil }
        _ = reader.optional(Self.url, as: refusesAll)
        #expect(reader.problems.count == 1 && !"\(reader.problems)".contains("hunter2"))
        #expect(Self.url.shown(secret) == "postgres://REDACTED@db:5432/products")
        #expect(Self.url.shown("postgres://a:p@ss@db/x") == "postgres://REDACTED@db/x")
        #expect(Self.url.shown("postgres://db/x?password=p@ss") == "postgres://db/x?password=REDACTED")
        #expect(
            Self.url.shown("postgres://db/x?user=a&password=p&sslmode=require&sslPassword=q")
                == "postgres://db/x?user=a&password=REDACTED&sslmode=require&sslPassword=REDACTED")
        #expect(Self.url.shown("sqlite:./a@b") == "sqlite:./a@b")
    }

    @Test func `a file with unknown keys, lists, doubles or broken YAML is refused by the line`() throws {
        let folder = try TemporaryFolder()
        let table = [
            ("http:\n  prot: 1\n", "c.yaml:2", "http.prot"), ("http.port: [1, 2]\n", "c.yaml:1", "single value"),
            ("http.port: 1\nhttp:\n  port: 2\n", "c.yaml:3", "twice"), ("a: 'b\n", "c.yaml", "YAML"),
            ("- a\n", "c.yaml:1", "single value"),
        ]
        for (text, place, word) in table {
            try text.write(toFile: folder("c.yaml"), atomically: true, encoding: .utf8)
            let problems = try reader(file: folder("c.yaml")).problems
            #expect(
                problems.count == 1 && "\(problems)".contains(place) && "\(problems)".contains(word),
                "\(text): \(problems)")
        }
        #expect(try reader(file: folder("none.yaml")).problems.count == 1)
        try "".write(toFile: folder("c.yaml"), atomically: true, encoding: .utf8)
        #expect(try reader(file: folder("c.yaml")).problems.isEmpty)
    }

    @Test func `durations and sizes are read with their units, and bounded`() {
        let duration = ConfigurationValueKind<Duration>.duration(in: .zero ... .seconds(600))
        for (text, value) in [
            ("250ms", Duration.milliseconds(250)), ("5s", .seconds(5)), ("2m", .seconds(120)), ("0s", .zero),
        ] {
            #expect(duration.parse(text) == value)
        }
        for text in [
            "", "5", "s", "-1s", "11m", "1.5s", "5 s", "99999999999999999999s", "9223372036854775807h",
            "-9223372036854775808h",
        ] {
            #expect(duration.parse(text) == nil, "\(text)")
        }
        let size = ConfigurationValueKind<Int>.byteCount(in: 1024...1 << 30)
        for (text, value) in [("1024", 1024), ("64KiB", 65_536), ("1MiB", 1 << 20), ("1GiB", 1 << 30), ("2048B", 2048)]
        {
            #expect(size.parse(text) == value)
        }
        for text in ["", "1", "KiB", "2GiB", "1MB", "9223372036854775807GiB", "-1MiB"] {
            #expect(size.parse(text) == nil, "\(text)")
        }
    }

    @Test func `flags are told from other arguments`() throws {
        let flags = try ConfigurationFlags(
            arguments: [
                "import", "--http-port", "1", "file", "--skip-invalid", "--http-host=::1", "--", "--http-port", "2",
            ], keys: Self.keys)
        #expect(flags.otherArguments == ["import", "file", "--skip-invalid", "--", "--http-port", "2"])
        #expect(flags.values[HTTPConfiguration.portKey] == "1" && flags.values[HTTPConfiguration.hostKey] == "::1")
        #expect(throws: ConfigurationProblem.self) {
            try ConfigurationFlags(arguments: ["--http-port"], keys: Self.keys)
        }
    }
}
