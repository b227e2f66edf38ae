// SPDX-License-Identifier: Apache-2.0

import Foundation
import ServiceTesting

/// Commands that end by themselves.
enum Command {
    /// Runs a command to its end and returns its exit code.
    static func run(
        _ command: [String], output: LogFile, environment: [String: String] = [:]
    ) async throws -> Int32 {
        let process = try ChildProcess(
            command, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            input: output.input, output: output.output, error: output.output)
        try await wait(for: "the end of \(command)", within: .seconds(60)) { !process.isRunning }
        return process.exitCode ?? 0
    }
}

/// A file that children write to, with an input from which nothing comes.
final class LogFile: Sendable {
    let input: Int32
    let output: Int32
    private let path: String
    private let folder: TemporaryFolder?

    /// - Parameter path: Appended to; a file of its own, removed with the value, when nil.
    init(_ path: String? = nil) throws {
        folder = path == nil ? try TemporaryFolder() : nil
        self.path = path ?? folder?("log") ?? ""
        input = open("/dev/null", O_RDONLY | O_CLOEXEC)
        output = open(self.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        if output < 0 { throw ChildProcess.Failure.system(errno: errno) }
    }

    deinit {
        close(input)
        close(output)
    }

    var text: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
