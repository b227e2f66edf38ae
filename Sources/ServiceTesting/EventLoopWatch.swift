// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// Looks at the event loops of a process every few milliseconds, as the system sees them, and keeps what held one up: a
/// call in which it slept, other than the wait for events. However slow the machine is, a loop that is ready to run is
/// not taken for one that is blocked. Thread-safe. On Linux; elsewhere it sees nothing.
package final class EventLoopWatch: Sendable {
    /// A loop's sleep in one call, seen in several samples.
    private struct Sleep {
        let call: String
        /// How often the thread had gone to sleep: the same in two samples means that it has not run in between.
        let count: String
        let stopwatch = Stopwatch()
    }

    /// How long a sleep may be: locks are held for far less, and what a service waits for takes longer.
    package static let limit = Duration.milliseconds(50)
    /// epoll_wait, epoll_pwait and epoll_pwait2.
    #if arch(x86_64)
    private static let waits: Set<String> = ["232", "281", "441"]
    #else
    private static let waits: Set<String> = ["22", "441"]
    #endif

    private let folder: String
    private let found = Mutex<Set<String>>([])
    private let samples = Atomic(0)
    private let ends = Atomic(false)
    private let ended = DispatchSemaphore(value: 0)

    /// Begins to watch a process of this user.
    package init(process identifier: Int32) {
        folder = "/proc/\(identifier)/task"
        Thread.detachNewThread { self.run() }
    }

    /// Stops watching. Returns what held loops up longer than ``limit``, each once, and how many times a loop was
    /// looked at.
    package func stop() -> (blocked: Set<String>, samples: Int) {
        ends.store(true, ordering: .relaxed)
        ended.wait()
        return (found.withLock { $0 }, samples.load(ordering: .relaxed))
    }

    private func run() {
        var sleeps: [String: Sleep] = [:]
        let pause = DispatchSemaphore(value: 0)
        let threads = loops()
        while !ends.load(ordering: .relaxed) {
            for thread in threads { look(at: thread, &sleeps[thread]) }
            _ = pause.wait(timeout: .now() + .milliseconds(5))
        }
        ended.signal()
    }

    /// The threads that are event loops, by the names that NIO gives them.
    private func loops() -> [String] {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return threads.filter { read($0, "comm")?.hasPrefix("NIO-") == true }
    }

    private func look(at thread: String, _ sleep: inout Sleep?) {
        // "running", or the number of the call and what it was given.
        guard let call = read(thread, "syscall")?.split(separator: " ").first.map({ String($0) }) else { return }
        samples.add(1, ordering: .relaxed)
        guard Int(call) != nil, !Self.waits.contains(call), let count = sleepCount(thread) else {
            sleep = nil
            return
        }
        guard let known = sleep, known.call == call, known.count == count else {
            sleep = Sleep(call: call, count: count)
            return
        }
        if known.stopwatch.elapsed > Self.limit { found.withLock { _ = $0.insert("asleep in system call \(call)") } }
    }

    /// How often a thread that is asleep now has gone to sleep; nil when it is awake.
    private func sleepCount(_ thread: String) -> String? {
        let lines = read(thread, "status")?.split(separator: "\n") ?? []
        let state = lines.first { $0.hasPrefix("State:") }
        guard let state, state.contains("S (") || state.contains("D (") else { return nil }
        return lines.first { $0.hasPrefix("voluntary_ctxt_switches:") }.map { String($0) }
    }

    private func read(_ thread: String, _ name: String) -> String? {
        try? String(contentsOfFile: "\(folder)/\(thread)/\(name)", encoding: .utf8)
    }
}
