// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Commands that end by themselves.
package enum Command {
    /// Runs a command to its end and returns its exit code.
    package static func run(
        _ command: [String], output: LogFile, environment: [String: String] = [:]
    ) async throws -> Int32 {
        let process = try ChildProcess(
            command, environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
            input: output.input, output: output.output, error: output.output)
        try await wait(for: "the end of \(command)", within: .seconds(60)) { !process.isRunning }
        return process.exitCode ?? 0
    }
}
