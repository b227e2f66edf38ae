// SPDX-License-Identifier: Apache-2.0

/// Why a store cannot answer. The words go to logs, never to a client.
package enum StoreUnavailability: String, Sendable, Hashable {
    /// It has not been opened yet, or could not be.
    case notOpen = "not open"
    /// Another writer holds it.
    case busy = "busy"
    /// No connection to it can be had, or it was lost.
    case unreachable = "not reachable"
    /// It did not answer in time.
    case timedOut = "no answer in time"
    /// It was lost while it wrote: what was asked for may have happened or not.
    case outcomeUnknown = "outcome unknown"
    /// There is no space left.
    case full = "no space left"
    case readOnly = "read-only"
    case corrupt = "corrupt"
    /// Its file is no longer where it was.
    case moved = "file moved or removed"
    /// A newer version of the service has written it.
    case tooNew = "schema of a newer version"
    case failed = "input or output error"
    /// The caller gave up waiting.
    case cancelled = "cancelled"
}
