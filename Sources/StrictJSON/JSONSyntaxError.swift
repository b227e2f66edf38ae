// SPDX-License-Identifier: Apache-2.0

/// Why a text is not JSON this service accepts, and where.
package struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, in words that are safe to send back: never more of the text than one byte.
    package let reason: String
    /// The line, from 1.
    package let line: Int
    /// The column, from 1, in bytes.
    package let column: Int

    package var description: String { "\(reason) at line \(line), column \(column)" }
}
