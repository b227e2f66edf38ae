// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A file that children write to, with an input from which nothing comes.
package final class LogFile: Sendable {
    package let input: Int32
    package let output: Int32
    private let path: String
    private let folder: TemporaryFolder?

    /// - Parameter path: Appended to; a file of its own, removed with the value, when nil.
    package init(_ path: String? = nil) throws {
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

    package var text: String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
}
