// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// A process started by a test. Thread-safe.
///
/// Started with the system's own call: Foundation's `Process` reads past the end of its list of descriptors when a test
/// process has more than some 1,300 of them open, which tests with thousands of clients have.
package final class ChildProcess: Sendable {
    package enum Failure: Error {
        case system(errno: Int32)
    }

    /// Held while a child starts, and while a descriptor is made that no child may inherit.
    static let startLock = Mutex(())

    package let identifier: Int32
    private let ended = Mutex<Int32?>(nil)
    private let running = DispatchGroup()

    /// - Parameters:
    ///   - command: The program, found by `PATH`, and its arguments.
    ///   - environment: Its whole environment; that of the tests when nil.
    ///   - input: What it reads; the descriptors are the caller's to close.
    package init(
        _ command: [String], environment: [String: String]? = nil, input: Int32, output: Int32, error: Int32
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, number) in [(input, 0), (output, 1), (error, 2)] as [(Int32, Int32)] {
            posix_spawn_file_actions_adddup2(&actions, descriptor, number)
        }
        try Self.closeOthers(in: &actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        let variables = environment ?? ProcessInfo.processInfo.environment
        let arguments = command.map { strdup($0) } + [nil]
        let environment = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + environment { free(pointer) } }
        let (identifier, result) = Self.startLock.withLock { _ in
            var identifier = pid_t()
            let result = posix_spawnp(&identifier, command[0], &actions, &attributes, arguments, environment)
            return (identifier, result)
        }
        if result != 0 { throw Failure.system(errno: result) }
        self.identifier = identifier
        running.enter()
        Thread.detachNewThread { [self] in
            var status: Int32 = 0
            while waitpid(identifier, &status, 0) == -1, errno == EINTR {}
            let signal = status & 0x7f
            ended.withLock { $0 = signal == 0 ? status >> 8 & 0xff : -signal }
            running.leave()
        }
    }

    /// Runs a command to its end, without input and output of its own, and returns its exit code.
    package static func run(_ command: [String]) async throws -> Int32 {
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(nothing) }
        let process = try ChildProcess(command, input: nothing, output: nothing, error: 2)
        try await wait(for: "the end of \(command)", within: .seconds(60)) { !process.isRunning }
        return process.exitCode ?? 0
    }

    /// Has the child close every other descriptor: the sockets of NIO's clients would live on in it, and their servers
    /// never see them close.
    private static func closeOthers(in actions: inout posix_spawn_file_actions_t) throws {
        #if os(Linux)
        // Of glibc 2.34 and later; not among what Swift imports of it.
        typealias CloseFrom = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else {
            throw Failure.system(errno: ENOSYS)
        }
        let result = unsafeBitCast(symbol, to: CloseFrom.self)(&actions, 3)
        if result != 0 { throw Failure.system(errno: result) }
        #endif
    }

    package var isRunning: Bool { exitCode == nil }

    /// The exit code, or minus the signal that ended it; nil while it runs.
    package var exitCode: Int32? { ended.withLock { $0 } }

    /// Blocks until it has ended, at most so long: for where nothing can be awaited.
    package func waitUntilEnd(seconds: Double) { _ = running.wait(timeout: .now() + seconds) }

    /// Sends a signal, unless the process has ended and its number may be another's.
    package func kill(_ signal: Int32) {
        if isRunning { _ = Foundation.kill(identifier, signal) }
    }
}
