// SPDX-License-Identifier: Apache-2.0

import Foundation
package import ServiceTesting
import Synchronization

/// A PostgreSQL server of a test's own: a new cluster in a temporary folder, on a free port of the loopback address,
/// ended with the value. Thread-safe.
package final class PostgresServer: Sendable {
    package let port: Int
    package let folder: TemporaryFolder
    private let settings: [String]
    private let launcher: [String]
    private let disk: TemporaryFolder?
    private let address: String
    /// What clients are started with.
    private let clientLauncher: [String]
    private let process = Mutex<ChildProcess?>(nil)

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - settings: Lines such as `max_connections=3`, in addition to the server's own.
    ///   - authentication: How clients that come over TCP show who they are: `trust`, or `scram-sha-256` with the
    ///     password `first` of the user `postgres`.
    ///   - encrypted: Whether it takes connections in TLS, with a certificate of its own.
    package static func start(
        _ settings: [String] = [], authentication: String = "trust", encrypted: Bool = false
    ) async throws -> PostgresServer {
        let server = try await PostgresServer(
            settings + (encrypted ? ["ssl=on"] : []), authentication: authentication)
        if encrypted { try await server.makeCertificate() }
        try await server.start()
        return server
    }

    /// Starts a server with a tablespace `small` on a disk of its own, of the size given as `mount` reads it. All else,
    /// the write-ahead log above all, has all the room there is: without, the server would end.
    package static func start(smallTablespace size: String) async throws -> PostgresServer {
        let disk = try TemporaryFolder()
        let launcher =
            Confinement.smallDisk(at: disk.path, size: size)
            + ["sh", "-c", "mkdir -m 700 '\(disk("tables"))' && exec \"$@\"", "sh"] + PostgresPrograms.ordinaryUser
        let server = try await PostgresServer([], launcher: launcher, disk: disk)
        try await server.start()
        try await server.execute("create tablespace small location '\(disk("tables"))'")
        return server
    }

    /// Starts a server on the server's host of a network.
    package static func start(in network: IsolatedNetwork) async throws -> PostgresServer {
        let server = try await PostgresServer(
            [], launcher: network.serverLauncher + PostgresPrograms.ordinaryUser,
            address: IsolatedNetwork.serverAddress, clientLauncher: network.clientLauncher)
        let access = try FileHandle(forWritingTo: URL(fileURLWithPath: server.folder("data/pg_hba.conf")))
        try access.seekToEnd()
        try access.write(contentsOf: Data("host all all 10.77.0.0/24 trust\n".utf8))
        try access.close()
        try await server.start()
        return server
    }

    /// Makes a cluster, and starts nothing yet.
    package init(
        _ settings: [String], authentication: String = "trust", launcher: [String] = PostgresPrograms.launcher,
        disk: TemporaryFolder? = nil, address: String = "127.0.0.1", clientLauncher: [String] = []
    ) async throws {
        folder = try TemporaryFolder()
        self.disk = disk
        self.address = address
        self.clientLauncher = clientLauncher
        port = try FreePort.next()
        self.settings = settings
        self.launcher = launcher
        try await ClusterTemplate.copy(authentication: authentication, to: folder("data"))
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// Puts a key and a certificate where the server looks for them.
    private func makeCertificate() async throws {
        let output = try LogFile()
        let command = [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-keyout", folder("data/server.key"), "-out", folder("data/server.crt"),
        ]
        guard try await Command.run(PostgresPrograms.launcher + command, output: output) == 0 else {
            throw Failure(description: "no certificate: \(output.text)")
        }
        chmod(folder("data/server.key"), 0o600)
    }

    /// What the server has written.
    package var log: String { (try? String(contentsOfFile: folder("server.log"), encoding: .utf8)) ?? "" }

    /// The address of a database for libpq and for our configuration.
    package func url(database: String = "postgres", user: String = "postgres", query: String = "") -> String {
        "postgres://\(user)@\(address):\(port)/\(database)\(query)"
    }

    // MARK: - Life

    /// Starts the server, again when it has run before, and waits until it takes connections.
    package func start() async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            try launch()
            if try await isAccepting(until: deadline) { return }
            // What a killed server leaves behind takes a moment to end.
            if ContinuousClock.now > deadline { throw Failure(description: "the server did not start: \(log)") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Starts the server and does not wait.
    package func launch() throws {
        let log = try LogFile(folder("server.log"))
        let command =
            launcher + [
                try PostgresPrograms.path(of: "postgres"), "-D", folder("data"), "-p", "\(port)",
            ] + (["listen_addresses=\(address)", "unix_socket_directories="] + settings).flatMap { ["-c", $0] }
        let started = try ChildProcess(command, input: log.input, output: log.output, error: log.output)
        process.withLock { $0 = started }
    }

    private func isAccepting(until deadline: ContinuousClock.Instant) async throws -> Bool {
        while process.withLock({ $0?.isRunning == true }), ContinuousClock.now < deadline {
            let question =
                clientLauncher + [try PostgresPrograms.path(of: "pg_isready"), "-q", "-h", address, "-p", "\(port)"]
            if try await Command.run(question, output: LogFile()) == 0 { return true }
            try await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    /// Whether the server's first process runs.
    package var isRunning: Bool { process.withLock { $0?.isRunning == true } }

    /// Signals the server's first process: `SIGTERM` waits for clients, `SIGINT` does not, `SIGQUIT` ends at once.
    package func kill(_ signal: Int32) { process.withLock { $0?.kill(signal) } }

    /// Ends the server with a signal and waits for the end.
    package func stop(_ signal: Int32 = SIGINT) async throws {
        kill(signal)
        try await wait(for: "the end of the server", within: .seconds(30)) { !self.isRunning }
    }

    package func restart(_ signal: Int32 = SIGINT) async throws {
        try await stop(signal)
        try await start()
    }

    /// Signals every process of the server: `SIGSTOP` makes it deaf, and its connections stay open.
    package func signalAll(_ signal: Int32) {
        guard let first = process.withLock({ $0?.identifier }) else { return }
        for process in [first] + Self.children(of: first) { _ = Foundation.kill(process, signal) }
    }

    static func children(of parent: Int32) -> [Int32] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { Int32($0) }.filter { process in
            let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            // The name before it is in parentheses, and may hold spaces.
            return status.split(separator: ")").last?.split(separator: " ").dropFirst().first == "\(parent)"
        }
    }

    deinit {
        signalAll(SIGCONT)
        kill(SIGQUIT)
        guard let process = process.withLock({ $0 }) else { return }
        // The files are removed with the folder: the server must not be writing any more. On a thread of its own, as
        // tasks must not be kept waiting.
        Thread.detachNewThread { [folder, disk] in
            process.waitUntilEnd(seconds: 5)
            process.kill(SIGKILL)
            withExtendedLifetime((folder, disk)) {}
        }
    }

    // MARK: - Statements by another client

    /// Runs SQL with psql and returns what it prints: values separated by `|`, one line for each row.
    ///
    /// - Parameter settings: Those of the session, as libpq's `options` take them.
    /// - Returns: What failed, beginning with `psql: error`, when it does.
    @discardableResult
    package func execute(
        _ sql: String, database: String = "postgres", settings: String = ""
    ) async throws -> String {
        let output = try LogFile()
        _ = try await Command.run(
            clientLauncher + [
                try PostgresPrograms.path(of: "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql,
                url(database: database),
            ], output: output, environment: ["PGPASSWORD": "first", "PGCONNECT_TIMEOUT": "5", "PGOPTIONS": settings])
        return output.text
    }
}
