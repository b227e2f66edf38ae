// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
public import Logging
import Synchronization

/// Writes log lines to a descriptor from a thread of its own.
///
/// A line is formatted into a buffer of fixed size, under a lock that is never held while the system writes: whoever
/// logs never waits for the reader of the log. When the reader stalls and the buffer is full, lines are dropped and
/// counted; once there is room again, one line says how many. Thread-safe.
public final class LogWriter: Sendable {
    private let descriptor: Int32
    private let capacity: Int
    private let format: LogFormat
    private let state: Mutex<State>
    /// Raised when there is something to write while the thread waits, or much while it gathers.
    private let wakeUp = DispatchSemaphore(value: 0)
    /// Raised behind each batch while someone waits for the end of the work.
    private let written = DispatchSemaphore(value: 0)
    private let prefix: [UInt8]

    private struct State {
        var pending: [UInt8]
        var timestamp = LogTimestamp()
        var droppedCount = 0
        /// How many lines were logged, by level.
        var lineCounts = [Int](repeating: 0, count: Logger.Level.allCases.count)
        /// How many of the dropped lines have been told of.
        var reportedDropCount = 0
        var isThreadWaiting = false
        var isWriting = false
        var isInHurry = false
    }

    /// How long lines are gathered before they are written together.
    private static let gatheringTime = DispatchTimeInterval.milliseconds(10)

    /// - Parameters:
    ///   - descriptor: Where to write, standard output by default; it stays open.
    ///   - format: How lines are written.
    ///   - identity: Which service writes.
    ///   - capacity: How many bytes may wait to be written.
    public init(
        descriptor: Int32 = 1, format: LogFormat, identity: LogIdentity, capacity: Int = 1 << 20
    ) {
        self.descriptor = descriptor
        self.format = format
        self.capacity = capacity
        var line = LogLine(bytes: [], format: format)
        if format == .json {
            line.field("service.name", identity.serviceName)
            line.field("service.version", identity.serviceVersion)
        }
        prefix = line.bytes
        state = Mutex(State(pending: []))
        let thread = Thread { [self] in run() }
        thread.name = "log-writer"
        thread.start()
    }

    /// How many lines have been dropped since the start.
    public var droppedCount: Int { state.withLock { $0.droppedCount } }

    /// How many lines have been logged since the start, by level, those that were dropped left out.
    public var lineCounts: [(level: Logger.Level, count: Int)] {
        let counts = state.withLock { $0.lineCounts }
        return zip(Logger.Level.allCases, counts).map { ($0, $1) }
    }

    /// Writes one line: `timestamp`, `level`, `message`, `logger`, the service, and the fields that `body` adds.
    ///
    /// Does not block. The line is dropped when the buffer is full.
    public func write(
        _ level: Logger.Level, _ message: String, logger: StaticString, _ body: (inout LogLine) -> Void
    ) {
        write(level, message, { $0.verbatim(logger) }, body)
    }

    func write(
        _ level: Logger.Level, _ message: String, loggerLabel label: String, _ body: (inout LogLine) -> Void
    ) {
        write(level, message, { $0.escape(label, limit: LogLine.maximumValueLength) }, body)
    }

    private func write(
        _ level: Logger.Level, _ message: String, _ logger: (inout LogLine) -> Void, _ body: (inout LogLine) -> Void
    ) {
        let now = LogTimestamp.now()
        let needsWakeUp = state.withLock { state in
            guard state.pending.count < capacity else {
                state.droppedCount += 1
                return false
            }
            let isHalfFull = state.pending.count > capacity / 2
            appendDropReport(to: &state, at: now)
            state.lineCounts[level.index] += 1
            append(to: &state, at: now, level, message, logger, body)
            defer { state.isThreadWaiting = false }
            return state.isThreadWaiting || (!isHalfFull && state.pending.count > capacity / 2)
        }
        if needsWakeUp { wakeUp.signal() }
    }

