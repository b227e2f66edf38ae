// SPDX-License-Identifier: Apache-2.0

/// How a service's process ends. A second signal ends it at once with 128 and the signal's number.
package enum ExitCode: Int32, Sendable {
    /// Stopped as asked, with every request answered.
    case stopped = 0
    /// Failed to start or to go on; the log says why.
    case failed = 1
    /// Stopped as asked, but the drain limit cut requests off.
    case drainLimitReached = 3
    /// The command line is wrong (`EX_USAGE`).
    case usage = 64
    /// The input is wrong (`EX_DATAERR`).
    case wrongInput = 65
    /// A setting is wrong (`EX_CONFIG`).
    case configuration = 78
}
