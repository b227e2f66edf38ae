// SPDX-License-Identifier: Apache-2.0

import Foundation
package import ServiceTesting
import Synchronization

/// A Redis server of a test's own: in a temporary folder, on a free port of the loopback address, ended with the value.
/// Thread-safe.
package final class RedisServer: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let port: Int
    package let folder: TemporaryFolder
    private let settings: [String]
    private let isEncrypted: Bool
    private let process = Mutex<ChildProcess?>(nil)

    /// Starts a server.
    ///
    /// - Parameters:
    ///   - settings: As on the command line, `["--maxclients", "10"]`, in addition to the server's own.
    ///   - isEncrypted: Whether it takes connections in TLS alone, with a certificate of its own (``certificate``).
    package static func start(_ settings: [String] = [], isEncrypted: Bool = false) async throws -> RedisServer {
        let server = try RedisServer(settings, isEncrypted: isEncrypted)
        if isEncrypted { try await server.makeCertificate() }
        try await server.start()
        return server
    }

    private init(_ settings: [String], isEncrypted: Bool) throws {
        self.settings = settings
        self.isEncrypted = isEncrypted
        folder = try TemporaryFolder()
        port = try FreePort.next()
    }

    /// The URL of a database of the server.
    package func url(database: Int = 0, credentials: String = "") -> String {
        isEncrypted
            ? "rediss://\(credentials)localhost:\(port)/\(database)?cacert=\(certificate)"
            : "redis://\(credentials)127.0.0.1:\(port)/\(database)"
    }

    /// The file with the certificate of a server that is encrypted.
    package var certificate: String { folder("server.crt") }

    private func makeCertificate() async throws {
        let output = try LogFile()
        let command = [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", folder("server.key"), "-out", certificate,
        ]
        guard try await Command.run(command, output: output) == 0 else {
            throw Failure(description: "no certificate: \(output.text)")
        }
    }

    /// What the server has written.
    package var log: String { (try? String(contentsOfFile: folder("server.log"), encoding: .utf8)) ?? "" }

    // MARK: - Life

    /// Starts the server, again when it has run before, and waits until it takes connections.
    package func start() async throws {
        let log = try LogFile(folder("server.log"))
        let listening =
            isEncrypted
            ? [
                "--port", "0", "--tls-port", "\(port)", "--tls-cert-file", certificate, "--tls-key-file",
                folder("server.key"), "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no",
            ] : ["--port", "\(port)"]
        let command =
            ["redis-server", "--bind", "127.0.0.1", "--dir", folder.path, "--save", "", "--appendonly", "no"]
            + ["--enable-debug-command", "yes"] + listening + settings
        let started: ChildProcess
        do {
            started = try ChildProcess(command, input: log.input, output: log.output, error: log.output)
        } catch {
            throw Failure(description: "redis-server does not start (\(error)): run scripts/install-packages test")
        }
        process.withLock { $0 = started }
        try await wait(for: "Redis: \(self.log)") {
            guard started.isRunning else { throw Failure(description: "redis-server has ended: \(self.log)") }
            let answer = try await execute("PING")
            return answer.contains("PONG") || answer.contains("NOAUTH")
        }
    }

    package var isRunning: Bool { process.withLock { $0?.isRunning == true } }

    /// Signals the server: `SIGSTOP` makes it deaf, and its connections stay open.
    package func kill(_ signal: Int32) { process.withLock { $0?.kill(signal) } }

    /// Ends the server and waits for the end.
    package func stop(_ signal: Int32 = SIGKILL) async throws {
        kill(signal)
        try await wait(for: "the end of Redis", within: .seconds(30)) { !self.isRunning }
    }

    deinit {
        kill(SIGKILL)
    }

    // MARK: - Commands by another client

    /// Runs a command with redis-cli and returns what it prints.
    @discardableResult
    package func execute(_ arguments: String..., database: Int = 0) async throws -> String {
        let output = try LogFile()
        let encryption = isEncrypted ? ["--tls", "--cacert", certificate, "-h", "localhost"] : ["-h", "127.0.0.1"]
        _ = try await Command.run(
            ["redis-cli"] + encryption + ["-p", "\(port)", "-n", "\(database)"] + arguments, output: output)
        return output.text.trimmingCharacters(in: .newlines)
    }
}