    private func append(
        to state: inout State, at now: timespec, _ level: Logger.Level, _ message: String,
        _ logger: (inout LogLine) -> Void, _ body: (inout LogLine) -> Void
    ) {
        // Moved out and back in, so that the array stays uniquely referenced and is not copied.
        var line = LogLine(bytes: state.pending, format: format)
        state.pending = []
        switch format {
        case .json:
            line.verbatim("{\"timestamp\":\"")
            state.timestamp.append(now, to: &line.bytes)
            line.verbatim("\",\"level\":\"")
            line.bytes.append(contentsOf: level.rawValue.utf8)
            line.verbatim("\",\"message\":")
            line.message(message)
            line.verbatim(",\"logger\":\"")
            logger(&line)
            line.verbatim("\"")
            line.bytes.append(contentsOf: prefix)
            body(&line)
            line.verbatim("}\n")
        case .text:
            state.timestamp.append(now, to: &line.bytes)
            line.verbatim(" ")
            line.bytes.append(contentsOf: level.rawValue.utf8)
            line.verbatim(" ")
            logger(&line)
            line.verbatim(": ")
            line.message(message)
            body(&line)
            line.verbatim("\n")
        }
        state.pending = line.bytes
    }

    private func appendDropReport(to state: inout State, at now: timespec) {
        let count = state.droppedCount - state.reportedDropCount
        guard count > 0 else { return }
        state.reportedDropCount = state.droppedCount
        append(to: &state, at: now, .warning, "log lines were dropped: the reader of the log is too slow") {
            $0.verbatim("log")
        } _: {
            $0.field("count", count)
        }
    }

    /// Waits until everything logged so far has been written, or `limit` has passed. Returns whether it has been
    /// written.
    ///
    /// Blocks the thread: for the end of a process.
    @discardableResult
    public func flush(within limit: Duration = .seconds(1)) -> Bool {
        let deadline = DispatchTime.now() + .nanoseconds(Int(limit / .nanoseconds(1)))
        while true {
            let isDone = state.withLock { state in
                state.isInHurry = !state.pending.isEmpty || state.isWriting
                return !state.isInHurry
            }
            if isDone { return true }
            wakeUp.signal()
            if written.wait(timeout: deadline) == .timedOut {
                state.withLock { $0.isInHurry = false }
                return false
            }
        }
    }
}

extension Logger.Level {
    /// Its place among all levels, from 0.
    fileprivate var index: Int {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }
}

// MARK: - The thread

extension LogWriter {
    private func run() {
        var batch: [UInt8] = []
        var isMidLine = false
        batch.reserveCapacity(capacity)
        while true {
            let (isEmpty, isInHurry) = state.withLock { state in
                state.isWriting = false
                state.isThreadWaiting = state.pending.isEmpty
                return (state.pending.isEmpty, state.isInHurry)
            }
            if isInHurry { written.signal() }
            if isEmpty { wakeUp.wait() }
            gather()
            batch.removeAll(keepingCapacity: true)
            state.withLock { state in
                swap(&state.pending, &batch)
                state.isWriting = true
            }
            isMidLine = write(batch, isMidLine: isMidLine)
        }
    }

    /// Waits a moment for more lines, so that a busy service writes many at once; not at the end of the process.
    private func gather() {
        if state.withLock({ $0.isInHurry }) { return }
        _ = wakeUp.wait(timeout: .now() + Self.gatheringTime)
    }

    /// Writes a batch of lines. Returns whether a line was broken off in its midst, which the next batch must end
    /// first.
    private func write(_ batch: [UInt8], isMidLine: Bool) -> Bool {
        if isMidLine {
            var end = UInt8(ascii: "\n")
            if systemWrite(descriptor, &end, 1) < 1 {
                noteLoss(of: batch[...])
                return true
            }
        }
        return batch.withUnsafeBytes { bytes in
            var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
            while !rest.isEmpty {
                let count = systemWrite(descriptor, rest.baseAddress, rest.count)
                if count > 0 {
                    rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
                } else if errno == EAGAIN {
                    waitUntilWritable()
                } else if errno != EINTR {
                    // Nobody reads any more, or the disk is full: what cannot be written is gone, and counted.
                    noteLoss(of: rest)
                    return rest.count < bytes.count && bytes[bytes.count - rest.count - 1] != UInt8(ascii: "\n")
                }
            }
            return false
        }
    }

    private func noteLoss(of bytes: some Sequence<UInt8>) {
        let lost = bytes.count { $0 == UInt8(ascii: "\n") }
        state.withLock { $0.droppedCount += lost }
    }

    private func waitUntilWritable() {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = systemPoll(&poll, 1, 1000)
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

private func systemPoll(_ descriptors: UnsafeMutablePointer<pollfd>, _ count: nfds_t, _ timeout: Int32) -> Int32 {
    poll(descriptors, count, timeout)
}
