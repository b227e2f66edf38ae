// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The keys of a file, which may be replaced at any time: by writing it, by renaming another over it, or by swapping a
/// symbolic link on the way to it, as Kubernetes does with `..data`.
///
/// ``reload()`` is to be called every few seconds, on a thread that may block. The whole file is read and compared each
/// time, so that no change is missed, whatever its times say; one that is bad, or cannot be read, leaves the last good
/// keys in force. Thread-safe.
public final class KeySetFile: Sendable {
    /// What the file holds.
    public enum Format: Sendable, Hashable {
        /// A JSON Web Key Set (RFC 7517 section 5).
        case jwkSet
        /// The bytes of one key. A line end behind them does not count.
        case rawKey
    }

    /// What ``KeySetFile/reload()`` has found.
    public enum Reload: Sendable, Hashable {
        /// Nothing new.
        case unchanged
        /// Other keys than before, in force from now on.
        case loaded
        /// Something that is no set of keys. Told once for each reason.
        case failed(KeySetError)
        /// The same that has been told already.
        case stillFailing
    }

    /// Where the file is.
    public let path: String
    private let format: Format
    private let state: Mutex<State>

    private struct State {
        var keys: KeySet
        /// What the keys were read from, by its digest.
        var digest: [UInt8]
        /// Why the last reload failed, if it did.
        var failure: KeySetError?
        var failureCount = 0
        /// What a raw key that is to come was read as the last time.
        var candidate: [UInt8] = []
    }

    /// Reads the file.
    ///
    /// - Throws: ``KeySetError`` when it cannot be read, may be read by everyone, or holds no set of keys.
    public init(path: String, format: Format) throws(KeySetError) {
        self.path = path
        self.format = format
        let bytes = try Self.read(path)
        state = Mutex(State(keys: try Self.keys(in: bytes, format), digest: SHA256.digest(of: bytes)))
    }

    /// The keys in force.
    public var keys: KeySet { state.withLock { $0.keys } }

    /// How many reloads have failed, each time that they have: as long as the file is bad, it rises.
    public var failureCount: Int { state.withLock { $0.failureCount } }

    /// Reads the file again, and puts its keys in force when they are in order; a raw key when it has been read twice
    /// alike. Blocks for as long as reading takes.
    public func reload() -> Reload {
        do throws(KeySetError) {
            let bytes = try Self.read(path)
            let digest = SHA256.digest(of: bytes)
            let isSettled = state.withLock { state in
                if state.digest == digest { state.failure = nil }
                defer { state.candidate = digest }
                // Half of a raw key may be a key: one that is being written is not taken before it lies still.
                return state.digest != digest && (format == .jwkSet || state.candidate == digest)
            }
            if !isSettled { return .unchanged }
            let keys = try Self.keys(in: bytes, format)
            state.withLock { state in
                (state.keys, state.digest, state.failure) = (keys, digest, nil)
            }
            return .loaded
        } catch {
            return state.withLock { state in
                state.failureCount += 1
                guard state.failure != error else { return .stillFailing }
                state.failure = error
                return .failed(error)
            }
        }
    }

    private static func keys(in bytes: [UInt8], _ format: Format) throws(KeySetError) -> KeySet {
        switch format {
        case .jwkSet: return try KeySet(jwkSet: bytes)
        case .rawKey:
            var key = bytes
            if key.last == UInt8(ascii: "\n") { key.removeLast() }
            if key.last == UInt8(ascii: "\r") { key.removeLast() }
            return try KeySet(rawKey: key)
        }
    }

    private static func read(_ path: String) throws(KeySetError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw KeySetError(.unreadable, "\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw KeySetError(.unreadable, "\(path) is no file: give the path of one")
        }
        guard status.st_mode & 0o007 == 0 else {
            throw KeySetError(.exposed, "\(path) can be read or written by everyone: 'chmod o-rwx' it")
        }
        var bytes: [UInt8] = []
        let limit = JWKSetParser.maximumByteCount + 1
        while bytes.count < limit {
            let room = limit - bytes.count
            var result = 0
            let part = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                result = systemRead(descriptor, buffer.baseAddress, room)
                count = max(0, result)
            }
            if result < 0 {
                throw KeySetError(.unreadable, "\(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            if part.isEmpty { break }
            bytes += part
        }
        return bytes
    }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
