// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// Collects what a process writes, each of its two outputs on a thread of its own. Thread-safe.
final class OutputCollector: Sendable {
    let standardOutput: ChildPipe
    let standardError: ChildPipe
    private let bytes = Mutex<(output: [UInt8], all: [UInt8])>(([], []))
    private let open = DispatchGroup()

    init() throws {
        standardOutput = try ChildPipe()
        standardError = try ChildPipe()
    }

    /// Starts to read; to be called once the process has been started.
    func start() {
        for (pipe, isOutput) in [(standardOutput, true), (standardError, false)] {
            open.enter()
            Thread.detachNewThread { [self] in
                while true {
                    let data = pipe.read()
                    if data.isEmpty { break }
                    bytes.withLock {
                        if isOutput { $0.output += data }
                        $0.all += data
                    }
                }
                pipe.closeReadEnd()
                open.leave()
            }
        }
    }

    var text: String { bytes.withLock { String(decoding: $0.all, as: UTF8.self) } }
    var standardOutputBytes: [UInt8] { bytes.withLock { $0.output } }

    /// Waits until all has been read, which it is once the process, and all that it has started, have ended.
    func finish() async {
        await withCheckedContinuation { continuation in
            open.notify(queue: .global()) { continuation.resume() }
        }
    }
}
