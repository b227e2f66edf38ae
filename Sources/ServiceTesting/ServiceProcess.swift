// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// The service as a process of its own: really started, really signalled, ended with the test.
package final class ServiceProcess: Sendable {
    package enum Failure: Error, CustomStringConvertible {
        case missingExecutable(String)
        case noPort(String)

        package var description: String {
            switch self {
            case .missingExecutable(let path): "no executable at \(path): build product-service first"
            case .noPort(let log): "the service did not begin to listen: \(log)"
            }
        }
    }

    private let process: ChildProcess
    private let output: OutputCollector

    package var identifier: Int32 { process.identifier }
    package var isRunning: Bool { process.isRunning }
    /// Everything it has written so far.
    package var log: String { output.text }

    /// The lines of its log that are JSON objects.
    package var logLines: [[String: Any]] {
        log.split(separator: "\n").compactMap { line in
            try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        }
    }

    /// The executable beside the running tests.
    package static var executable: URL {
        // The test bundle lies in the folder of the products.
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appending(path: "product-service")
    }

    /// Starts the service.
    ///
    /// - Parameters:
    ///   - launcher: A command to run it under, such as `["setpriv", "--reuid", "65532"]`.
    ///   - environment: Its whole environment but for `PATH` and ``TestCredentials/environment``, which it outranks.
    ///   - input: What it reads from standard input; nothing when nil.
    ///   - readsOutput: Whether what it writes is read; else that must be begun with ``readOutput()``.
    package init(
        _ arguments: [String], environment: [String: String] = [:], launcher: [String] = [], input: [UInt8]? = nil,
        readsOutput: Bool = true
    ) throws {
        let executable = Self.executable
        guard FileManager.default.isExecutableFile(atPath: executable.path) else {
            throw Failure.missingExecutable(executable.path)
        }
        output = try OutputCollector()
        // A file and not a pipe: writing to a pipe whose reader has ended would end the tests.
        let inputFolder = try input.map { _ in try TemporaryFolder() }
        if let input, let inputFolder { try Data(input).write(to: URL(fileURLWithPath: inputFolder("input"))) }
        let descriptor = open(inputFolder?("input") ?? "/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        process = try ChildProcess(
            ["env"] + launcher + [executable.path] + arguments,
            environment: TestCredentials.environment.merging(environment) { $1 }
                .merging(["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]) { $1 },
            input: descriptor, output: output.standardOutput.writeEnd, error: output.standardError.writeEnd)
        output.standardOutput.closeWriteEnd()
        output.standardError.closeWriteEnd()
        if readsOutput { output.start() }
    }

    /// Begins to read what it writes.
    package func readOutput() { output.start() }

    /// Starts the service on a free port and waits until it listens there.
    package static func serving(
        _ arguments: [String] = [], environment: [String: String] = [:], launcher: [String] = []
    ) async throws -> (process: ServiceProcess, port: Int) {
        let service = try ServiceProcess(
            ["serve", "--http-port", "0"] + arguments, environment: environment, launcher: launcher)
        return (service, try await service.port(of: "api"))
    }

    /// The port a listener listens on, from its log line.
    package func port(of listener: String) async throws -> Int {
        for _ in 0..<1000 {
            for line in logLines where line["listener"] as? String == listener {
                if let port = (line["address"] as? String)?.split(separator: ":").last.flatMap({ Int($0) }) {
                    return port
                }
            }
            if !isRunning { break }
            try await Task.sleep(for: .milliseconds(20))
        }
        kill(SIGKILL)
        throw Failure.noPort(log)
    }

    package func kill(_ signal: Int32) { process.kill(signal) }

    /// Waits for the end and returns the exit code, or minus the signal that ended it.
    @discardableResult
    package func exitCode(within limit: Duration = .seconds(30)) async throws -> Int32 {
        let stopwatch = Stopwatch()
        while process.isRunning {
            if stopwatch.elapsed > limit {
                kill(SIGKILL)
                throw DeadlineExceeded(description: "exit; the log: \(log)")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        await output.finish()
        return process.exitCode ?? 0
    }

    /// What it wrote to standard output, once it has ended.
    package var standardOutput: [UInt8] { output.standardOutputBytes }

    deinit {
        process.kill(SIGKILL)
    }
}
