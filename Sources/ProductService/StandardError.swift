// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a person at the terminal is told.
enum StandardError {
    /// Writes what it can: a reader that has gone away must not end the work.
    static func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }

    /// Whether a person reads it as it is written.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
