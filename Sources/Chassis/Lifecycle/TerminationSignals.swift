// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Catches the signals that ask a process to stop: the first is handed on, a second ends the process at once.
///
/// `SIGPIPE` is ignored: a peer that goes away is an error of one write. Thread-safe.
package final class TerminationSignals: Sendable {
    /// The first signal's number. Kept until it is looked at, so that one that comes during the start is not lost.
    package let first: AsyncStream<Int32>

    // Never read: the sources catch signals for as long as they exist.
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    private static let numbers = [SIGTERM, SIGINT, SIGHUP, SIGQUIT]

    /// Starts to catch. To be called once in a process, before anything else.
    package init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingOldest(1))
        first = stream
        signal(SIGPIPE, SIG_IGN)
        let queue = DispatchQueue(label: "termination-signals")
        let isFirst = IsFirst()
        sources = Self.numbers.map { number in
            #if canImport(Darwin)
            // Dispatch hears of a signal there beside its default action, which would end the process.
            signal(number, SIG_IGN)
            #endif
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler {
                guard isFirst.take() else { _exit(128 + number) }
                continuation.yield(number)
            }
            source.resume()
            return source
        }
    }
}

/// Says yes once.
private final class IsFirst: Sendable {
    private let taken = Atomic(false)

    func take() -> Bool { !taken.exchange(true, ordering: .relaxed) }
}
