// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a person at the terminal is told.
enum StandardError {
    static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

    /// Whether a person reads it as it is written.
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
